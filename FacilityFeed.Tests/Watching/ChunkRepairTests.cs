using FacilityFeed.Domain.Exporting;
using FacilityFeed.Domain.Ledger;
using FacilityFeed.Domain.Runs;
using FacilityFeed.Domain.Shaping;
using FacilityFeed.Scheduler.Exporting;
using FacilityFeed.Scheduler.Jobs;
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
        using var next = connection.FetchNextJob([FeedQueues.Chunks("facility"), FeedQueues.Ahead("facility")], CancellationToken.None);

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

    [TestCase("extract(epoch FROM now())::bigint * 1000 - 61000", true)]
    [TestCase("extract(epoch FROM now())::bigint - 61", true, Description = "seconds, as Hangfire wrote it before")]
    [TestCase("extract(epoch FROM now())::bigint * 1000 - 30000", false, Description = "a clock may be behind")]
    [TestCase("extract(epoch FROM now())::bigint * 1000 + 1800000", false)]
    public async Task AJobThatIsNotInHangfiresSchedule_IsReplaced_OnlyWhenItIsOverdue(string due, bool isReplaced)
    {
        await using var run = await WatchedRun.PlannedAsync();
        var (missing, waiting) = (await run.ChunkAsync(3), await run.ChunkAsync(2));
        foreach (var chunk in new[] { missing, waiting })
        {
            await run.OverAsync(chunk.JobId, "Scheduled");
        }

        await run.Host.State.ExecuteAsync($$"""
            UPDATE hangfire.state SET data = json_build_object('EnqueueAt', ({{due}})::text)::jsonb WHERE name = 'Scheduled';
            INSERT INTO hangfire.set (key, value, score) VALUES ('schedule', 'shards-facility:{{waiting.JobId}}', 1)
            """);

        await run.TickAsync();

        Assert.That(await run.RepairsAsync(), isReplaced ? Is.EqualTo(new[] { $"chunk 3: job {missing.JobId} should have been tried again, and is not in Hangfire's schedule any more; job {(await run.ChunkAsync(3)).JobId} takes over" }) : Is.Empty);
    }

    [Test]
    public async Task AJobOfAnUnreadableDueTime_ThatIsNotInHangfiresSchedule_IsReplaced()
    {
        await using var run = await WatchedRun.PlannedAsync();
        foreach (var (number, due) in new[] { (1, "null"), (2, "\"soon\""), (3, "99999999999999999999") })
        {
            await run.OverAsync((await run.ChunkAsync(number)).JobId, "Scheduled", $$"""{"EnqueueAt":{{due}}}""");
        }

        await run.Host.State.ExecuteAsync("UPDATE hangfire.state SET createdat = now() - interval '2 minutes' WHERE name = 'Scheduled'");

        await run.TickAsync();

        Assert.That(await run.RepairsAsync(), Has.Count.EqualTo(3));
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

    [Test]
    public async Task ADeletedJob_FailsItsChunk_AndBlocksNoOther()
    {
        await using var run = await WatchedRun.PlannedAsync();
        await run.OverAsync((await run.ChunkAsync(1)).JobId, "Deleted");

        await run.TickUntilRepairAsync();
        var end = await run.FinishAsync();

        Assert.That((end.State, end.ChunksDone, end.ChunksFailed), Is.EqualTo((RunState.Failed, 2L, 1L)));
        Assert.That(end.Reason, Does.Contain("chunk 1 failed: the job was deleted in the dashboard"));
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
        await run.Host.State.ExecuteAsync($"UPDATE hangfire.job SET statename = 'Processing' WHERE id = {requeued.JobId}; UPDATE feed.chunk SET {Protocol.Writer}, heartbeat_at = now() - interval '1 hour' WHERE number = 2");

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
        await run.Host.State.ExecuteAsync($"UPDATE feed.run SET {Protocol.Writer}, recipe = 'another table', remaining = 7");

        await run.TickAsync();

        Assert.That((await run.RepairsAsync(), (await run.FindAsync()).Remaining), Is.EqualTo((Array.Empty<string>(), 7)));
    }
}
