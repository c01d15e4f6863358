using FacilityFeed.Domain.Feeds;
using FacilityFeed.Scheduler.Hosting;
using FacilityFeed.Scheduler.Jobs;

namespace FacilityFeed.Scheduler.Commands;

/// <summary>Who works on a command's run: a service that is up, or else this process itself.</summary>
internal sealed class Crew(FeedDefinition feed, JobServers servers, LivingServers living)
{
    private bool _isAnnounced;

    /// <summary>Whether this process works itself.</summary>
    public bool IsAlone => servers.IsRunning;

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
            Console.Error.WriteLine($"others work on it: {living.Describe(FeedQueues.Chunks(feed.Key))}");
            _isAnnounced = true;
        }
    }

    // An earlier build serves none of the queues that this one uses: what is made here would wait for ever beside it.
    private bool OthersServe()
    {
        var queues = living.Queues();
        return queues.Contains(FeedQueues.Coordination(feed.Key)) && queues.Contains(FeedQueues.Chunks(feed.Key));
    }
}
