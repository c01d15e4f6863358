using FacilityFeed.Domain;
using FacilityFeed.Domain.Ledger;
using FacilityFeed.Infrastructure.Ledger;
using FacilityFeed.Scheduler.Watching;
using FacilityFeed.Tests.Support;
using FacilityFeed.Tests.Watching;
using Npgsql;

namespace FacilityFeed.Tests.Ledger;

/// <summary>A state database that may only be read for a while, as in a fail-over.</summary>
public sealed class WritableSessionsTests
{
    [Test]
    public async Task ARun_OutlivesAFailOver()
    {
        // Looks, signs of life and silence keep the shipped proportions.
        var times = new WatchTimes { Interval = TimeSpan.FromSeconds(1), Silence = TimeSpan.FromSeconds(3), Start = TimeSpan.FromSeconds(3), Beat = TimeSpan.FromSeconds(0.6), Invisibility = TimeSpan.FromSeconds(8), AliasInterval = TimeSpan.Zero };
        await using var host = await TestHost.CreateAsync(Facilities.Slow(60, 0.1), chunkSize: 5, watch: times);
        host.StartWorkers();
        var runId = await host.TriggerAsync();
        await Until.TrueAsync(async () => (await RunSteps.FindAsync(host, runId)).ChunksDone >= 2, TimeSpan.FromSeconds(60), "two chunks");

        await host.State.DemoteAsync();
        // Long enough for each worker to have met it.
        using (var outage = new PeriodicTimer(TimeSpan.FromSeconds(4)))
        {
            await outage.WaitForNextTickAsync();
        }

        await host.State.PromoteAsync();
        // Not by the pool of the host, which has sessions that were ended.
        var run = await Until.Async(async () => await new RunLedger(host.State.Connect).FindAsync(runId, CancellationToken.None) is { } found && !RunTransitions.IsActive(found.State) ? found : null,
            TimeSpan.FromSeconds(60), "the run to end");

        Assert.That(run.State, Is.EqualTo(RunState.Published), run.Reason);
        Assert.That(Publishing.PublishTests.ReadIds(host.StorePath, run.Manifest!), Is.EquivalentTo(Enumerable.Range(1, 60).Select(id => $"{id}")));
        Assert.That((await new ChunkLedger(host.State.Connect).ListAsync(runId, CancellationToken.None)).Select(chunk => chunk.Attempt), Is.All.LessThanOrEqualTo(3));
    }

    [Test]
    public async Task ASessionThatMayOnlyRead_DoesNotComeIntoThePool()
    {
        await using var host = await TestHost.CreateAsync(Facilities.EmptyTable);
        await host.State.DemoteAsync();
        var state = host.Get<Databases>().State;
        state.Clear();

        var refusal = await Assert.ThrowsAsync<PostgresException>(async () => await state.OpenConnectionAsync());
        var atOnce = Assert.Throws<PostgresException>(() => state.OpenConnection());
        await host.State.PromoteAsync();
        await using var write = state.CreateCommand("INSERT INTO feed.feed_pause (feed, paused_by) VALUES ('another', 'test')");

        Assert.That((refusal!.SqlState, atOnce!.SqlState), Is.EqualTo(("25006", "25006")));
        Assert.That(await write.ExecuteNonQueryAsync(), Is.EqualTo(1));
    }

    [Test]
    public async Task WhoeverMeetsOne_ClearsThePool()
    {
        await using var host = await TestHost.CreateAsync(Facilities.EmptyTable);
        var state = host.Get<Databases>().State;
        var before = await SessionAsync(state);

        var failure = await Assert.CatchAsync<FeedException>(() => StateFailure.GuardAsync<int>(state, () => throw new InvalidOperationException("Hangfire's", new PostgresException("read-only", "ERROR", "ERROR", "25006"))));

        Assert.That(failure, Is.InstanceOf<StateException>().With.Message.Contains("may only be read: read-only"));
        Assert.That(await SessionAsync(state), Is.Not.EqualTo(before));
    }

    [Test]
    public async Task WhileItMayOnlyBeRead_TheWatcherJudgesNothing_AndClearsThePool()
    {
        await using var run = await WatchedRun.PlannedAsync();
        await run.LoseAsync((await run.ChunkAsync(1)).JobId);
        var state = run.Host.Get<Databases>().State;
        var before = await SessionAsync(state);
        await TestDatabase.ExecuteOnServerAsync($"ALTER DATABASE {run.Host.State.Name} SET default_transaction_read_only = on");

        var hasLooked = await run.Watcher.TickAsync(CancellationToken.None);
        await run.Host.State.PromoteAsync();
        var repairs = (await run.RepairsAsync()).Count;
        await run.TickAsync();

        Assert.That((hasLooked, repairs, (await run.RepairsAsync()).Count), Is.EqualTo((false, 0, 1)));
        Assert.That(await SessionAsync(state), Is.Not.EqualTo(before));
    }

    [Test]
    public async Task AtTheStart_ItIsAnError_ThatIsNotWaitedFor()
    {
        await using var state = await TestDatabase.CreateAsync();
        await state.DemoteAsync();
        var settings = Settings.Configured.With(("State:ConnectionString", state.ConnectionString), ("Source:Database", "d"), ("Source:User", "u"));

        var failure = await Assert.ThrowsAsync<FeedRejectedException>(() => Databases.OpenAsync(settings, new Infrastructure.Patience(TimeProvider.System), CancellationToken.None));

        Assert.That(failure!.Message, Does.Contain("may only be read").And.Contain("Name the primary server, not a standby"));
    }

    private static async Task<int> SessionAsync(NpgsqlDataSource pool)
    {
        await using var ask = pool.CreateCommand("SELECT pg_backend_pid()");
        return (int)(await ask.ExecuteScalarAsync())!;
    }
}
