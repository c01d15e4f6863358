using FacilityFeed.Domain.Exporting;
using FacilityFeed.Domain.Ledger;
using FacilityFeed.Domain.Runs;
using FacilityFeed.Domain.Shaping;
using FacilityFeed.Infrastructure.Ledger;
using FacilityFeed.Scheduler.Exporting;
using FacilityFeed.Scheduler.Watching;

namespace FacilityFeed.Tests.Watching;

public sealed class RunRepairTests
{
    [Test]
    public async Task ASilentPlan_IsGivenToANewJob()
    {
        await using var run = await WatchedRun.TriggeredAsync();
        var old = (await run.FindAsync()).PlanJobId!;
        var zombie = await run.Host.Runs.TryTakePlanAsync(run.Id, old);
        await run.FetchedAsync(old, "Processing");

        var repair = await run.TickUntilRepairAsync();

        Assert.That(repair, Does.StartWith($"plan: job {old} has shown no sign of life"));
        Assert.That(await run.Host.Runs.BeatAsync(zombie!, CancellationToken.None), Is.False);
        Assert.That(await run.Host.Runs.TryDateAsync(zombie!), Is.Null, "fenced out");
        await run.AssertPublishesAsync();
    }

    [Test]
    public async Task APlanThatFallsSilentAtEveryAttempt_IsGivenUp()
    {
        await using var run = await WatchedRun.TriggeredAsync();
        var job = (await run.FindAsync()).PlanJobId!;
        await run.Host.State.ExecuteAsync($"UPDATE feed.run SET {Protocol.Writer}, plan_losses = 99");
        await run.Host.Runs.TryTakePlanAsync(run.Id, job);
        await run.FetchedAsync(job, "Processing");

        await run.TickUntilRepairAsync();

        var end = await run.FindAsync();
        Assert.That((end.State, end.PlanJobId), Is.EqualTo((RunState.Failed, job)));
        Assert.That(end.Reason, Does.StartWith("100 attempts ended without a word"));
    }

    [Test]
    public async Task AttemptsThatCouldSayWhatTheyMet_DoNotCount()
    {
        await using var run = await WatchedRun.TriggeredAsync();
        var job = (await run.FindAsync()).PlanJobId!;
        await run.Host.State.ExecuteAsync("UPDATE feed.run SET writer = 2, plan_attempt = 500");
        await run.Host.Runs.TryTakePlanAsync(run.Id, job);
        await run.FetchedAsync(job, "Processing");

        await run.TickUntilRepairAsync();

        Assert.That(await run.Host.State.ScalarAsync<int>("SELECT plan_losses FROM feed.run"), Is.EqualTo(1));
        await run.AssertPublishesAsync();
    }

    [Test]
    public async Task APlanThatWasTakenSinceItWasLookedAt_IsNotReplaced()
    {
        await using var run = await WatchedRun.TriggeredAsync();
        var job = (await run.FindAsync()).PlanJobId!;
        await run.LoseAsync(job);
        var seen = (await run.Host.Get<WatchLedger>().FindTroubledAsync(run.Host.Get<KnownFeeds>().Recipes, WatchedRun.Soon.Silence, CancellationToken.None)).Single();
        await run.Host.Runs.RestAsync((await run.Host.Runs.TryTakePlanAsync(run.Id, job))!);

        // At rest it looks as it did before it was taken, but for the attempt.
        Assert.That(await run.Host.Get<WatchLedger>().TryReplacePlanAsync(seen, "4711"), Is.False);
        Assert.That(await run.Host.Get<WatchLedger>().TryReplacePlanAsync(seen with { Attempt = 1 }, "4711"), Is.True);
    }

    [Test]
    public async Task ASilentManifest_IsGivenToANewJob()
    {
        await using var run = await WatchedRun.ExportedAsync();
        var old = (await run.FindAsync()).ManifestJobId!;
        var zombie = await run.Host.Get<PublishingLedger>().TryTakeAsync(run.Id, old);
        await run.FetchedAsync(old, "Processing");

        var repair = await run.TickUntilRepairAsync();

        Assert.That(repair, Does.StartWith($"manifest: job {old} has shown no sign of life"));
        Assert.That(await run.Host.Get<PublishingLedger>().BeatAsync(zombie!, CancellationToken.None), Is.False);
        Assert.That(await run.Host.Get<PublishingLedger>().TryEnterAsync(zombie!), Is.False, "fenced out");
        await run.AssertPublishesAsync();
    }

    [Test]
    public async Task AManifestThatFellSilentWhilePublishing_IsPublishedByANewJob()
    {
        await using var run = await WatchedRun.ExportedAsync();
        var old = (await run.FindAsync()).ManifestJobId!;
        await run.Host.Get<PublishingLedger>().TryEnterAsync((await run.Host.Get<PublishingLedger>().TryTakeAsync(run.Id, old))!);
        await run.FetchedAsync(old, "Processing");

        await run.TickUntilRepairAsync();

        await run.AssertPublishesAsync();
    }

