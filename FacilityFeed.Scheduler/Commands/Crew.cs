using FacilityFeed.Domain.Feeds;
using FacilityFeed.Scheduler.Hosting;
using Hangfire;

namespace FacilityFeed.Scheduler.Commands;

/// <summary>Who works on a command's run: a service that is up, or else this process itself.</summary>
internal sealed class Crew(FeedDefinition feed, JobServers servers, JobStorage storage, TimeProvider time)
{
    /// <summary>A server beats every 10 seconds; one that has missed three is not counted on.</summary>
    private static readonly TimeSpan _silence = TimeSpan.FromSeconds(35);

    /// <summary>Whether this process works itself.</summary>
    public bool IsAlone => servers.IsRunning;

    /// <summary>Starts workers here unless others serve this feed. Asked again and again, it takes over when they vanish.</summary>
    public void StartIfAlone()
    {
        if (!servers.IsRunning && !OthersServe())
        {
            servers.Start(JobClocks.RetriesOnly, [feed]);
        }
    }

    private bool OthersServe()
    {
        var since = time.GetUtcNow().UtcDateTime - _silence;
        var queues = storage.GetMonitoringApi().Servers()
            .Where(server => server.Heartbeat > since)
            .SelectMany(server => server.Queues)
            .ToHashSet(StringComparer.Ordinal);
        return queues.Contains(FeedJobs.CoordinationQueue) && queues.Contains(feed.ChunkQueue);
    }
}
