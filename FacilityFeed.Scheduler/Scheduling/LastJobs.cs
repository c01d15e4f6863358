using System.Globalization;
using System.Transactions;
using FacilityFeed.Domain.Ledger;
using FacilityFeed.Infrastructure.Ledger;
using Hangfire.Common;
using Hangfire.States;
using Hangfire.Storage;

namespace FacilityFeed.Scheduler.Scheduling;

/// <summary>
/// Lets a feed's recurring entry show how its newest run stands. Hangfire itself names the trigger job, which succeeds whatever becomes of the run.
/// Computed from the ledger each time, so nothing that was missed stays wrong.
/// </summary>
public sealed partial class LastJobs(RunJobsLedger ledger, RecurringEntries entries, ILogger<LastJobs> log)
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan _briefly = TimeSpan.FromSeconds(1);

    /// <summary>For the watcher.</summary>
    public void Correct(IEnumerable<string> feeds)
    {
        foreach (var run in ledger.ListNewest(feeds))
        {
            try
            {
                Correct(run.Feed, _patience, endedTrigger: null);
            }
            catch (DistributedLockTimeoutException taken)
            {
                // Hangfire is at work on it; the other feeds do not wait for the next look.
                LogLeft(taken.Message);
            }
        }
    }

    /// <summary>For whoever ends a run: at once, if that can be; otherwise the watcher does it within a round. Does nothing inside a transaction.</summary>
    /// <param name="feed">The feed.</param>
    /// <param name="endedTrigger">A trigger job that is about to succeed: what it had to say it has said.</param>
    public void TryCorrect(string feed, string? endedTrigger = null) => Try(() => Correct(feed, _briefly, endedTrigger));

    /// <inheritdoc cref="TryCorrect"/>
    public void TryCorrectOf(long runId) => Try(() =>
    {
        if (ledger.Find(runId) is { } run)
        {
            Correct(run.Feed, _briefly, endedTrigger: null);
        }
    });

    private void Try(Action correct)
    {
        if (Transaction.Current is not null)
        {
            return;
        }

        try
        {
            correct();
        }
        catch (Exception failure)
        {
            // The watcher does the same, and says so when it cannot.
            LogLeft(StateFailure.Explain(failure));
        }
    }

    private void Correct(string feed, TimeSpan patience, string? endedTrigger)
    {
        entries.Set(feed, RecurringEntries.LastJobField, patience, (connection, entry) =>
            ledger.ListNewest([feed]) is [var newest] && !IsTriggerOpen(connection, entry.GetValueOrDefault(RecurringEntries.LastJobField), newest, endedTrigger) ? newest.DecidingJob : null);
        // The page shows nothing of the job where the entry was never triggered: a feed that was only published, or an entry that came back.
        // Not behind a time that was missed while no service was up: Hangfire would leave that one out.
        entries.Set(feed, RecurringEntries.LastExecutionField, patience, (_, entry) =>
            string.IsNullOrEmpty(entry.GetValueOrDefault(RecurringEntries.LastExecutionField)) && ledger.ListNewest([feed]) is [var newest]
            && RecurringEntries.MayShow(entry, newest.RequestedAt)
                ? JobHelper.SerializeDateTime(newest.RequestedAt) : null);
    }

    /// <summary>A trigger job that waits, is tried again or has failed is newer than the newest run, and the only one that knows of it.</summary>
    private static bool IsTriggerOpen(IStorageConnection connection, string? jobId, RunJobs newest, string? endedTrigger) =>
        jobId != endedTrigger
        && long.TryParse(jobId, CultureInfo.InvariantCulture, out _)
        && connection.GetJobData(jobId) is { } data
        && data.Job?.Type == typeof(TriggerJob)
        && data.State != SucceededState.StateName && data.State != DeletedState.StateName
        && data.CreatedAt > newest.RequestedAt;

    [LoggerMessage(1010, LogLevel.Debug, "A recurring entry was left to the watcher's next look: {Reason}")]
    private partial void LogLeft(string reason);
}
