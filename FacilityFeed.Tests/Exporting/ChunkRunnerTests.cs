using FacilityFeed.Domain.Ledger;
using FacilityFeed.Infrastructure.Ledger;
using FacilityFeed.Scheduler.Exporting;
using FacilityFeed.Scheduler.Hosting;
using FacilityFeed.Scheduler.Planning;
using FacilityFeed.Tests.Support;
using Hangfire.Server;
using Microsoft.Extensions.DependencyInjection;

namespace FacilityFeed.Tests.Exporting;

public sealed class ChunkRunnerTests
{
    [Test]
    public async Task Run_MakesOneEntryAndOneObject_WhenTheSameChunkIsExecutedTwice()
    {
        await using var host = await TestHost.CreateAsync(Facilities.Numbered(1, 25));
        var chunk = await PlanAsync(host);

        var first = await host.Get<ChunkRunner>().RunAsync(chunk.RunId, 1, chunk.JobId, CancellationToken.None);
        var second = await host.Get<ChunkRunner>().RunAsync(chunk.RunId, 1, chunk.JobId, CancellationToken.None);

        var shards = Directory.GetFiles(host.StorePath, "*_0001*");
        Assert.That(first, Does.StartWith("10 records").And.Contains("_0001.json.gz"));
        Assert.That(second, Does.StartWith("done: 10 records"));
        Assert.That(shards, Has.Length.EqualTo(1));
        Assert.That((await host.Runs.FindAsync(chunk.RunId, CancellationToken.None))!.Remaining, Is.EqualTo(2));
    }

    [Test]
    public async Task Run_AbortsWithoutTouchingTheJob_WhenAnotherExecutionOfTheJobTookOver()
    {
        // The rows of the view come slowly, so that the chunk can be taken by a second execution in mid-read.
        await using var host = await TestHost.CreateAsync(Slow(Facilities.Numbered(1, 5)), settings: [("Feeds:facility:Table", "slow")]);
        var chunk = await PlanAsync(host);
        var overtaken = host.Get<ChunkRunner>().RunAsync(chunk.RunId, 1, chunk.JobId, CancellationToken.None);
        await Until.TrueAsync(async () => (await FindAsync(host, chunk)).Attempt == 1, TimeSpan.FromSeconds(20), "the first attempt");

        var newer = await host.Chunks.TryTakeAsync(chunk.RunId, 1, chunk.JobId);

        await Assert.ThrowsAsync<JobAbortedException>(() => overtaken);
        Assert.That(newer!.Attempt, Is.EqualTo(2));
        Assert.That(await FindAsync(host, chunk), Has.Property("State").EqualTo(ChunkState.Running).And.Property("Attempt").EqualTo(2));
        Assert.That((await host.Runs.FindAsync(chunk.RunId, CancellationToken.None))!.Remaining, Is.EqualTo(1));
    }

    [Test]
    public async Task Run_ReturnsNormally_WhenTheChunkWasGivenToAnotherJob()
    {
        await using var host = await TestHost.CreateAsync(Facilities.Numbered(1, 5));
        var chunk = await PlanAsync(host);

        var result = await host.Get<ChunkRunner>().RunAsync(chunk.RunId, 1, "4711", CancellationToken.None);

        Assert.That(result, Does.Contain("was given to job " + chunk.JobId));
        Assert.That((await FindAsync(host, chunk)).Attempt, Is.Zero);
    }

    [Test]
    public async Task AZombie_NeverMarksTheLivingJobSucceeded_InHangfire()
    {
        await using var host = await TestHost.CreateAsync(Slow(Facilities.Numbered(1, 5)), settings: [("Feeds:facility:Table", "slow")]);
        var chunk = await PlanAsync(host);
        host.StartWorkers();
        await Until.TrueAsync(async () => (await FindAsync(host, chunk)).Attempt == 1, TimeSpan.FromSeconds(20), "the worker's attempt");

        await host.Chunks.TryTakeAsync(chunk.RunId, 1, chunk.JobId);

        await Until.TrueAsync(async () => await host.State.ScalarAsync<long>($"SELECT count(*) FROM hangfire.jobqueue WHERE jobid = {chunk.JobId}") == 0, TimeSpan.FromSeconds(30), "the zombie to let go");
        Assert.That(await host.State.ScalarAsync<string>($"SELECT statename FROM hangfire.job WHERE id = {chunk.JobId}"), Is.EqualTo("Processing"));
    }

