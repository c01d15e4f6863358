using FacilityFeed.Domain.Exporting;
using FacilityFeed.Domain.Ledger;
using FacilityFeed.Domain.Planning;
using FacilityFeed.Domain.Shaping;
using FacilityFeed.Domain.Storing;
using FacilityFeed.Infrastructure.Ledger;
using FacilityFeed.Scheduler.Exporting;
using FacilityFeed.Tests.Support;

namespace FacilityFeed.Tests.Exporting;

public sealed class FanInTests
{
    private TestHost _host = null!;

    private FanIn FanIn => _host.Get<FanIn>();

    [OneTimeSetUp]
    public async Task StartAsync() => _host = await TestHost.CreateAsync(Facilities.EmptyTable);

    [OneTimeTearDown]
    public async Task StopAsync() => await _host.DisposeAsync();

    [SetUp]
    public async Task EmptyAsync() => await _host.State.ExecuteAsync("TRUNCATE feed.run CASCADE; TRUNCATE hangfire.job CASCADE; TRUNCATE hangfire.jobqueue");

    [Test]
    public async Task TheLastTwoChunks_MakeOneManifestJob_WhenTheyFinishTogether()
    {
        const int Rounds = 100;
        for (var round = 0; round < Rounds; round++)
        {
            var claims = await StartAsync(chunks: 2);
            using var barrier = new Barrier(2);

            var finished = await Task.WhenAll(claims.Select(claim => Task.Run(() =>
            {
                barrier.SignalAndWait();
                return FanIn.FinishChunkAsync(claim, Outcome(claim), storeRetries: 0);
            })));

            var run = await _host.Runs.FindAsync(claims[0].RunId, CancellationToken.None);
            Assert.That(finished, Is.EqualTo(new[] { true, true }));
            Assert.That((run!.Remaining, await ManifestJobsAsync()), Is.EqualTo((0, 1)), $"round {round}");
            Assert.That(run.ManifestJobId, Is.Not.Null);
            await EmptyAsync();
        }
    }

    [Test]
    public async Task ADoneAndAFailedChunk_FailTheRun_WhenTheySettleTogether()
    {
        const int Rounds = 50;
        for (var round = 0; round < Rounds; round++)
        {
            var claims = await StartAsync(chunks: 2);
            var failing = await _host.Chunks.FindAsync(claims[1].RunId, claims[1].Number, CancellationToken.None);
            using var barrier = new Barrier(2);

            await Task.WhenAll(
                Task.Run(() =>
                {
                    barrier.SignalAndWait();
                    return FanIn.FinishChunkAsync(claims[0], Outcome(claims[0]), storeRetries: 0);
                }),
                Task.Run(() =>
                {
                    barrier.SignalAndWait();
                    FanIn.FailChunk(failing!.RunId, failing.Number, failing.JobId, "no luck");
                }));

            var run = await _host.Runs.FindAsync(claims[0].RunId, CancellationToken.None);
            Assert.That((run!.State, run.Remaining, await ManifestJobsAsync()), Is.EqualTo((RunState.Failed, 0, 0)), $"round {round}");
            Assert.That(run.Reason, Does.Contain("chunk 2 failed: no luck"));
            await EmptyAsync();
        }
    }

    [Test]
    public async Task TheSameFinish_CountsOnce_WhenItIsSentTwice()
    {
        var claims = await StartAsync(chunks: 3);

        var first = await FanIn.FinishChunkAsync(claims[0], Outcome(claims[0]), storeRetries: 0);
        var second = await FanIn.FinishChunkAsync(claims[0], Outcome(claims[0]), storeRetries: 0);

        Assert.That((first, second), Is.EqualTo((true, false)));
        Assert.That((await _host.Runs.FindAsync(claims[0].RunId, CancellationToken.None))!.Remaining, Is.EqualTo(2));
    }

    [Test]
    public async Task AnOvertakenAttempt_DoesNotCount()
    {
        var claims = await StartAsync(chunks: 1);
        var chunk = await _host.Chunks.FindAsync(claims[0].RunId, 1, CancellationToken.None);
        var newer = await _host.Chunks.TryTakeAsync(claims[0].RunId, 1, chunk!.JobId);

        var old = await FanIn.FinishChunkAsync(claims[0], Outcome(claims[0]), storeRetries: 0);

        Assert.That(old, Is.False);
        Assert.That(await ManifestJobsAsync(), Is.Zero);
        Assert.That(await FanIn.FinishChunkAsync(newer!, Outcome(newer!), storeRetries: 0), Is.True);
        Assert.That((await _host.Chunks.FindAsync(claims[0].RunId, 1, CancellationToken.None))!.ObjectName, Is.EqualTo("shard-1-2"));
    }

    [Test]
    public async Task AFailureOfAJobThatWasReplaced_DoesNotCount()
    {
        var claims = await StartAsync(chunks: 1);

        FanIn.FailChunk(claims[0].RunId, 1, "another job", "late");

        Assert.That((await _host.Runs.FindAsync(claims[0].RunId, CancellationToken.None))!.Remaining, Is.EqualTo(1));
    }

    [Test]
    public async Task TheLastFinishOfACancelledRun_MakesNoManifestJob()
    {
        var claims = await StartAsync(chunks: 1);
        await _host.Runs.TryEndAsync(claims[0].RunId, RunState.Cancelled, "test");

        await FanIn.FinishChunkAsync(claims[0], Outcome(claims[0]), storeRetries: 0);

        Assert.That(await ManifestJobsAsync(), Is.Zero);
    }

    private async Task<List<ChunkClaim>> StartAsync(int chunks)
    {
        var planning = await RunSteps.TakePlanAsync(_host);
        var plan = new ChunkPlan(10, [.. Enumerable.Range(1, chunks).Select(number => new ChunkRange(number, number, number, 1))]);
        await RunSteps.FanOutAsync(_host, planning, plan);
        var claims = new List<ChunkClaim>();
        foreach (var chunk in await _host.Chunks.ListAsync(planning.RunId, CancellationToken.None))
        {
            claims.Add((await _host.Chunks.TryTakeAsync(planning.RunId, chunk.Number, chunk.JobId))!);
        }

        return claims;
    }

    private static ChunkOutcome Outcome(ChunkClaim claim) => new(1, 1, 10, new ShapingTally(), new StoredObject($"shard-{claim.Number}-{claim.Attempt}", 10, "hash"));

    private Task<long> ManifestJobsAsync() => _host.State.ScalarAsync<long>("SELECT count(*) FROM hangfire.job WHERE invocationdata::text LIKE '%ManifestJob%'");
}
