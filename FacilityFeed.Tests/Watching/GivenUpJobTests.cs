using FacilityFeed.Domain;
using FacilityFeed.Domain.Ledger;
using FacilityFeed.Scheduler.Operating;
using FacilityFeed.Tests.Support;

namespace FacilityFeed.Tests.Watching;

/// <summary>Jobs that Hangfire gave up without the ledger's word: its bookkeeping, and no verdict.</summary>
public sealed class GivenUpJobTests
{
    private const string NotFound = "Can not change the state to 'Processing': target method was not found.";

    [TestCase("chunk")]
    [TestCase("plan")]
    [TestCase("manifest")]
    public async Task AJobWhoseResultCouldNotBeWritten_IsReplacedAtTheFirstLook_AndTheRunIsPublished(string which)
    {
        await using var run = await InAsync(which);
        var old = await JobAsync(run, which);
        await run.GiveUpAsync(old);

        await run.TickAsync();

        var job = await JobAsync(run, which);
        Assert.That(await run.RepairsAsync(), Is.EqualTo(new[]
        {
            $"{(which == "chunk" ? "chunk 2" : which)}: job {old} was given up by process 17 on alpha, and the ledger had not been told: {WatchedRun.BookkeepingReason} (25006: cannot execute INSERT in a read-only transaction); job {job} takes over",
        }));
        await run.AssertPublishesAsync();
        Assert.That(await run.Host.State.ScalarAsync<long>("SELECT count(*) FROM hangfire.jobparameter WHERE name = 'RetryCount'"), Is.Zero, "tries used up");
    }

    [TestCase("chunk")]
    [TestCase("plan")]
    [TestCase("manifest")]
    public async Task TheSixthTime_ItIsSettled_WithHangfiresLastReason(string which)
    {
        await using var run = await InAsync(which);
        var jobs = new List<string>();
        for (var time = 1; time <= 5; time++)
        {
            jobs.Add(await JobAsync(run, which));
            await run.GiveUpAsync(jobs[^1]);
            await run.TickAsync();
        }

        jobs.Add(await JobAsync(run, which));
        await run.GiveUpAsync(jobs[^1], "Failed to change state to a 'Processing' one due to an exception after 10 retry attempts", new TimeoutException("the last straw"));
        await run.TickAsync();
        var atFirst = (await run.RepairsAsync()).Count;
        await Until.TrueAsync(async () =>
        {
            await run.TickAsync();
            return (await run.RepairsAsync()).Count > 5;
        }, TimeSpan.FromSeconds(20), "the settlement");

        const string Reason = "its jobs were given up 6 times, the last time by process 17 on alpha: Failed to change state to a 'Processing' one due to an exception after 10 retry attempts (the last straw)";
        Assert.That((jobs.Distinct().Count(), atFirst), Is.EqualTo((6, 5)));
        Assert.That((await run.RepairsAsync())[^1], Is.EqualTo($"{(which == "chunk" ? "chunk 2" : which)}: job {jobs[^1]} is given up, and the ledger had not been told: {Reason}"));
        var end = which == "chunk" ? await run.FinishAsync() : await run.FindAsync();
        Assert.That((end.State, end.ChunksFailed), Is.EqualTo((RunState.Failed, which == "chunk" ? 1L : 0L)));
        Assert.That(end.Reason, Does.Contain(Reason));
    }

    [TestCase("chunk")]
    [TestCase("manifest")]
    public async Task ARedrive_CountsAnew(string which)
    {
        await using var run = await InAsync(which);
        var table = which == "chunk" ? "feed.chunk" : "feed.run";
        var column = which == "chunk" ? "replacements" : "manifest_replacements";
        await run.Host.State.ExecuteAsync($"UPDATE {table} SET writer = 2, {column} = 5, {(which == "chunk" ? "refused_by" : "manifest_refused_by")} = 'alpha:x:1:y'");
        await run.GiveUpAsync(await JobAsync(run, which));
        await Until.TrueAsync(async () =>
        {
            await run.TickAsync();
            return which == "chunk" ? (await run.ChunkAsync(2)).State == ChunkState.Failed : (await run.FindAsync()).State == RunState.Failed;
        }, TimeSpan.FromSeconds(20), "the settlement");
        if (which == "chunk")
        {
            RunSteps.Delete(run.Host, (await run.ChunkAsync(1)).JobId);
            RunSteps.Delete(run.Host, (await run.ChunkAsync(3)).JobId);
        }

        await run.Host.Get<RunControl>().RedriveAsync(run.Id, "test");
        await run.GiveUpAsync(await JobAsync(run, which), NotFound, new FeedRejectedException("no such method"));
        await run.TickAsync();

        Assert.That(await run.Host.State.ScalarAsync<int>($"SELECT max({column}) FROM {table}"), Is.EqualTo(1));
        await run.AssertPublishesAsync();
    }

