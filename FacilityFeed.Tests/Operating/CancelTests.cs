using FacilityFeed.Domain.Ledger;
using FacilityFeed.Domain.Runs;
using FacilityFeed.Scheduler.Exporting;
using FacilityFeed.Scheduler.Operating;
using FacilityFeed.Tests.Support;

namespace FacilityFeed.Tests.Operating;

public sealed class CancelTests
{
    private static readonly TimeSpan _fewSeconds = TimeSpan.FromSeconds(15);

    [Test]
    public async Task Cancel_StopsChunksInMidRead_WithinSeconds_AndTheirJobsSayWhy()
    {
        await using var host = await TestHost.CreateAsync(Facilities.Gated(40));
        await using var gate = await ReadGate.CloseAsync(host.Source);
        host.StartWorkers();
        var runId = await host.TriggerAsync();
        await ReadGate.WaitForReaderAsync(host.Source);

        var result = await host.Get<RunControl>().CancelAsync(runId, "test");

        Assert.That((result.IsDone, result.Message), Is.EqualTo((true, $"run {runId} is cancelled; nothing of it was published")));
        await Until.TrueAsync(async () => await host.State.ScalarAsync<long>("SELECT count(*) FROM hangfire.job WHERE statename = 'Succeeded' AND invocationdata::text LIKE '%ChunkJob%'") == 4, _fewSeconds, "all chunk jobs to end while the gate is shut");
        Assert.That(await host.State.ScalarAsync<long>($"SELECT count(*) FROM hangfire.state WHERE name = 'Succeeded' AND data ->> 'Result' LIKE '%run {runId} is cancelled%'"), Is.EqualTo(4));
        Assert.That(Directory.GetFiles(host.StorePath), Is.Empty);
        Assert.That(await RunSteps.EventsAsync(host, runId), Does.Contain("cancelled: cancelled by test"));
    }

    [Test]
    public async Task Cancel_StopsAShardThatIsMade_BeforeItIsStored()
    {
        await using var host = await TestHost.CreateAsync(Facilities.Gated(5));
        var runId = await RunSteps.PlanAsync(host);
        await using var gate = await ReadGate.CloseAsync(host.Source);
        var running = host.Get<ChunkRunner>().RunAsync(runId, 1, (await RunSteps.ChunkAsync(host, runId, 1)).JobId, CancellationToken.None);
        await ReadGate.WaitForReaderAsync(host.Source);

        // The read ends long before the next look of the pulse: only the look before the put can notice.
        await host.Get<RunControl>().CancelAsync(runId, "test");
        await gate.OpenAsync();

        Assert.That(await running, Does.Contain($"run {runId} is cancelled"));
        Assert.That(Directory.GetFiles(host.StorePath), Is.Empty);
    }

    [TestCase("publishing", "can no longer be cancelled: its manifest is being written")]
    [TestCase("published", "cannot be cancelled: it is published already")]
    public async Task Cancel_IsRefused_FromPublishingOn(string state, string reason)
    {
        await using var host = await TestHost.CreateAsync(Facilities.Numbered(1, 5));
        var runId = await RunSteps.PlanAsync(host);
        await host.State.ExecuteAsync($"UPDATE feed.run SET {Protocol.Writer}, state = '{state}'");

        var result = await host.Get<RunControl>().CancelAsync(runId, "test");

        Assert.That((result.IsDone, result.Message), Is.EqualTo((false, $"run {runId} {reason}")));
    }

    [Test]
    public async Task Cancel_IsRefused_WhenTheRunFailedWhilePublishing_AndWasRedriven()
    {
        await using var host = await TestHost.CreateAsync(Facilities.Numbered(1, 25));
        var runId = await RunSteps.FailWhilePublishingAsync(host);
        await host.Get<RunControl>().RedriveAsync(runId, "test");

        var result = await host.Get<RunControl>().CancelAsync(runId, "test");

        Assert.That((result.IsDone, (await RunSteps.FindAsync(host, runId)).State), Is.EqualTo((false, RunState.Running)));
        Assert.That(result.Message, Does.Contain("its manifest may be visible already").And.Contain("./run publish facility"));
        host.StartWorkers();
        Assert.That((await host.EndOfAsync(runId)).State, Is.EqualTo(RunState.Published));
    }

    [Test]
    public async Task Cancel_EndsARunInPlanning_AndItsPlanStartsNothing()
    {
        await using var host = await TestHost.CreateAsync(Facilities.Numbered(1, 5));
        var runId = await host.TriggerAsync();

        var result = await host.Get<RunControl>().CancelAsync(runId, "test");
        var plan = await host.Get<Scheduler.Planning.RunPlanner>().PlanAsync(runId, (await RunSteps.FindAsync(host, runId)).PlanJobId!, CancellationToken.None);

        Assert.That((result.IsDone, (await RunSteps.FindAsync(host, runId)).State, plan), Is.EqualTo((true, RunState.Cancelled, $"nothing to plan: run {runId} is cancelled")));
        Assert.That((await host.Get<RunControl>().CancelAsync(99, "test")).Message, Is.EqualTo("there is no run 99: ./run status lists the runs"));
    }
}
