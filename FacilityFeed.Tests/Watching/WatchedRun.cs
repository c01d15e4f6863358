using FacilityFeed.Domain.Ledger;
using FacilityFeed.Infrastructure.Ledger;
using FacilityFeed.Scheduler.Exporting;
using FacilityFeed.Scheduler.Planning;
using FacilityFeed.Scheduler.Watching;
using FacilityFeed.Tests.Support;
using Hangfire;
using Hangfire.States;

namespace FacilityFeed.Tests.Watching;

/// <summary>A host that starts no workers, with a run in some state; and ways to break it.</summary>
internal sealed class WatchedRun : IAsyncDisposable
{
    /// <summary>Silence after a tenth of a second, so that a second look is enough.</summary>
    public static WatchTimes Soon { get; } = new() { Interval = TimeSpan.FromHours(1), Silence = TimeSpan.FromMilliseconds(100), Start = TimeSpan.FromMilliseconds(100), Beat = TimeSpan.FromMilliseconds(20), AliasInterval = TimeSpan.Zero };

    private static readonly TimeSpan _deadline = TimeSpan.FromSeconds(20);

    private WatchedRun(TestHost host, long id)
    {
        Host = host;
        Id = id;
    }

    public TestHost Host { get; }

    public long Id { get; }

    public Watcher Watcher => Host.Get<Watcher>();

    /// <summary>A run whose plan job waits in its queue.</summary>
    public static async Task<WatchedRun> TriggeredAsync(int rows = 25, WatchTimes? watch = null)
    {
        var host = await TestHost.CreateAsync(Facilities.Numbered(1, rows), watch: watch ?? Soon);
        return new WatchedRun(host, await host.TriggerAsync());
    }

    /// <summary>A run whose chunk jobs wait in their queue.</summary>
    public static async Task<WatchedRun> PlannedAsync(int rows = 25, WatchTimes? watch = null)
    {
        var run = await TriggeredAsync(rows, watch);
        await run.Host.Get<RunPlanner>().PlanAsync(run.Id, (await run.FindAsync()).PlanJobId!, CancellationToken.None);
        return run;
    }

    /// <summary>A run whose manifest job waits in its queue.</summary>
    public static async Task<WatchedRun> ExportedAsync(WatchTimes? watch = null)
    {
        var run = await PlannedAsync(watch: watch);
        foreach (var chunk in await run.Host.Chunks.ListAsync(run.Id, CancellationToken.None))
        {
            await run.Host.Get<ChunkRunner>().RunAsync(run.Id, chunk.Number, chunk.JobId, CancellationToken.None);
        }

        return run;
    }

    public async Task<RunView> FindAsync() => (await Host.Runs.FindAsync(Id, CancellationToken.None))!;

    public async Task<ChunkView> ChunkAsync(int number) => (await Host.Chunks.FindAsync(Id, number, CancellationToken.None))!;

    public Task TickAsync() => Watcher.TickAsync(CancellationToken.None);

    /// <summary>The repairs in the audit trail.</summary>
    public async Task<IReadOnlyList<string>> RepairsAsync() =>
        [.. (await Host.Runs.EventsAsync(Id, CancellationToken.None)).Where(line => line.Event == "repair").Select(line => line.Detail!)];

    /// <summary>Looks until the watcher has repaired something.</summary>
    public Task<string> TickUntilRepairAsync() => Until.Async(async () =>
    {
        await TickAsync();
        return await RepairsAsync() is [.., var newest] ? newest : null;
    }, _deadline, "a repair");

    /// <summary>As a worker leaves it that fetched the job: with the state it came to before it hung.</summary>
    public Task FetchedAsync(string jobId, string state) =>
        Host.State.ExecuteAsync($"UPDATE hangfire.jobqueue SET fetchedat = now() WHERE jobid = {jobId}; UPDATE hangfire.job SET statename = '{state}' WHERE id = {jobId}");

    /// <summary>As a worker leaves it that was killed: at work for Hangfire, in a server of that name.</summary>
    public Task BegunAsync(string jobId, string server) => Host.State.ExecuteAsync($$"""
        UPDATE hangfire.jobqueue SET fetchedat = now() WHERE jobid = {{jobId}};
        WITH s AS (INSERT INTO hangfire.state (jobid, name, createdat, data) VALUES ({{jobId}}, 'Processing', now(), '{"ServerId":"{{server}}"}') RETURNING id)
        UPDATE hangfire.job SET statename = 'Processing', stateid = s.id FROM s WHERE job.id = {{jobId}}
        """);

    /// <summary>The job is over for Hangfire, and the filter that tells the ledger was not heard.</summary>
    public Task OverAsync(string jobId, string state, string data = "{}") => Host.State.ExecuteAsync($$"""
        DELETE FROM hangfire.jobqueue WHERE jobid = {{jobId}};
        WITH s AS (INSERT INTO hangfire.state (jobid, name, reason, createdat, data) VALUES ({{jobId}}, '{{state}}', 'a reason', now(), '{{data}}') RETURNING id)
        UPDATE hangfire.job SET statename = '{{state}}', stateid = s.id FROM s WHERE job.id = {{jobId}}
        """);

    /// <summary>Hangfire gives the job up past all filters, as a worker does that could not write down what became of it.</summary>
    /// <param name="jobId">The job.</param>
    /// <param name="reason">Hangfire's words; what they are of a job whose result was not written down unless others are given.</param>
    /// <param name="error">What it met.</param>
    /// <param name="server">Hangfire's name of the server that says so.</param>
    public async Task GiveUpAsync(string jobId, string reason = BookkeepingReason, Exception? error = null, string server = "alpha:shards-facility:17:1b")
    {
        await Host.State.ExecuteAsync($"DELETE FROM hangfire.jobqueue WHERE jobid = {jobId}");
        using var connection = Host.Get<JobStorage>().GetConnection();
        using var transaction = connection.CreateWriteTransaction();
        transaction.SetJobState(jobId, new FailedState(error ?? new InvalidOperationException("25006: cannot execute INSERT in a read-only transaction"), server) { Reason = reason });
        transaction.Commit();
    }

    public const string BookkeepingReason = "Failed to change state to a 'Succeeded' one due to an exception after 10 retry attempts";

    public Task LoseAsync(string jobId) => Host.State.ExecuteAsync($"DELETE FROM hangfire.jobqueue WHERE jobid = {jobId}; DELETE FROM hangfire.job WHERE id = {jobId}");

    /// <summary>Works on the run to its end.</summary>
    public async Task<RunView> FinishAsync()
    {
        Host.StartWorkers();
        return await Host.EndOfAsync(Id);
    }

    /// <summary>Works on the run to its end, which is a whole feed.</summary>
    public async Task AssertPublishesAsync()
    {
        var run = await FinishAsync();
        Assert.That(run.State, Is.EqualTo(RunState.Published), run.Reason);
        Assert.That(Publishing.PublishTests.ReadIds(Host.StorePath, run.Manifest!), Is.EqualTo(Enumerable.Range(1, 25).Select(id => $"{id}")));
    }

    public ValueTask DisposeAsync() => Host.DisposeAsync();
}
