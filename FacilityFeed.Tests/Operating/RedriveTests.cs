using FacilityFeed.Domain.Ledger;
using FacilityFeed.Domain.Runs;
using FacilityFeed.Scheduler.Operating;
using FacilityFeed.Tests.Publishing;
using FacilityFeed.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace FacilityFeed.Tests.Operating;

public sealed class RedriveTests
{
    [Test]
    public async Task Redrive_MakesTheFailedChunksOnly_AndPublishes()
    {
        await using var host = await TestHost.CreateAsync(Facilities.Numbered(1, 25));
        var runId = await RunSteps.FailAsync(host, 2, 3);
        var before = await RunSteps.FindAsync(host, runId);

        var result = await host.Get<RunControl>().RedriveAsync(runId, "test");

        var redriven = await RunSteps.FindAsync(host, runId);
        Assert.That((before.State, result.IsDone, redriven.State, redriven.Remaining, redriven.Reason), Is.EqualTo((RunState.Failed, true, RunState.Running, 2, (string?)null)), result.Message);
        host.StartWorkers();
        var run = await host.EndOfAsync(runId);
        Assert.That(run.State, Is.EqualTo(RunState.Published), run.Reason);
        Assert.That(PublishTests.ReadIds(host.StorePath, run.Manifest!), Is.EqualTo(Enumerable.Range(1, 25).Select(id => $"{id}")));
        Assert.That((await RunSteps.ChunkAsync(host, runId, 1)).Attempt, Is.EqualTo(1), "a chunk that was done is left alone");
        Assert.That(await RunSteps.EventsAsync(host, runId), Has.One.Match("^redriven: by test: chunks 2, 3 made again, [0-9]+ (s|min) after its request$"));
        Assert.That(await host.State.ScalarAsync<long>("SELECT count(*) FROM hangfire.jobparameter WHERE name = 'RetryCount'"), Is.Zero);
    }

    [Test]
    public async Task Redrive_LocksTheRunOnlyWhenItsJobsAreMade()
    {
        await using var host = await TestHost.CreateAsync(Facilities.Numbered(1, 25));
        var runId = await RunSteps.FailAsync(host, 1, 2, 3);
        await LockTrap.SetAsync(host);

        var result = await host.Get<RunControl>().RedriveAsync(runId, "test");

        Assert.That((result.IsDone, (await RunSteps.FindAsync(host, runId)).Remaining), Is.EqualTo((true, 3)), result.Message);
    }

    [TestCase("running")]
    [TestCase("publishing")]
    public async Task Redrive_MakesTheManifestAlone_WhenNoChunkFailed(string failedFrom)
    {
        await using var host = await TestHost.CreateAsync(Facilities.Numbered(1, 25));
        var runId = await RunSteps.FailAsync(host);
        await host.State.ExecuteAsync($"UPDATE feed.run SET {Protocol.Writer}, state = '{failedFrom}'");
        var manifestJob = (await RunSteps.FindAsync(host, runId)).ManifestJobId!;
        RunSteps.Delete(host, manifestJob);
        var failed = await RunSteps.FindAsync(host, runId);

        var result = await host.Get<RunControl>().RedriveAsync(runId, "test");

        var redriven = await RunSteps.FindAsync(host, runId);
        Assert.That((failed.State, result.IsDone, redriven.State, redriven.Remaining), Is.EqualTo((RunState.Failed, true, RunState.Running, 0)), result.Message);
        Assert.That(redriven.ManifestJobId, Is.Not.EqualTo(manifestJob));
        host.StartWorkers();
        var run = await host.EndOfAsync(runId);
        Assert.That((run.State, run.Records), Is.EqualTo((RunState.Published, 25L)), run.Reason);
        Assert.That((await host.Chunks.ListAsync(runId, CancellationToken.None)).Select(chunk => chunk.Attempt), Is.All.EqualTo(1));
    }

