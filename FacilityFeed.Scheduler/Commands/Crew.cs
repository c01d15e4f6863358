using FacilityFeed.Domain;
using FacilityFeed.Domain.Feeds;
using FacilityFeed.Infrastructure.Feeds;
using FacilityFeed.Infrastructure.Ledger;
using FacilityFeed.Scheduler.Hosting;
using Hangfire;
using Hangfire.Storage;

namespace FacilityFeed.Scheduler.Commands;

/// <summary>Who works on a command's run: a service that is up, or else this process itself.</summary>
internal sealed class Crew(FeedDefinition feed, JobServers servers, LivingServers living, RunLedger runs, FeedCatalog feeds, JobStorage storage)
{
    private bool _isAnnounced;

    /// <summary>Whether this process works itself.</summary>
    public bool IsAlone => servers.IsRunning;

    /// <summary>
    /// Fails when this process would work alone and an older version began an active run, of whatever feed, that reads or writes
    /// otherwise than it is configured here: its small jobs lie in the queue that all feeds shared. Workers here serve that one too,
    /// and would refuse them for good.
    /// </summary>
    /// <exception cref="FeedRejectedException">There is such a run.</exception>
    public async Task RefuseForeignAsync(CancellationToken cancellationToken)
    {
        if (OthersServe())
        {
            return;
        }

        using var jobs = storage.GetConnection();
        foreach (var run in (await runs.ListActiveAsync(cancellationToken)).Where(run => IsShared(jobs, run.PlanJobId) || IsShared(jobs, run.ManifestJobId)))
        {
            feeds.GetFor(run.Id, run.Feed, run.Recipe);
        }
    }

    /// <summary>Starts workers here unless others serve this feed. Asked again and again, it takes over when they vanish.</summary>
    public void StartIfAlone()
    {
        if (servers.IsRunning)
        {
            return;
        }

        if (!OthersServe())
        {
            servers.Start(JobClocks.RetriesOnly, [feed]);
        }
        else if (!_isAnnounced)
        {
            // One that was killed a moment ago looks alive, and nothing moves until it is given up.
            Console.Error.WriteLine($"others work on it: {living.Describe(feed.ChunkQueue)}");
            _isAnnounced = true;
        }
    }

    private static bool IsShared(IStorageConnection jobs, string? jobId) => jobId is not null && jobs.GetJobData(jobId)?.Job?.Queue == FeedJobs.SharedQueue;

    // A service of an older version serves the chunks alone: the plan and the manifest that are made here would wait for ever beside it.
    private bool OthersServe()
    {
        var queues = living.Queues();
        return queues.Contains(feed.CoordinationQueue) && queues.Contains(feed.ChunkQueue);
    }
}
