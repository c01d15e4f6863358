using System.Transactions;
using FacilityFeed.Domain;
using FacilityFeed.Domain.Exporting;
using FacilityFeed.Domain.Ledger;
using FacilityFeed.Domain.Planning;
using FacilityFeed.Infrastructure.Ledger;
using FacilityFeed.Scheduler.Hosting;
using FacilityFeed.Scheduler.Planning;
using FacilityFeed.Scheduler.Watching;
using FacilityFeed.Tests.Faults.Lab;
using FacilityFeed.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace FacilityFeed.Tests.Planning;

public sealed class FanOutTests
{
    private static readonly ChunkPlan _plan = new(10, [.. Enumerable.Range(1, 50).Select(number => new ChunkRange(number, number * 10, number * 10 + 9, 10))]);

    [Test]
    public async Task Start_WritesRunChunksAndJobs_Together()
    {
        await using var host = await TestHost.CreateAsync(Facilities.EmptyTable);
        var claim = await RunSteps.TakePlanAsync(host);

        var isStarted = await RunSteps.FanOutAsync(host, claim, _plan);

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
            await RunSteps.FanOutAsync(host, claim, _plan);
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
            await RunSteps.FanOutAsync(host, claim, _plan);
            Assert.That(await InTransactionAsync(host), Is.EqualTo(1), "backends in a transaction");
            transaction.Complete();
        }