    [Test]
    public async Task Run_RetriesWithANewName_AndShowsTheReason_WhenAnAttemptFails()
    {
        await using var host = await TestHost.CreateAsync(Facilities.Numbered(1, 5), retryDelays: [3]);
        var chunk = await PlanAsync(host);
        await host.Source.ExecuteAsync("ALTER TABLE facility RENAME TO elsewhere; CREATE FUNCTION stumble() RETURNS boolean LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''stumbled''; END'; CREATE VIEW facility AS SELECT * FROM elsewhere WHERE stumble()");
        host.StartWorkers();

        var failed = await Until.Async(async () => await FindAsync(host, chunk) is { Error: not null } found ? found : null, TimeSpan.FromSeconds(30), "the failure");

        Assert.That(failed.Error, Does.Contain("stumbled"));
        await host.Source.ExecuteAsync("DROP VIEW facility; ALTER TABLE elsewhere RENAME TO facility");
        var run = await host.EndOfAsync(chunk.RunId);
        Assert.That(run.State, Is.EqualTo(RunState.Published), run.Reason);
        Assert.That((await FindAsync(host, chunk)).ObjectName, Does.Match(@"_0001-[2-9]\.json\.gz$"));
        Assert.That(await host.State.ScalarAsync<string>($"SELECT reason FROM hangfire.state WHERE jobid = {chunk.JobId} AND name = 'Scheduled' LIMIT 1"), Does.StartWith("Retry attempt 1 of 5"));
    }

    [Test]
    public async Task ADeletedJob_FailsItsChunk_AndTheRunNamesIt()
    {
        await using var host = await TestHost.CreateAsync(Facilities.Numbered(1, 15));
        var chunk = await PlanAsync(host);

        host.Get<Hangfire.IBackgroundJobClient>().ChangeState(chunk.JobId, new Hangfire.States.DeletedState(), null);
        host.StartWorkers();

        var run = await host.EndOfAsync(chunk.RunId);
        Assert.That(run.State, Is.EqualTo(RunState.Failed));
        Assert.That(run.Reason, Does.Contain("chunk 1 failed: the job was deleted in the dashboard"));
        Assert.That(run.ChunksDone, Is.EqualTo(1), "the other chunk is not blocked");
        Assert.That(File.Exists(Path.Combine(host.StorePath, "metadata.json")), Is.False);
    }

    [Test]
    public async Task AProcessWithAnotherSource_RefusesTheRun_InsteadOfMixingTwo()
    {
        await using var host = await TestHost.CreateAsync(Facilities.Numbered(1, 5) + "CREATE TABLE other AS TABLE facility");
        var chunk = await PlanAsync(host);
        await using var stranger = await host.AnotherAsync(("Feeds:facility:Table", "other"));
        stranger.Services.GetRequiredService<JobServers>().StartAll(JobClocks.RetriesOnly);

        var run = await host.EndOfAsync(chunk.RunId);

        Assert.That(run.State, Is.EqualTo(RunState.Failed));
        Assert.That(run.Reason, Does.Contain("was triggered for facility of").And.Contain("is configured for other of"));
    }

    [Test]
    public async Task Beat_IsRefused_OnceTheRunIsCancelled()
    {
        await using var host = await TestHost.CreateAsync(Facilities.Numbered(1, 5));
        var chunk = await PlanAsync(host);
        var claim = await host.Chunks.TryTakeAsync(chunk.RunId, 1, chunk.JobId);

        var before = await host.Chunks.BeatAsync(claim!, CancellationToken.None);
        await host.Runs.TryEndAsync(chunk.RunId, RunState.Cancelled, "test");

        Assert.That((before, await host.Chunks.BeatAsync(claim!, CancellationToken.None)), Is.EqualTo((true, false)));
    }

    private static string Slow(string table) => table + "CREATE VIEW slow AS SELECT f.* FROM facility f, LATERAL (SELECT pg_sleep(CASE WHEN current_setting('application_name') LIKE '%chunk%' THEN 0.3 ELSE 0 END), f.id) pause;";

    private static async Task<ChunkView> PlanAsync(TestHost host)
    {
        var runId = await host.TriggerAsync();
        var run = await host.Runs.FindAsync(runId, CancellationToken.None);
        await host.Get<RunPlanner>().PlanAsync(runId, run!.PlanJobId!, CancellationToken.None);
        return (await host.Chunks.FindAsync(runId, 1, CancellationToken.None))!;
    }

    private static async Task<ChunkView> FindAsync(TestHost host, ChunkView chunk) => (await host.Chunks.FindAsync(chunk.RunId, chunk.Number, CancellationToken.None))!;
}
