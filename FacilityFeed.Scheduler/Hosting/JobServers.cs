using FacilityFeed.Domain.Feeds;
using FacilityFeed.Infrastructure.Feeds;
using FacilityFeed.Infrastructure.Ledger.Attempts;
using FacilityFeed.Scheduler.Jobs;
using FacilityFeed.Scheduler.Watching;
using Hangfire;
using Hangfire.Client;
using Hangfire.Common;
using Hangfire.Server;
using Hangfire.States;

namespace FacilityFeed.Scheduler.Hosting;

/// <summary>Which of Hangfire's two clocks a process runs.</summary>
public enum JobClocks
{
    /// <summary>Due retries are moved to their queues; no schedule starts a run.</summary>
    RetriesOnly,

    /// <summary>Retries, the feeds' schedules, and what a service does beside its jobs.</summary>
    RetriesAndSchedules,
}

/// <summary>
/// The Hangfire servers of this process: one for the small coordination jobs, and one per feed, so that neither a long run
/// nor another feed makes a manifest wait.
/// </summary>
public sealed class JobServers(JobStorage storage, IJobFilterProvider filters, JobActivator activator, FeedCatalog feeds, Lazy<Watcher> watcher, IEnumerable<IBackgroundProcess> upkeep, TimeProvider time) : IAsyncDisposable
{
    private const int CoordinationWorkers = 2;

    /// <summary>Seconds until whatever the state database has failed asks it again.</summary>
    private const int MostPause = 5;

    private static readonly TimeSpan _schedulePolling = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan _heartbeat = TimeSpan.FromSeconds(10);

    private readonly List<BackgroundProcessingServer> _servers = [];

    public bool IsRunning => _servers.Count > 0;

    /// <summary>Starts the coordination server and the chunk servers of <paramref name="served"/>.</summary>
    public void Start(JobClocks clocks, IEnumerable<FeedDefinition> served)
    {
        var stateChanger = new BackgroundJobStateChanger(filters);
        watcher.Value.RunsSchedules = clocks == JobClocks.RetriesAndSchedules;
        List<IBackgroundProcess> clockwork = [new DelayedJobScheduler(_schedulePolling, stateChanger), watcher.Value];
        if (clocks == JobClocks.RetriesAndSchedules)
        {
            clockwork.Add(new RecurringJobScheduler(new BackgroundJobFactory(filters), _schedulePolling, new DefaultTimeZoneResolver(), () => time.GetUtcNow().UtcDateTime));
            clockwork.AddRange(upkeep);
        }

        _servers.Add(StartOne([.. served.Select(feed => FeedQueues.Coordination(feed.Key)), .. served.Select(feed => FeedQueues.EarlierCoordination(feed.Key))], CoordinationWorkers, stateChanger, clockwork, isFirst: true));
        _servers.AddRange(served.Select(feed => StartOne([FeedQueues.Chunks(feed.Key), FeedQueues.Ahead(feed.Key), .. FeedQueues.EarlierChunks(feed.Key)], feed.Workers, stateChanger, [], isFirst: false)));
    }

    /// <summary>Starts the servers for every feed.</summary>
    public void StartAll(JobClocks clocks) => Start(clocks, feeds.All);

    /// <summary>Stops fetching jobs at once; running ones are cancelled and go back to their queues.</summary>
    public void SendStop() => _servers.ForEach(server => server.SendStop());

    /// <summary>Stops and waits for the running jobs, within Hangfire's own shutdown time.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        SendStop();
        await Task.WhenAll(_servers.Select(server => server.WaitForShutdownAsync(cancellationToken)));
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync(CancellationToken.None);
        _servers.ForEach(server => server.Dispose());
        _servers.Clear();
    }

    private BackgroundProcessingServer StartOne(string[] queues, int workers, IBackgroundJobStateChanger stateChanger, IEnumerable<IBackgroundProcess> others, bool isFirst)
    {
        var worker = new Worker(queues, new BackgroundJobPerformer(filters, activator), stateChanger).UseBackgroundPool(workers);
        var properties = new Dictionary<string, object> { ["Queues"] = queues, ["WorkerCount"] = workers };
        return new BackgroundProcessingServer(storage, [worker, .. others.Select(process => process.UseBackgroundPool(1))], properties, new BackgroundProcessingServerOptions
        {
            ServerName = JobServerName.Of(queues[0]),
            HeartbeatInterval = _heartbeat,
            ServerTimeout = TimeSpan.FromMinutes(2),
            ServerCheckInterval = TimeSpan.FromMinutes(1),
            ShutdownTimeout = HostSetup.HangfireShutdown,
            // Hangfire's own pauses grow with the square of the failures of all of a server's workers together, up to 5 minutes: so long they would sleep
            // after the state database is back.
            RetryDelay = failures => TimeSpan.FromSeconds(Math.Min(failures, MostPause)),
            RestartDelay = TimeSpan.FromSeconds(MostPause),
            // The storage's own processes (expiry, the sliding invisibility of all jobs of this process) run once, not once per server.
            ExcludeStorageProcesses = !isFirst,
        });
    }
}