        Assert.That(await host.Source.ScalarAsync<long>("SELECT count(*) FROM pg_prepared_xacts"), Is.Zero);
        // Every row of the fan-out carries the same transaction id.
        Assert.That(await host.State.ScalarAsync<long>("SELECT count(DISTINCT xmin::text) FROM (SELECT xmin FROM feed.chunk UNION ALL SELECT xmin FROM feed.run) rows"), Is.EqualTo(1));
        Assert.That(await host.State.ScalarAsync<long>("SELECT count(*) FROM hangfire.jobqueue WHERE queue = 'shards2-facility' AND xmin::text <> (SELECT xmin::text FROM feed.run)"), Is.Zero);
    }

    [Test]
    public async Task Start_ChangesNothing_WhenTheRunWasCancelledMeanwhile()
    {
        await using var host = await TestHost.CreateAsync(Facilities.EmptyTable);
        var claim = await RunSteps.TakePlanAsync(host);
        await host.Runs.TryEndAsync(claim.RunId, RunState.Cancelled, "test");

        Assert.That(await RunSteps.FanOutAsync(host, claim, _plan), Is.False);
        Assert.That(await QueuedAsync(host), Is.Zero);
    }

    [Test]
    public async Task Start_LocksTheRunOnlyWhenItsJobsAreMade_AndTellsOfEach()
    {
        await using var host = await TestHost.CreateAsync(Facilities.EmptyTable);
        var claim = await RunSteps.TakePlanAsync(host);
        await LockTrap.SetAsync(host);
        var headway = new Headway();
        headway.Follow();

        var isStarted = await RunSteps.FanOutAsync(host, claim, _plan);

        Assert.That((isStarted, headway.Moves), Is.EqualTo((true, 50)));
    }

    [Test]
    public async Task APlan_BeatsOn_WhileItsJobsAreMade()
    {
        var jobsMade = new Held(CrashPoint.ChunkJobsWritten);
        await using var host = await TestHost.CreateAsync(Facilities.Numbered(1, 25), watch: WatchTimes.Shipped with { Beat = TimeSpan.FromMilliseconds(50) }, points: jobsMade);
        var runId = await host.TriggerAsync();
        var job = (await RunSteps.FindAsync(host, runId)).PlanJobId!;
        var planning = Task.Run(() => host.Get<RunPlanner>().PlanAsync(runId, job, CancellationToken.None));
        await jobsMade.ReachedAsync();
        var seen = await BeatAsync(host);

        await Until.TrueAsync(async () => await BeatAsync(host) > seen, TimeSpan.FromSeconds(20), "a further sign of life");

        jobsMade.GoOn();
        await planning;
        Assert.That((await RunSteps.FindAsync(host, runId)).State, Is.EqualTo(RunState.Running));
    }

    [Test]
    public async Task APlan_LeavesNothing_WhenItsRunIsCancelledWhileItsJobsAreMade()
    {
        var jobsMade = new Held(CrashPoint.ChunkJobsWritten);
        await using var host = await TestHost.CreateAsync(Facilities.Numbered(1, 25), points: jobsMade);
        var runId = await host.TriggerAsync();
        var job = (await RunSteps.FindAsync(host, runId)).PlanJobId!;
        var planning = Task.Run(() => host.Get<RunPlanner>().PlanAsync(runId, job, CancellationToken.None));
        await jobsMade.ReachedAsync();

        var isCancelled = await host.Runs.TryEndAsync(runId, RunState.Cancelled, "test").WaitAsync(TimeSpan.FromSeconds(20));

        jobsMade.GoOn();
        Assert.That((isCancelled, await planning), Is.EqualTo((true, "nothing started: the run was ended, or given to another job, meanwhile")));
        Assert.That(await QueuedAsync(host), Is.Zero);
    }

    [Test]
    public async Task Start_SaysWhatToDo_WhenTheDatabaseIsTooSlow()
    {
        var jobsMade = new Held(CrashPoint.ChunkJobsWritten);
        await using var host = await TestHost.CreateAsync(Facilities.EmptyTable, points: jobsMade);
        var claim = await RunSteps.TakePlanAsync(host);
        var isOver = new TaskCompletionSource();
        using var shorter = new TransactionScope(TransactionScopeOption.Required, new TransactionOptions { IsolationLevel = IsolationLevel.ReadCommitted, Timeout = TimeSpan.FromSeconds(3) }, TransactionScopeAsyncFlowOption.Enabled);
        Transaction.Current!.TransactionCompleted += (_, _) => isOver.TrySetResult();
        var starting = Task.Run(() => RunSteps.FanOutAsync(host, claim, new ChunkPlan(10, [_plan.Ranges[0]])));
        await isOver.Task.WaitAsync(TimeSpan.FromSeconds(20));
        jobsMade.GoOn();

        var failure = await Assert.CatchAsync(() => starting);

        Assert.That(failure, Is.TypeOf<FeedException>().With.Message.StartsWith($"Run {claim.RunId}: the state database did not take the jobs of its 1 chunk within the 5 min that they may need, so nothing of them is left. "));
    }

    [Test]
    public async Task AChunksJob_CostsFourRoundTrips()
    {
        // As many as Hangfire's API needs: the job, its state, its place in the queue, and that it does not expire. A filter that asked something would be one more, times 2,000.
        await using var host = await TestHost.CreateAsync(Facilities.EmptyTable);
        var server = new NpgsqlConnectionStringBuilder(host.State.ConnectionString);
        await using var line = LossyLine.To(Path.Combine(server.Host!, $".s.PGSQL.{server.Port}"));
        (server.Host, server.Port) = ("127.0.0.1", line.Port);
        await using var far = await host.AnotherAsync(("State:ConnectionString", server.ConnectionString));
        var jobs = far.Services.GetRequiredService<FeedJobs>();
        using var transaction = LedgerTransaction.Begin();
        jobs.CreateChunks(host.Feed, 1, [_plan.Ranges[0]], 50);
        var before = line.RoundTrips;

        jobs.CreateChunks(host.Feed, 1, _plan.Ranges, 50);

        Assert.That(line.RoundTrips - before, Is.EqualTo(1 + (4 * 50)), "the run's protocol, and the jobs");
    }

    [Test]
    public async Task Start_GivesEveryRunALaterGeneration_EvenInTheSameSecond()
    {
        await using var host = await TestHost.CreateAsync(Facilities.EmptyTable);
        var generations = new List<long>();
        for (var i = 0; i < 3; i++)
        {
            var claim = await RunSteps.TakePlanAsync(host);
            await RunSteps.FanOutAsync(host, claim, _plan);
            generations.Add((await host.Runs.FindAsync(claim.RunId, CancellationToken.None))!.GenerationTimestamp!.Value);
            await host.Runs.TryEndAsync(claim.RunId, RunState.Cancelled, "test");
        }

        Assert.That(generations, Is.Ordered.Ascending.And.Unique);
    }

    private static Task<DateTime> BeatAsync(TestHost host) => host.State.ScalarAsync<DateTime>("SELECT heartbeat_at FROM feed.run");

    private static Task<long> QueuedAsync(TestHost host) => host.State.ScalarAsync<long>("SELECT count(*) FROM hangfire.jobqueue WHERE queue = 'shards2-facility'");

    private static async Task<long> InTransactionAsync(TestHost host)
    {
        // Asked from outside the ambient transaction, over another pool.
        using var outside = new TransactionScope(TransactionScopeOption.Suppress, TransactionScopeAsyncFlowOption.Enabled);
        return await host.Source.ScalarAsync<long>($"SELECT count(*) FROM pg_stat_activity WHERE datname = '{host.State.Name}' AND xact_start IS NOT NULL");
    }

    /// <summary>Holds whoever passes a point, until told otherwise.</summary>
    private sealed class Held(CrashPoint at) : CrashPoints
    {
        private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _goOn = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task ReachedAsync() => _reached.Task.WaitAsync(TimeSpan.FromSeconds(20));

        public void GoOn() => _goOn.SetResult();

        public override void Pass(CrashPoint point, int chunk = 0)
        {
            if (point == at)
            {
                _reached.TrySetResult();
                _goOn.Task.Wait(TimeSpan.FromSeconds(60));
            }
        }
    }
}
