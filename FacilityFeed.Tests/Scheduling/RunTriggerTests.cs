using FacilityFeed.Domain.Ledger;
using FacilityFeed.Scheduler.Scheduling;
using FacilityFeed.Tests.Support;

namespace FacilityFeed.Tests.Scheduling;

public sealed class RunTriggerTests
{
    [Test]
    public async Task Trigger_StartsOneRun_WhenTheSameTriggerIsExecutedTwice()
    {
        await using var host = await TestHost.CreateAsync(Facilities.Numbered(1, 5));

        var first = await host.TriggerAsync("facility@1");
        var second = await host.TriggerAsync("facility@1");

        Assert.That(second, Is.EqualTo(first));
        Assert.That(await host.State.ScalarAsync<long>("SELECT count(*) FROM feed.run"), Is.EqualTo(1));
        Assert.That(await host.State.ScalarAsync<long>("SELECT count(*) FROM hangfire.job"), Is.EqualTo(1));
    }

    [Test]
    public async Task Trigger_RecordsASkippedRun_WhenAnotherIsActive()
    {
        await using var host = await TestHost.CreateAsync(Facilities.Numbered(1, 5));
        var active = await host.TriggerAsync();

        var skipped = await host.Runs.FindAsync(await host.TriggerAsync(), CancellationToken.None);

        Assert.That(skipped!.State, Is.EqualTo(RunState.Skipped));
        Assert.That(skipped.ActiveRunId, Is.EqualTo(active));
        Assert.That(skipped.PlanJobId, Is.Null);
    }

    [Test]
    public async Task Trigger_JoinsTheActiveRun_WhenAskedTo()
    {
        await using var host = await TestHost.CreateAsync(Facilities.Numbered(1, 5));
        var active = await host.TriggerAsync();

        var joined = await host.Get<RunTrigger>().TriggerAsync(host.Feed, "request", "command", joinsActive: true);

        Assert.That(joined, Is.EqualTo(new Triggered(active, TriggerKind.Joined)));
    }

    [Test]
    public async Task Trigger_LetsOneBegin_WhenTwentyComeTogether()
    {
        await using var host = await TestHost.CreateAsync(Facilities.Numbered(1, 5));

        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Task.Run(() => host.TriggerAsync())));

        Assert.That(await host.State.ScalarAsync<long>("SELECT count(*) FROM feed.run WHERE state = 'planning'"), Is.EqualTo(1));
        Assert.That(await host.State.ScalarAsync<long>("SELECT count(*) FROM feed.run WHERE state = 'skipped'"), Is.EqualTo(19));
        Assert.That(await host.State.ScalarAsync<long>("SELECT count(*) FROM hangfire.job"), Is.EqualTo(1), "plan jobs");
    }
}
