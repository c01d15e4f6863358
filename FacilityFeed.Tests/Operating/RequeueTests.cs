using FacilityFeed.Domain.Ledger;
using FacilityFeed.Domain.Runs;
using FacilityFeed.Infrastructure.Ledger;
using FacilityFeed.Tests.Support;

namespace FacilityFeed.Tests.Operating;

/// <summary>Hangfire's own "Requeue" on jobs of failed chunks and runs.</summary>
public sealed class RequeueTests
{
    [Test]
    public async Task Requeue_OfAFailedChunksJob_RedrivesThatChunk()
    {
        await using var host = await TestHost.CreateAsync(Facilities.Numbered(1, 25), retryDelays: [0]);
        var runId = await RunSteps.PlanAsync(host);
        await host.Source.ExecuteAsync("ALTER TABLE facility RENAME TO elsewhere; CREATE FUNCTION stumble() RETURNS boolean LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''stumbled''; END'; CREATE VIEW facility AS SELECT * FROM elsewhere WHERE stumble()");
        host.StartWorkers();
        await host.EndOfAsync(runId);
        await host.Source.ExecuteAsync("DROP VIEW facility; ALTER TABLE elsewhere RENAME TO facility");
        var jobs = (await host.Chunks.ListAsync(runId, CancellationToken.None)).Select(chunk => chunk.JobId).ToList();
        await Until.TrueAsync(async () => await host.State.ScalarAsync<long>("SELECT count(*) FROM hangfire.job WHERE statename = 'Failed'") == 3, TimeSpan.FromSeconds(30), "the jobs to be failed");

        var requeued = jobs.Select(job => RunSteps.Requeue(host, job)).ToList();

        var run = await Until.Async(async () => await RunSteps.FindAsync(host, runId) is { State: RunState.Published } found ? found : null, TimeSpan.FromSeconds(60), "the run");
        Assert.That(requeued, Is.All.True);
        Assert.That((run.Records, run.Remaining), Is.EqualTo((25L, 0)));
        Assert.That(await host.State.ScalarAsync<string>("SELECT string_agg(DISTINCT value, ',') FROM hangfire.jobparameter WHERE name = 'RetryCount'"), Is.EqualTo("0"));
        Assert.That((await host.Chunks.ListAsync(runId, CancellationToken.None)).Select(chunk => (chunk.JobId, chunk.Attempt)), Is.EqualTo(jobs.Select(job => (job, 7))));
        Assert.That(await RunSteps.EventsAsync(host, runId), Has.One.Match($"^redriven: by requeue in the dashboard: chunk 1, job {jobs[0]}, [0-9]+ (s|min) after its request$"));
    }

    [Test]
    public async Task Requeue_GivesAllRetriesBack()
    {
        await using var host = await TestHost.CreateAsync(Facilities.Numbered(1, 25));
        var runId = await RunSteps.FailAsync(host, 2);
        var chunk = await RunSteps.ChunkAsync(host, runId, 2);
        await host.State.ExecuteAsync($"INSERT INTO hangfire.jobparameter (jobid, name, value) VALUES ({chunk.JobId}, 'RetryCount', '5')");

        var isRequeued = RunSteps.Requeue(host, chunk.JobId);

        var run = await RunSteps.FindAsync(host, runId);
        var again = await RunSteps.ChunkAsync(host, runId, 2);
        Assert.That((isRequeued, run.State, run.Remaining, again.State, again.JobId), Is.EqualTo((true, RunState.Running, 1, ChunkState.Planned, chunk.JobId)));
        Assert.That(await host.State.ScalarAsync<string>($"SELECT value FROM hangfire.jobparameter WHERE jobid = {chunk.JobId} AND name = 'RetryCount'"), Is.EqualTo("0"));
        Assert.That(await host.State.ScalarAsync<string>($"SELECT queue FROM hangfire.jobqueue WHERE jobid = {chunk.JobId} ORDER BY id DESC LIMIT 1"), Is.EqualTo("shards2-facility"));
    }

