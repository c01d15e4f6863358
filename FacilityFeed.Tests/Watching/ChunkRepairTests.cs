using FacilityFeed.Domain.Exporting;
using FacilityFeed.Domain.Ledger;
using FacilityFeed.Domain.Shaping;
using FacilityFeed.Scheduler.Exporting;
using Hangfire;

namespace FacilityFeed.Tests.Watching;

public sealed class ChunkRepairTests
{
    [Test]
    public async Task ASilentAttempt_IsGivenToANewJob_AndNoLongerCounts()
    {
        await using var run = await WatchedRun.PlannedAsync();
        var old = await run.ChunkAsync(1);
        var zombie = await run.Host.Chunks.TryTakeAsync(run.Id, 1, old.JobId);
        await run.FetchedAsync(old.JobId, "Processing");

        var repair = await run.TickUntilRepairAsync();

        var chunk = await run.ChunkAsync(1);
        Assert.That(repair, Is.EqualTo($"chunk 1: job {old.JobId} has shown no sign of life for 0 s; job {chunk.JobId} takes over"));
        Assert.That(chunk.State, Is.EqualTo(ChunkState.Planned));
        Assert.That(await run.Host.Chunks.BeatAsync(zombie!, CancellationToken.None), Is.False);
        Assert.That(await run.Host.Get<FanIn>().FinishChunkAsync(zombie!, new ChunkOutcome(0, 0, 0, new ShapingTally(), null), storeRetries: 0), Is.False);
        Assert.That(await run.Host.Get<ChunkRunner>().RunAsync(run.Id, 1, old.JobId, CancellationToken.None), Does.Contain($"was given to job {chunk.JobId}"));
        await run.AssertPublishesAsync();
    }

    [Test]
    public async Task AReplacedChunk_GoesBeforeTheBacklog()
    {
        await using var run = await WatchedRun.PlannedAsync(rows: 200);
        var last = await run.ChunkAsync(20);
        await run.LoseAsync(last.JobId);
        await run.TickAsync();

        using var connection = run.Host.Get<JobStorage>().GetConnection();
        using var next = connection.FetchNextJob([run.Host.Feed.ChunkQueue, run.Host.Feed.AgainQueue], CancellationToken.None);

        Assert.That(next.JobId, Is.EqualTo((await run.ChunkAsync(20)).JobId).And.Not.EqualTo(last.JobId));
    }

    [TestCase("Enqueued")]
    [TestCase("Scheduled")]
    [TestCase("Processing")]
    public async Task AJobThatWasFetchedAndNeverBegan_IsReplaced_OnlyWhenItStaysSo(string state)
    {
        await using var run = await WatchedRun.PlannedAsync();
        var old = await run.ChunkAsync(2);
        await run.FetchedAsync(old.JobId, state);

        await run.TickAsync();
        var atFirst = await run.RepairsAsync();
        var repair = await run.TickUntilRepairAsync();

        Assert.That(atFirst, Is.Empty);
        Assert.That(repair, Does.StartWith($"chunk 2: job {old.JobId} left its queue and has not begun"));
        await run.AssertPublishesAsync();
    }

    [Test]
    public async Task ALostJob_IsReplaced()
    {
        await using var run = await WatchedRun.PlannedAsync();
        await run.LoseAsync((await run.ChunkAsync(3)).JobId);

        await run.TickAsync();

        Assert.That(await run.RepairsAsync(), Has.One.Contains("is not in Hangfire any more"));
        await run.AssertPublishesAsync();
    }

    [Test]
    public async Task AJobThatSucceededWithoutEffect_IsReplaced()
    {
        await using var run = await WatchedRun.PlannedAsync();
        await run.OverAsync((await run.ChunkAsync(3)).JobId, "Succeeded");

        await run.TickAsync();

        Assert.That(await run.RepairsAsync(), Has.One.Contains("ended without an effect on the ledger"));
        await run.AssertPublishesAsync();
    }

    [TestCase("Failed", "disk on fire")]
    [TestCase("Deleted", "the job was deleted in the dashboard")]
    public async Task AJobThatHangfireGaveUp_FailsItsChunk_AndBlocksNoOther(string state, string reason)
    {
        await using var run = await WatchedRun.PlannedAsync();
        await run.OverAsync((await run.ChunkAsync(1)).JobId, state, """{"ExceptionMessage":"disk on fire"}""");

        await run.TickUntilRepairAsync();
        var end = await run.FinishAsync();

        Assert.That((end.State, end.ChunksDone, end.ChunksFailed), Is.EqualTo((RunState.Failed, 2L, 1L)));
        Assert.That(end.Reason, Does.Contain($"chunk 1 failed: {reason}"));
        Assert.That(await run.RepairsAsync(), Has.Count.EqualTo(1));
    }

    [Test]
    public async Task AnAttemptAtRest_IsNotSilent()
    {
        // Its job waits for a retry, or went back to its queue when its process was told to stop.
        await using var run = await WatchedRun.PlannedAsync();
        var (retried, requeued) = (await run.ChunkAsync(1), await run.ChunkAsync(2));
        var failed = await run.Host.Chunks.TryTakeAsync(run.Id, 1, retried.JobId);
        await run.Host.Chunks.NoteErrorAsync(failed!, "stumbled", storeRetries: 0);
        await run.OverAsync(retried.JobId, "Scheduled");
        await run.Host.Chunks.TryTakeAsync(run.Id, 2, requeued.JobId);
        await run.Host.State.ExecuteAsync($"UPDATE hangfire.job SET statename = 'Processing' WHERE id = {requeued.JobId}; UPDATE feed.chunk SET heartbeat_at = now() - interval '1 hour' WHERE number = 2");

        for (var look = 0; look < 20; look++)
        {
            await run.TickAsync();
        }

        Assert.That(await run.RepairsAsync(), Is.Empty);
    }

    [Test]
    public async Task ARunOfAnotherRecipe_IsLeftAlone()
    {
        await using var run = await WatchedRun.PlannedAsync();
        await run.LoseAsync((await run.ChunkAsync(1)).JobId);
        await run.Host.State.ExecuteAsync("UPDATE feed.run SET recipe = 'another table', remaining = 7");

        await run.TickAsync();

        Assert.That((await run.RepairsAsync(), (await run.FindAsync()).Remaining), Is.EqualTo((Array.Empty<string>(), 7)));
    }
}
