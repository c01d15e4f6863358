using FacilityFeed.Infrastructure.Feeds;
using FacilityFeed.Infrastructure.Ledger;
using FacilityFeed.Scheduler.Hosting;
using FacilityFeed.Scheduler.Jobs;
using Hangfire;
using Hangfire.Storage;

namespace FacilityFeed.Scheduler.Scheduling;

/// <summary>
/// Asks for a run by hand: a row of the ledger and the job that carries it out, both or neither. The schedule knows nothing of it: its next time stays,
/// also one that was missed, and no time of the cron counts as had.
/// </summary>
public sealed partial class TriggerRequests(TriggerLedger ledger, FeedCatalog feeds, FeedJobs jobs, RecurringEntries entries, JobStorage storage, TimeProvider time, ILogger<TriggerRequests> log)
{
    /// <summary>The origin of a run that a person asked for on the dashboard.</summary>
    public const string TriggerNow = "trigger now";

    // Only what the page shows waits for it.
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(5);

    /// <summary>Whether a build that knows of these rows carries an entry's triggers out: this one, or another one that registered it.</summary>
    public bool IsOfThisBuild(RecurringJobDto entry) => entry.Job.Queue != FeedQueues.EarlierCoordination((string)entry.Job.Args[0]) || feeds.All.Any(feed => feed.Key == (string)entry.Job.Args[0]);

    /// <param name="entry">The feed's entry of the recurring page.</param>
    /// <param name="origin">How it is asked for; the run gets the same.</param>
    /// <returns>The job.</returns>
    public string Request(RecurringJobDto entry, string origin)
    {
        var feed = (string)entry.Job.Args[0];
        using var connection = storage.GetConnection();
        using var held = TryLock(connection, entry.Id);
        using var transaction = LedgerTransaction.Begin();
        var id = ledger.Add(feed, origin);
        // Of a feed that another service has, the entry knows the queue; one of an earlier build would carry it out without the ledger.
        var jobId = jobs.CreateTrigger(feed, entry.Job.Queue is { } queue && queue != FeedQueues.EarlierCoordination(feed) ? queue : FeedQueues.Coordination(feed), id);
        ledger.SetJob(id, jobId);
        if (held is not null)
        {
            entries.ShowJob(entry.Id, jobId, time.GetUtcNow().UtcDateTime);
        }

        transaction.Complete();
        LogRequested(feed, origin, jobId);
        return jobId;
    }

    /// <summary>Hangfire's own lock of the entry. Whoever died with it holds it for a minute and more, and no person waits so long for a button.</summary>
    private static IDisposable? TryLock(IStorageConnection connection, string id)
    {
        try
        {
            return connection.AcquireDistributedLock(RecurringEntries.LockOf(id), _patience);
        }
        catch (DistributedLockTimeoutException)
        {
            // The entry shows the run as soon as there is one.
            return null;
        }
    }

    [LoggerMessage(1018, LogLevel.Information, "Feed {Feed}: a run is asked for by {Origin}, job {JobId}")]
    private partial void LogRequested(string feed, string origin, string jobId);
}