    [Test]
    public async Task Requeue_WhileTheRunGoesOn_IsCountedAgain()
    {
        await using var host = await TestHost.CreateAsync(Facilities.Numbered(1, 25));
        var runId = await RunSteps.PlanAsync(host);
        var chunk = await RunSteps.ChunkAsync(host, runId, 2);
        RunSteps.Delete(host, chunk.JobId);
        var afterDelete = await RunSteps.FindAsync(host, runId);

        RunSteps.Requeue(host, chunk.JobId);

        Assert.That((afterDelete.Remaining, (await RunSteps.FindAsync(host, runId)).Remaining), Is.EqualTo((2, 3)));
        host.StartWorkers();
        Assert.That(await host.EndOfAsync(runId), Has.Property("State").EqualTo(RunState.Published).And.Property("Records").EqualTo(25));
    }

    [Test]
    public async Task Requeue_OfTheManifestJobOfAFailedRun_MakesTheManifest()
    {
        await using var host = await TestHost.CreateAsync(Facilities.Numbered(1, 25));
        var runId = await RunSteps.FailAsync(host);
        var manifestJob = (await RunSteps.FindAsync(host, runId)).ManifestJobId!;
        RunSteps.Delete(host, manifestJob);

        RunSteps.Requeue(host, manifestJob);

        host.StartWorkers();
        var run = await host.EndOfAsync(runId);
        Assert.That((run.State, run.ManifestJobId), Is.EqualTo((RunState.Published, manifestJob)), run.Reason);
    }

    [TestCase("active")]
    [TestCase("published")]
    [TestCase("cancelled")]
    public async Task Requeue_LeavesTheJobFailed_AndSaysWhy_WhenTheRunMayNotGoOn(string why)
    {
        await using var host = await TestHost.CreateAsync(Facilities.Numbered(1, 25));
        var runId = await RunSteps.FailAsync(host, 2);
        var chunk = await RunSteps.ChunkAsync(host, runId, 2);
        var reason = why switch
        {
            "active" => $"run {await host.TriggerAsync()} of the feed is active",
            "published" => $"run {runId} is superseded",
            _ => $"run {runId} is cancelled",
        };
        if (why == "published")
        {
            await host.PublishAsync();
        }
        else if (why == "cancelled")
        {
            await host.State.ExecuteAsync($"UPDATE feed.run SET {Protocol.Writer}, state = 'cancelled'");
        }

        RunSteps.Requeue(host, chunk.JobId);

        Assert.That(await host.State.ScalarAsync<string>($"SELECT statename FROM hangfire.job WHERE id = {chunk.JobId}"), Is.EqualTo("Failed"));
        Assert.That(await host.State.ScalarAsync<string>($"SELECT data ->> 'ExceptionMessage' FROM hangfire.state WHERE jobid = {chunk.JobId} AND name = 'Failed' ORDER BY id DESC LIMIT 1"), Does.StartWith("not requeued: ").And.Contains(reason));
        Assert.That((await RunSteps.ChunkAsync(host, runId, 2)).State, Is.EqualTo(ChunkState.Failed));
    }

    [Test]
    public async Task Requeue_IsRefused_WhereTheRunIsOver([Values(RunState.Published, RunState.Unchanged, RunState.Cancelled, RunState.Discarded, RunState.Superseded)] RunState state, [Values] bool isManifest)
    {
        await using var host = await TestHost.CreateAsync(Facilities.Numbered(1, 5));
        var runId = await RunSteps.FailAsync(host);
        var run = await RunSteps.FindAsync(host, runId);
        var job = isManifest ? run.ManifestJobId! : run.PlanJobId!;
        await host.State.ExecuteAsync($"UPDATE feed.run SET {Protocol.Writer}, state = '{StateName.Of(state)}' WHERE id = {runId}; UPDATE hangfire.job SET statename = 'Deleted' WHERE id = {job}");

        var isRequeued = RunSteps.Requeue(host, job);

        Assert.That((isRequeued, HangfireJob.State(host, job).Reason), Is.EqualTo((false, $"not requeued: run {runId} is {StateName.Of(state)}: Trigger now, or ./run publish facility, makes the feed again")));
    }
}
