using FacilityFeed.Domain;
using FacilityFeed.Domain.Feeds;
using FacilityFeed.Infrastructure.Feeds;
using FacilityFeed.Infrastructure.Ledger;
using FacilityFeed.Scheduler.Hosting;

namespace FacilityFeed.Scheduler.Commands;

/// <summary>Who works on a command's run: a service that is up, or else this process itself.</summary>
internal sealed class Crew(FeedDefinition feed, JobServers servers, LivingServers living, RunLedger runs, FeedCatalog feeds)
{
    private bool _isAnnounced;

    /// <summary>Whether this process works itself.</summary>
    public bool IsAlone => servers.IsRunning;

    /// <summary>
    /// Fails when this process would work alone and an active run, of whatever feed, reads or writes otherwise than it is configured
    /// here: its small jobs share a queue with ours, and would be refused and given up.
    /// </summary>
    /// <exception cref="FeedRejectedException">There is such a run.</exception>
    public async Task RefuseForeignAsync(CancellationToken cancellationToken)
    {
        if (OthersServe())
        {
            return;
        }

        foreach (var run in await runs.ListActiveAsync(cancellationToken))
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

    private bool OthersServe()
    {
        var queues = living.Queues();
        return queues.Contains(FeedJobs.CoordinationQueue) && queues.Contains(feed.ChunkQueue);
    }
}
