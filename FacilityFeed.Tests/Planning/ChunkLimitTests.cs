using FacilityFeed.Domain.Ledger;
using FacilityFeed.Scheduler.Hosting;
using FacilityFeed.Scheduler.Operating;
using FacilityFeed.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace FacilityFeed.Tests.Planning;

/// <summary>A plan with more chunks than the guard takes shards could never be published.</summary>
public sealed class ChunkLimitTests
{
    internal const string Raised = "25 rows in chunks of 2 would be more than 5 chunks, and the guard takes no more shards (Guard:MaxShards): the chunk size of this run is 5";

    private static readonly (string, string)[] _few = [("Feeds:facility:MaxChunks", "20"), ("Feeds:facility:Guard:MaxShards", "5")];

    [Test]
    public async Task APlan_HasNoMoreChunksThanTheGuardTakes_AndSaysSo()
    {
        await using var host = await TestHost.CreateAsync(Facilities.Numbered(1, 25), chunkSize: 2, settings: _few);

        var run = await host.PublishAsync();

        Assert.That((run.State, run.ChunkCount), Is.EqualTo((RunState.Published, 5)), run.Reason);
        Assert.That(await RunSteps.EventsAsync(host, run.Id), Has.One.EqualTo($"warning: {Raised}"));
    }

    [Test]
    public async Task APlan_SaysWhichLimitItWas_WhereMaxChunksIsTheSmallerOne()
    {
        await using var host = await TestHost.CreateAsync(Facilities.Numbered(1, 25), chunkSize: 2, settings: [("Feeds:facility:MaxChunks", "5")]);

        var runId = await RunSteps.PlanAsync(host);

        Assert.That(await RunSteps.EventsAsync(host, runId), Has.One.EqualTo("warning: 25 rows in chunks of 2 would be more than 5 chunks: the chunk size of this run is 5"));
    }

    [TestCase(10)]
    [TestCase(5)]
    public async Task APlan_SaysNothing_WhereItIsNotRaised(int chunkSize)
    {
        await using var host = await TestHost.CreateAsync(Facilities.Numbered(1, 25), chunkSize, settings: _few);

        var runId = await RunSteps.PlanAsync(host);

        Assert.That(await RunSteps.EventsAsync(host, runId), Has.None.StartsWith("warning"));
    }

    [Test]
    public async Task ARunThatHasMoreShardsThanTheGuardTakesNow_IsHeld_AndTheNextIsNot()
    {
        await using var host = await TestHost.CreateAsync(Facilities.Numbered(1, 25), chunkSize: 5);
        var runId = await RunSteps.FailAsync(host, 2);
        await using var stricter = await host.AnotherAsync(("Feeds:facility:Guard:MaxShards", "3"), ("Feeds:facility:ChunkSize", "5"));
        await stricter.Services.GetRequiredService<RunControl>().RedriveAsync(runId, "test");
        stricter.Services.GetRequiredService<JobServers>().StartAll(JobClocks.RetriesOnly);
        var held = await host.EndOfAsync(runId);

        var next = await host.EndOfAsync(await host.TriggerAsync());

        Assert.That((held.State, next.State, next.ChunkCount), Is.EqualTo((RunState.Held, RunState.Published, 3)), next.Reason);
        Assert.That(held.Reason, Does.StartWith("5 shards, limit 3: raise ChunkSize"));
    }
}
