using FacilityFeed.Domain.Ledger;
using FacilityFeed.Domain.Planning;
using FacilityFeed.Infrastructure.Ledger;
using FacilityFeed.Scheduler.Planning;
using FacilityFeed.Tests.Support;

namespace FacilityFeed.Tests.Planning;

public sealed class FanOutTests
{
    private static readonly ChunkPlan _plan = new(10, [.. Enumerable.Range(1, 50).Select(number => new ChunkRange(number, number * 10, number * 10 + 9, 10))]);

    [Test]
    public async Task Start_WritesRunChunksAndJobs_Together()
    {
        await using var host = await TestHost.CreateAsync(Facilities.EmptyTable);
        var claim = await RunSteps.TakePlanAsync(host);

        var isStarted = await host.Get<FanOut>().StartAsync(claim, host.Feed, _plan);

        var run = await host.Runs.FindAsync(claim.RunId, CancellationToken.None);
        var chunks = await host.Chunks.ListAsync(claim.RunId, CancellationToken.None);
        Assert.That(isStarted, Is.True);
        Assert.That((run!.State, run.ChunkCount, run.Remaining), Is.EqualTo((RunState.Running, 50, 50)));
        Assert.That(chunks.Select(chunk => (chunk.Number, chunk.FirstId, chunk.LastId)), Is.EqualTo(_plan.Ranges.Select(range => (range.Number, range.FirstId, range.LastId))));
        Assert.That(chunks.Select(chunk => chunk.JobId), Is.Unique);
        Assert.That(await QueuedAsync(host), Is.EqualTo(50));
    }

    [Test]
    public async Task Start_LeavesNothing_WhenItsTransactionIsRolledBack()
    {
        await using var host = await TestHost.CreateAsync(Facilities.EmptyTable);
        var claim = await RunSteps.TakePlanAsync(host);

        using (LedgerTransaction.Begin())
        {
            await host.Get<FanOut>().StartAsync(claim, host.Feed, _plan);
        }

        Assert.That((await host.Runs.FindAsync(claim.RunId, CancellationToken.None))!.State, Is.EqualTo(RunState.Planning));
        Assert.That(await host.State.ScalarAsync<long>("SELECT count(*) FROM feed.chunk"), Is.Zero);
        Assert.That(await host.State.ScalarAsync<long>("SELECT count(*) FROM hangfire.job"), Is.EqualTo(1), "only the plan job");
        Assert.That(await QueuedAsync(host), Is.Zero);
    }

    [Test]
    public async Task Start_IsOneTransactionOnOneBackend_AndPreparesNone()
    {
        await using var host = await TestHost.CreateAsync(Facilities.EmptyTable);
        var claim = await RunSteps.TakePlanAsync(host);

        using (var transaction = LedgerTransaction.Begin())
        {
            await host.Get<FanOut>().StartAsync(claim, host.Feed, _plan);
            Assert.That(await InTransactionAsync(host), Is.EqualTo(1), "backends in a transaction");
            transaction.Complete();
        }

        Assert.That(await host.Source.ScalarAsync<long>("SELECT count(*) FROM pg_prepared_xacts"), Is.Zero);
        // Every row of the fan-out carries the same transaction id.
        Assert.That(await host.State.ScalarAsync<long>("SELECT count(DISTINCT xmin::text) FROM (SELECT xmin FROM feed.chunk UNION ALL SELECT xmin FROM feed.run) rows"), Is.EqualTo(1));
        Assert.That(await host.State.ScalarAsync<long>("SELECT count(*) FROM hangfire.jobqueue WHERE queue = 'shards-facility' AND xmin::text <> (SELECT xmin::text FROM feed.run)"), Is.Zero);
    }

    [Test]
    public async Task Start_ChangesNothing_WhenTheRunWasCancelledMeanwhile()
    {
        await using var host = await TestHost.CreateAsync(Facilities.EmptyTable);
        var claim = await RunSteps.TakePlanAsync(host);
        await host.Runs.TryEndAsync(claim.RunId, RunState.Cancelled, "test");

        Assert.That(await host.Get<FanOut>().StartAsync(claim, host.Feed, _plan), Is.False);
        Assert.That(await QueuedAsync(host), Is.Zero);
    }

    [Test]
    public async Task Start_GivesEveryRunALaterGeneration_EvenInTheSameSecond()
    {
        await using var host = await TestHost.CreateAsync(Facilities.EmptyTable);
        var generations = new List<long>();
        for (var i = 0; i < 3; i++)
        {
            var claim = await RunSteps.TakePlanAsync(host);
            await host.Get<FanOut>().StartAsync(claim, host.Feed, _plan);
            generations.Add((await host.Runs.FindAsync(claim.RunId, CancellationToken.None))!.GenerationTimestamp!.Value);
            await host.Runs.TryEndAsync(claim.RunId, RunState.Cancelled, "test");
        }

        Assert.That(generations, Is.Ordered.Ascending.And.Unique);
    }

    private static Task<long> QueuedAsync(TestHost host) => host.State.ScalarAsync<long>("SELECT count(*) FROM hangfire.jobqueue WHERE queue = 'shards-facility'");

    private static async Task<long> InTransactionAsync(TestHost host)
    {
        // Asked from outside the ambient transaction, over another pool.
        using var outside = new System.Transactions.TransactionScope(System.Transactions.TransactionScopeOption.Suppress, System.Transactions.TransactionScopeAsyncFlowOption.Enabled);
        return await host.Source.ScalarAsync<long>($"SELECT count(*) FROM pg_stat_activity WHERE datname = '{host.State.Name}' AND xact_start IS NOT NULL");
    }
}
