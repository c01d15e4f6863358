using FacilityFeed.Domain;
using Hangfire.States;

namespace FacilityFeed.Scheduler.Operating;

/// <summary>
/// Puts what a person must read first, where Hangfire says "an exception occurred" or cuts after fifty characters: a
/// <see cref="FeedException"/> is one line that says what to do. Its stack stays beside it.
/// </summary>
internal sealed class PlainFailures : IElectStateFilter
{
    public void OnStateElection(ElectStateContext context)
    {
        // A retry has put its own state before the failed one, which is written down as well.
        var failed = context.CandidateState as FailedState ?? context.TraversedStates.OfType<FailedState>().LastOrDefault();
        if (failed is null)
        {
            return;
        }

        var failure = failed.Exception as FeedException;
        failed.Reason = failure?.Message ?? failed.Reason;
        switch (context.CandidateState)
        {
            case ScheduledState retry:
                retry.Reason = Whole(retry.Reason, failure);
                break;
            case EnqueuedState atOnce:
                atOnce.Reason = Whole(atOnce.Reason, failure);
                break;
            default:
                break;
        }
    }

    /// <summary>"Retry attempt 1 of 5: " stays, for Hangfire knows its retries by it; of another exception, what Hangfire took, in one line.</summary>
    private static string? Whole(string? reason, FeedException? failure) => reason?.Split(": ", 2) switch
    {
        null => null,
        [var head, _] when failure is not null => $"{head}: {failure.Message}",
        _ => ForeignText.InOneLine(reason),
    };
}