    [TestCase(NotFound, false)]
    [TestCase("the job calls ChunkJob.RunLaterAsync, which is none of this program's jobs", true)]
    public async Task AJobThatAServerDoesNotKnow_IsReplacedOnce_AndSettledAtTheSecondTime(string reason, bool isByOurFilter)
    {
        await using var run = await InAsync("chunk");
        Exception error = isByOurFilter ? new FeedRejectedException(reason) : new MissingMethodException("RunLaterAsync");
        var first = await JobAsync(run, "chunk");
        await run.GiveUpAsync(first, reason, error, "alpha:shards-facility:17:1b");
        await run.TickAsync();
        var second = await JobAsync(run, "chunk");
        await run.GiveUpAsync(second, reason, error, "beta:shards-facility:99:2c");
        await Until.TrueAsync(async () =>
        {
            await run.TickAsync();
            return (await run.ChunkAsync(2)).State == ChunkState.Failed;
        }, TimeSpan.FromSeconds(20), "the settlement");

        Assert.That(second, Is.Not.EqualTo(first));
        Assert.That((await run.ChunkAsync(2)).Error, Does.StartWith("process 99 on beta does not know what the job calls, and process 17 on alpha did not before it").And.Contain(error.Message));
        Assert.That(await run.RepairsAsync(), Has.Count.EqualTo(2));
    }

    [Test]
    public async Task AJobThatAWorkerOfAnotherVersionRefused_IsDoneByANewOne()
    {
        await using var run = await InAsync("chunk");
        var old = await JobAsync(run, "chunk");
        await run.Host.State.ExecuteAsync($$"""UPDATE hangfire.job SET invocationdata = jsonb_set(invocationdata, '{Method}', '"RunLaterAsync"') WHERE id = {{old}}""");
        run.Host.StartWorkers();
        await HangfireJob.UntilAsync(run.Host, old, "Failed");

        await run.TickAsync();

        await run.AssertPublishesAsync();
        Assert.That(await run.RepairsAsync(), Has.One.StartsWith($"chunk 2: job {old} was given up by process {Environment.ProcessId} on "));
    }

    [Test]
    public async Task AServerThatKnowsNoMethod_IsNoMatterOfBookkeeping_NorTheOtherWayRound()
    {
        await using var run = await InAsync("chunk");
        foreach (var reason in new[] { NotFound, WatchedRun.BookkeepingReason, WatchedRun.BookkeepingReason })
        {
            await run.GiveUpAsync(await JobAsync(run, "chunk"), reason, new FeedRejectedException("a parameter that cannot be read"));
            await run.TickAsync();
        }

        Assert.That(await run.RepairsAsync(), Has.Count.EqualTo(3));
        await run.AssertPublishesAsync();
    }

    [Test]
    public async Task ARequeue_IsNotTakenForAVerdict()
    {
        await using var run = await InAsync("chunk");
        await run.GiveUpAsync(await JobAsync(run, "chunk"));

        var isRequeued = RunSteps.Requeue(run.Host, await JobAsync(run, "chunk"));

        Assert.That(isRequeued, Is.True);
        await run.TickAsync();
        Assert.That(await run.RepairsAsync(), Is.Empty);
        await run.AssertPublishesAsync();
    }

    [Test]
    public async Task WhatTheFilterHasSettled_IsSettled()
    {
        await using var run = await InAsync("chunk");
        var job = await JobAsync(run, "chunk");
        run.Host.Get<Scheduler.Exporting.FanIn>().FailChunk(run.Id, 2, job, "wrong for good");
        await run.GiveUpAsync(job, "Failed to change state to a 'Failed' one due to an exception after 10 retry attempts");

        await run.TickAsync();

        var chunk = await run.ChunkAsync(2);
        Assert.That((chunk.State, chunk.JobId, chunk.Error), Is.EqualTo((ChunkState.Failed, job, "wrong for good")));
        Assert.That(await run.RepairsAsync(), Is.Empty);
    }

    private static Task<WatchedRun> InAsync(string which) => which switch
    {
        "chunk" => WatchedRun.PlannedAsync(),
        "plan" => WatchedRun.TriggeredAsync(),
        _ => WatchedRun.ExportedAsync(),
    };

    private static async Task<string> JobAsync(WatchedRun run, string which) => which switch
    {
        "chunk" => (await run.ChunkAsync(2)).JobId,
        "plan" => (await run.FindAsync()).PlanJobId!,
        _ => (await run.FindAsync()).ManifestJobId!,
    };
}