    [TestCase("plan")]
    [TestCase("manifest")]
    public async Task ALostJob_IsReplaced(string which)
    {
        await using var run = which == "plan" ? await WatchedRun.TriggeredAsync() : await WatchedRun.ExportedAsync();
        await run.LoseAsync(JobOf(await run.FindAsync()));

        await run.TickAsync();

        Assert.That(await run.RepairsAsync(), Has.One.StartsWith(which).And.One.Contains("is not in Hangfire any more"));
        await run.AssertPublishesAsync();
    }

    [TestCase("plan")]
    [TestCase("manifest")]
    public async Task ADeletedJob_FailsTheRun(string which)
    {
        await using var run = which == "plan" ? await WatchedRun.TriggeredAsync() : await WatchedRun.ExportedAsync();
        await run.OverAsync(JobOf(await run.FindAsync()), "Deleted");

        await run.TickUntilRepairAsync();

        var end = await run.FindAsync();
        Assert.That((end.State, end.Reason), Is.EqualTo((RunState.Failed, "the job was deleted in the dashboard")));
    }

    [TestCase("remaining = 7")]
    [TestCase("remaining = -1")]
    [TestCase("remaining = NULL")]
    public async Task AWrongCountdown_IsRecomputed(string wrong)
    {
        await using var run = await WatchedRun.PlannedAsync();
        await run.Host.State.ExecuteAsync($"UPDATE feed.run SET {Protocol.Writer}, {wrong}");

        await run.TickAsync();

        Assert.That((await run.FindAsync()).Remaining, Is.EqualTo(3));
        Assert.That(await run.RepairsAsync(), Has.One.StartsWith("3 chunks are open"));
        await run.AssertPublishesAsync();
    }

    [Test]
    public async Task AMissingManifestJob_IsMade()
    {
        await using var run = await WatchedRun.ExportedAsync();
        await run.LoseAsync((await run.FindAsync()).ManifestJobId!);
        await run.Host.State.ExecuteAsync($"UPDATE feed.run SET {Protocol.Writer}, manifest_job_id = NULL, remaining = 2");

        await run.TickAsync();

        Assert.That(await run.RepairsAsync(), Has.One.EqualTo("0 chunks are open, 2 were counted; the manifest job was missing"));
        await run.AssertPublishesAsync();
    }

    [Test]
    public async Task ARunWithAFailedChunkThatWasNeverEnded_IsFailed()
    {
        await using var run = await WatchedRun.ExportedAsync();
        await run.Host.State.ExecuteAsync($"UPDATE feed.run SET {Protocol.Writer}, manifest_job_id = NULL; UPDATE feed.chunk SET {Protocol.Writer}, state = 'failed', error = 'stumbled' WHERE number = 2");

        await run.TickAsync();

        var end = await run.FindAsync();
        Assert.That(end.State, Is.EqualTo(RunState.Failed));
        Assert.That(end.Reason, Does.Contain("chunk 2 failed: stumbled"));
    }

    [Test]
    public async Task TheLastFinishAndARecount_MakeOneManifestJob_WhenTheyMeet()
    {
        const int Rounds = 50;
        await using var run = await WatchedRun.PlannedAsync(rows: 10);
        var jobId = (await run.ChunkAsync(1)).JobId;
        for (var round = 0; round < Rounds; round++)
        {
            // One too many or one too few was counted, by turns.
            await run.Host.State.ExecuteAsync($"DELETE FROM hangfire.job WHERE invocationdata::text LIKE '%ManifestJob%'; UPDATE feed.chunk SET {Protocol.Writer}, state = 'planned'; UPDATE feed.run SET {Protocol.Writer}, manifest_job_id = NULL, remaining = {(round % 2) * 2}");
            var claim = await run.Host.Chunks.TryTakeAsync(run.Id, 1, jobId);
            using var barrier = new Barrier(2);

            await Task.WhenAll(
                Task.Run(() => { barrier.SignalAndWait(); return run.TickAsync(); }),
                Task.Run(() => { barrier.SignalAndWait(); return run.Host.Get<FanIn>().FinishChunkAsync(claim!, new ChunkOutcome(0, 0, 0, new ShapingTally(), null), storeRetries: 0); }));
            await run.TickAsync();

            var after = await run.FindAsync();
            Assert.That((after.Remaining, await run.Host.State.ScalarAsync<long>("SELECT count(*) FROM hangfire.job WHERE invocationdata::text LIKE '%ManifestJob%'")), Is.EqualTo((0, 1)), $"round {round}");
        }
    }

    private static string JobOf(RunView run) => run.ManifestJobId ?? run.PlanJobId!;
}
