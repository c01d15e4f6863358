using FacilityFeed.Domain.Ledger;
using FacilityFeed.Domain.Planning;
using FacilityFeed.Domain.Runs;
using FacilityFeed.Infrastructure.Ledger;
using FacilityFeed.Scheduler.Planning;
using FacilityFeed.Tests.Support;
using Hangfire.Server;

namespace FacilityFeed.Tests.Planning;

/// <summary>Two executions of one plan job, as Hangfire may make them: only the newest counts.</summary>
public sealed class PlanAttemptTests
{
    // Another execution takes the plan the moment the first one has.
    private const string Overtake = $"""
        CREATE FUNCTION overtake() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN UPDATE feed.run SET {Protocol.Writer}, plan_attempt = 2 WHERE id = NEW.id; RETURN NULL; END';
        CREATE TRIGGER overtake AFTER UPDATE OF plan_attempt ON feed.run FOR EACH ROW WHEN (NEW.plan_attempt = 1) EXECUTE FUNCTION overtake();
        """;

    [Test]
    public async Task AnOvertakenAttempt_ChangesNothing()
    {
        await using var host = await TestHost.CreateAsync(Facilities.EmptyTable);
        var runId = await host.TriggerAsync();
        var job = (await RunSteps.FindAsync(host, runId)).PlanJobId!;
        var overtaken = (await host.Runs.TryTakePlanAsync(runId, job))!;
        var current = (await host.Runs.TryTakePlanAsync(runId, job))!;
        var plan = new ChunkPlan(10, [new ChunkRange(1, 1, 10, 10)]);

        Assert.That((overtaken.Attempt, current.Attempt), Is.EqualTo((1, 2)));
        Assert.That(await host.Runs.TryDateAsync(overtaken), Is.Null);
        Assert.That(await host.Runs.TryDateAsync(current), Is.Not.Null);
        Assert.That(await host.Runs.BeatAsync(overtaken, CancellationToken.None), Is.False);
        await host.Runs.RestAsync(overtaken);
        Assert.That(await host.Runs.BeatAsync(current, CancellationToken.None), Is.True, "the living attempt was put to rest");
        Assert.That(await host.Runs.TryHoldPlannedAsync(overtaken, "test"), Is.False);
        Assert.That(await host.Runs.TryStartAsync(overtaken, plan), Is.False);
        Assert.That(await host.Runs.TryStartAsync(current, plan), Is.True);
        Assert.That(await host.Runs.TryTakePlanAsync(runId, job), Is.Null, "planned already");
    }

    [TestCase("INSERT INTO facility (id) VALUES (1)", TestName = "AnOvertakenExecution_LeavesRunAndJobToTheLivingOne_WhenItWouldStart")]
    [TestCase("", TestName = "AnOvertakenExecution_LeavesRunAndJobToTheLivingOne_WhenItWouldHold")]
    [TestCase("DROP TABLE facility", TestName = "AnOvertakenExecution_LeavesRunAndJobToTheLivingOne_WhenItFails")]
    public async Task AnOvertakenExecution_LeavesRunAndJobToTheLivingOne(string source)
    {
        await using var host = await TestHost.CreateAsync(Facilities.EmptyTable + source);
        var runId = await host.TriggerAsync();
        await host.State.ExecuteAsync(Overtake);

        await Assert.ThrowsAsync<JobAbortedException>(() => PlanAsync(host, runId));

        var run = await RunSteps.FindAsync(host, runId);
        Assert.That((run.State, run.PlanAttempt, run.Reason, run.GenerationTimestamp), Is.EqualTo((RunState.Planning, 2, (string?)null, (long?)null)));
        Assert.That(await host.Runs.BeatAsync(new PlanClaim { RunId = runId, JobId = run.PlanJobId!, Attempt = 2 }, CancellationToken.None), Is.True, "the living attempt was put to rest");
    }

    [Test]
    public async Task AnExecutionOvertakenByItsRunsStart_StepsBack()
    {
        // The living execution has planned the run; its job is still its own to end.
        await using var host = await TestHost.CreateAsync(Facilities.Numbered(1, 25));
        var runId = await host.TriggerAsync();
        await host.State.ExecuteAsync(Overtake.Replace("plan_attempt = 2", "plan_attempt = 2, state = ''running''", StringComparison.Ordinal));

        await Assert.ThrowsAsync<JobAbortedException>(() => PlanAsync(host, runId));

        Assert.That(await host.Chunks.ListAsync(runId, CancellationToken.None), Is.Empty);
    }

    [Test]
    public async Task AnExecutionWhosePlanWasGivenToAnotherJob_EndsInPeace()
    {
        await using var host = await TestHost.CreateAsync(Facilities.Numbered(1, 25));
        var runId = await host.TriggerAsync();
        await host.State.ExecuteAsync(Overtake.Replace("plan_attempt = 2", "plan_attempt = 2, plan_job_id = ''4711''", StringComparison.Ordinal));

        Assert.That(await PlanAsync(host, runId), Does.StartWith("nothing started"));
        Assert.That((await RunSteps.FindAsync(host, runId)).State, Is.EqualTo(RunState.Planning));
    }

    private static async Task<string> PlanAsync(TestHost host, long runId) =>
        await host.Get<RunPlanner>().PlanAsync(runId, (await RunSteps.FindAsync(host, runId)).PlanJobId!, CancellationToken.None);
}