    [Test]
    public async Task Redrive_HappensOnce_WhenAskedByManyTogether()
    {
        await using var host = await TestHost.CreateAsync(Facilities.Numbered(1, 25));
        var runId = await RunSteps.FailAsync(host, 1);

        var results = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => host.Get<RunControl>().RedriveAsync(runId, "test"))));

        Assert.That(results.Count(result => result.IsDone), Is.EqualTo(1));
        Assert.That((await RunSteps.FindAsync(host, runId)).Remaining, Is.EqualTo(1));
        Assert.That(await host.State.ScalarAsync<long>("SELECT count(*) FROM hangfire.job WHERE invocationdata::text LIKE '%ChunkJob%'"), Is.EqualTo(4), "three of the plan, one of the redrive");
    }

    [Test]
    public async Task Redrive_IsRefused_WhileAnotherRunIsActive_AndAfterOneIsPublished()
    {
        await using var host = await TestHost.CreateAsync(Facilities.Numbered(1, 25));
        var failed = await RunSteps.FailAsync(host, 2);
        var active = await host.TriggerAsync();

        var whileActive = await host.Get<RunControl>().RedriveAsync(failed, "test");
        host.StartWorkers();
        await host.EndOfAsync(active);
        var afterPublished = await host.Get<RunControl>().RedriveAsync(failed, "test");

        Assert.That((whileActive.IsDone, whileActive.Message), Is.EqualTo((false, $"run {failed} cannot be redriven: run {active} of the feed is active")));
        Assert.That((afterPublished.IsDone, afterPublished.Message), Is.EqualTo((false, $"run {failed} is superseded: only a failed run can be redriven")));
        Assert.That((await RunSteps.FindAsync(host, failed)).Reason, Does.EndWith($"run {active} was published after it"));
    }

    [Test]
    public async Task Redrive_IsRefused_WhenALaterRunIsPublished_ThoughThisOneFailedAfterIt()
    {
        await using var host = await TestHost.CreateAsync(Facilities.Numbered(1, 25));
        var failed = await RunSteps.FailAsync(host, 2);
        await host.PublishAsync();
        await host.State.ExecuteAsync($"UPDATE feed.run SET {Protocol.Writer}, state = 'failed' WHERE id = {failed}");

        var result = await host.Get<RunControl>().RedriveAsync(failed, "test");

        Assert.That((result.IsDone, result.Message), Is.EqualTo((false, $"run {failed} cannot be redriven: run {failed + 1} of the feed was published after it")));
    }

    [Test]
    public async Task Redrive_SaysToPublishAgain_WhenThePlanFailed()
    {
        await using var host = await TestHost.CreateAsync(Facilities.Numbered(1, 5));
        var runId = await host.TriggerAsync();
        RunSteps.Delete(host, (await RunSteps.FindAsync(host, runId)).PlanJobId!);

        var result = await host.Get<RunControl>().RedriveAsync(runId, "test");

        Assert.That((result.IsDone, result.Message), Is.EqualTo((false, $"run {runId} failed before its chunks were planned, so there is nothing to redrive: ./run publish facility makes the feed again")));
    }

    [Test]
    public async Task Redrive_IsRefused_WhereSourceOrPlaceIsAnother()
    {
        await using var host = await TestHost.CreateAsync(Facilities.Numbered(1, 5) + "CREATE TABLE other AS TABLE facility");
        var runId = await RunSteps.FailAsync(host, 1);
        await using var stranger = await host.AnotherAsync(("Feeds:facility:Table", "other"));

        var result = await stranger.Services.GetRequiredService<RunControl>().RedriveAsync(runId, "test");

        Assert.That(result.IsDone, Is.False);
        Assert.That(result.Message, Does.Contain("was triggered for facility of").And.Contain("is configured for other of"));
        Assert.That((await RunSteps.FindAsync(host, runId)).State, Is.EqualTo(RunState.Failed));
    }

    [Test]
    public async Task AHeldRun_IsSuperseded_WhenALaterOneIsPublished()
    {
        await using var host = await TestHost.CreateAsync(Facilities.EmptyTable);
        var held = await host.PublishAsync();
        await host.Source.ExecuteAsync("INSERT INTO facility (id, name, country, locality, postal_code, street_address) VALUES (1, 'Studio', 'DE', 'Berlin', '10115', 'Torstraße 1')");

        var published = await host.PublishAsync();

        Assert.That((held.State, published.State), Is.EqualTo((RunState.Held, RunState.Published)), published.Reason);
        Assert.That(await RunSteps.FindAsync(host, held.Id), Has.Property("State").EqualTo(RunState.Superseded).And.Property("Reason").EndsWith($"run {published.Id} was published after it"));
    }
}
