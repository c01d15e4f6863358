using FacilityFeed.Scheduler.Exporting;
using FacilityFeed.Scheduler.Planning;

namespace FacilityFeed.Tests.Watching;

/// <summary>What an earlier build has begun stays where that build finds it, whoever works on it meanwhile: this one may be taken away for good.</summary>
public sealed class EarlierRunTests
{
    [Test]
    public async Task EveryJobOfAnEarlierRun_StandsInAnEarlierQueue()
    {
        await using var run = await WatchedRun.TriggeredAsync();
        await run.Host.State.ExecuteAsync("UPDATE feed.run SET writer = 2, protocol = 1");

        await run.LoseAsync((await run.FindAsync()).PlanJobId!);
        await run.TickAsync();
        Assert.That(await QueueAsync(run, (await run.FindAsync()).PlanJobId!), Is.EqualTo("feed-facility"), "a plan that was replaced");

        await run.Host.Get<RunPlanner>().PlanAsync(run.Id, (await run.FindAsync()).PlanJobId!, CancellationToken.None);
        foreach (var chunk in await run.Host.Chunks.ListAsync(run.Id, CancellationToken.None))
        {
            Assert.That(await QueueAsync(run, chunk.JobId), Is.EqualTo("shards-facility"), $"chunk {chunk.Number}");
        }

        await run.LoseAsync((await run.ChunkAsync(1)).JobId);
        await run.TickAsync();
        Assert.That(await QueueAsync(run, (await run.ChunkAsync(1)).JobId), Is.EqualTo("ahead-facility"), "a chunk that was replaced");

        foreach (var chunk in await run.Host.Chunks.ListAsync(run.Id, CancellationToken.None))
        {
            await run.Host.Get<ChunkRunner>().RunAsync(run.Id, chunk.Number, chunk.JobId, CancellationToken.None);
        }

        Assert.That(await QueueAsync(run, (await run.FindAsync()).ManifestJobId!), Is.EqualTo("feed-facility"), "the manifest");
    }

    private static Task<string> QueueAsync(WatchedRun run, string jobId) => run.Host.State.ScalarAsync<string>($"SELECT queue FROM hangfire.jobqueue WHERE jobid = {jobId}");
}
