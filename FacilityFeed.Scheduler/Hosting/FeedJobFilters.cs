using FacilityFeed.Domain;
using FacilityFeed.Scheduler.Exporting;
using FacilityFeed.Scheduler.Operating;
using FacilityFeed.Scheduler.Scheduling;
using Hangfire;
using Hangfire.Common;

namespace FacilityFeed.Scheduler.Hosting;

/// <summary>
/// What Hangfire applies to every job here. Held by this host alone instead of Hangfire's process-wide list, and without
/// its culture filter, which costs three round trips a job and serves nobody here.
/// </summary>
public sealed class FeedJobFilters : IJobFilterProvider
{
    /// <summary>Tries after the first one.</summary>
    public const int Retries = 5;

    private readonly JobFilter[] _filters;

    public FeedJobFilters(FanIn fanIn, DecidingJobs deciding, RequeueRedrive requeue, LastJobs lastJobs, RetryDelays delays)
    {
        var retry = new AutomaticRetryAttribute
        {
            Attempts = Retries,
            DelaysInSeconds = [.. delays.Seconds],
            ExceptOn = [typeof(FeedRejectedException)],
            OnAttemptsExceeded = AttemptsExceededAction.Fail,
            // Our jobs log what they met themselves: once, and many alike together.
            LogEvents = false,
        };
        // Hangfire asks a provider's filters in the order in which they stand here, whatever their own number.
        object[] filters =
        [
            // Before the statistics: a held run has not succeeded, and a discard that is refused deletes nothing.
            deciding,
            retry,
            new StatisticsHistoryAttribute(),
            // After the retry filter too: what it refuses is not to be tried again.
            requeue,
            new PlainFailures(),
            // After the retry filter: only what it leaves as failed is final.
            new FailureSettlement(fanIn),
            // After the settlement: it shows what became of the run.
            new RunEnds(lastJobs),
        ];
        _filters = [.. filters.Select((filter, order) => new JobFilter(filter, JobFilterScope.Global, order))];
    }

    public IEnumerable<JobFilter> GetFilters(Job job) => _filters;
}
