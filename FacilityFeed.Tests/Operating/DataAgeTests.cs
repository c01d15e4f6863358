using FacilityFeed.Domain.Ledger;
using FacilityFeed.Domain.Runs;
using FacilityFeed.Scheduler.Operating;
using FacilityFeed.Tests.Support;

namespace FacilityFeed.Tests.Operating;

/// <summary>A run that waited long for a person has data as old, and replaces what the partner has by it.</summary>
public sealed class DataAgeTests
{
    [Test]
    public async Task Redrive_OfAnOldRun_IsRefused_UnlessItIsForced()
    {
        await using var host = await TestHost.CreateAsync(Facilities.Numbered(1, 25));
        var runId = await RunSteps.FailAsync(host, 2);
        await AgeAsync(host, "25 hours");

        var refused = await host.Get<RunControl>().RedriveAsync(runId, "test");
        var jobs = await host.State.ScalarAsync<long>("SELECT count(*) FROM hangfire.job");
        var forced = await host.Get<RunControl>().RedriveAsync(runId, "test", isForced: true);

        Assert.That(refused, Is.EqualTo(ControlResult.Refused($"run {runId} was requested 25 h ago, and its data is as old: more than 24 h (Feeds:facility:RedriveWithin). ./run publish facility makes the feed of today's data; ./run redrive {runId} --force lets this run go on all the same")));
        Assert.That(jobs, Is.EqualTo(1 + 3), "nothing is made for a refusal");
        Assert.That(forced, Is.EqualTo(ControlResult.Done($"run {runId} goes on: chunk 2 made again, 25 h after its request")));
        Assert.That(await RunSteps.EventsAsync(host, runId), Has.One.EqualTo("redriven: by test: chunk 2 made again, 25 h after its request"));
        Assert.That((await RunSteps.FindAsync(host, runId)).State, Is.EqualTo(RunState.Running));
    }

    [TestCase(null, "23 hours", true)]
    [TestCase("2d", "47 hours", true)]
    [TestCase("2d", "49 hours", false)]
    [TestCase("90min", "91 minutes", false)]
    [TestCase("off", "400 days", true)]
    public async Task Redrive_ObeysItsFeedsSetting(string? within, string age, bool isAllowed)
    {
        await using var host = await TestHost.CreateAsync(Facilities.Numbered(1, 25), settings: within is null ? [] : [("Feeds:facility:RedriveWithin", within)]);
        var runId = await RunSteps.FailAsync(host, 2);
        await AgeAsync(host, age);

        var result = await host.Get<RunControl>().RedriveAsync(runId, "test");

        Assert.That(result.IsDone, Is.EqualTo(isAllowed), result.Message);
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task Requeue_OfAnOldRunsJob_IsRefused_WithTheCommandToUse(bool isManifest)
    {
        await using var host = await TestHost.CreateAsync(Facilities.Numbered(1, 25));
        var runId = await RunSteps.FailAsync(host, isManifest ? [] : [2]);
        var job = isManifest ? (await RunSteps.FindAsync(host, runId)).ManifestJobId! : (await RunSteps.ChunkAsync(host, runId, 2)).JobId;
        RunSteps.Delete(host, job);
        await AgeAsync(host, "3 days");

        RunSteps.Requeue(host, job);

        var state = HangfireJob.State(host, job);
        Assert.That((state.StateName, state.Reason), Is.EqualTo(("Failed", $"not requeued: run {runId} was requested 3 days ago, and its data is as old: more than 24 h (Feeds:facility:RedriveWithin). ./run publish facility makes the feed of today's data; ./run redrive {runId} --force lets this run go on all the same")));
        Assert.That((await RunSteps.FindAsync(host, runId)).State, Is.EqualTo(RunState.Failed));
    }

    [Test]
    public async Task Requeue_WhileAnOldRunGoesOn_IsNotRefused()
    {
        await using var host = await TestHost.CreateAsync(Facilities.Numbered(1, 25));
        var runId = await RunSteps.PlanAsync(host);
        var job = (await RunSteps.ChunkAsync(host, runId, 2)).JobId;
        RunSteps.Delete(host, job);
        await AgeAsync(host, "3 days");

        RunSteps.Requeue(host, job);

        Assert.That((await RunSteps.ChunkAsync(host, runId, 2)).State, Is.EqualTo(ChunkState.Planned));
    }

    [Test]
    public async Task PublishAnyway_OfAnOldRun_IsRefused_UnlessItIsForced()
    {
        await using var host = await TestHost.CreateAsync(Facilities.Numbered(1, 25), settings: [("Feeds:facility:Guard:MinRecords", "26")]);
        var held = await host.PublishAsync();
        await AgeAsync(host, "3 days 15 hours");

        var refused = await host.Get<RunControl>().PublishAnywayAsync(held.Id, "checked", "test");
        var forced = await host.Get<RunControl>().PublishAnywayAsync(held.Id, "checked", "test", isForced: true);

        Assert.That(held.State, Is.EqualTo(RunState.Held), held.Reason);
        Assert.That((refused.IsDone, refused.Message), Is.EqualTo((false, $"run {held.Id} was requested 3.6 days ago, and its data is as old: more than 24 h (Feeds:facility:RedriveWithin). ./run publish facility makes the feed of today's data; ./run publish-anyway {held.Id} --reason '...' --force lets this run go on all the same")));
        Assert.That((forced.IsDone, forced.Message), Is.EqualTo((true, $"run {held.Id} is published as it is, 3.6 days after its request")));
        Assert.That((await host.EndOfAsync(held.Id)).State, Is.EqualTo(RunState.Published));
    }

    private static Task AgeAsync(TestHost host, string age) => host.State.ExecuteAsync($"UPDATE feed.run SET {Protocol.Writer}, requested_at = clock_timestamp() - interval '{age}'");
}
