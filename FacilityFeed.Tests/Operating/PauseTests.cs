using FacilityFeed.Domain.Ledger;
using FacilityFeed.Domain.Runs;
using FacilityFeed.Infrastructure.Ledger;
using FacilityFeed.Scheduler.Hosting;
using FacilityFeed.Scheduler.Operating;
using FacilityFeed.Scheduler.Scheduling;
using FacilityFeed.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace FacilityFeed.Tests.Operating;

/// <summary>Which triggers start runs: paused feeds, and triggers that meet an active run.</summary>
public sealed class PauseTests
{
    [Test]
    public async Task APausedFeed_StartsNoRun_InAnyProcess_UntilItIsResumed()
    {
        await using var host = await TestHost.CreateAsync(Facilities.Numbered(1, 5));
        await host.Get<RunControl>().PauseAsync("facility", "test");
        await using var restarted = await host.AnotherAsync();

        var paused = await restarted.Services.GetRequiredService<RunTrigger>().TriggerAsync(host.Feed, "facility@1", TriggerOrigins.Schedule, joinsActive: false);
        var again = await host.Get<RunTrigger>().TriggerAsync(host.Feed, "facility@1", TriggerOrigins.Schedule, joinsActive: false);
        await host.Get<RunControl>().ResumeAsync("facility", "test");
        var resumed = await host.Get<RunTrigger>().TriggerAsync(host.Feed, "facility@2", TriggerOrigins.Schedule, joinsActive: false);

        Assert.That((paused.Kind, again.RunId, resumed.Kind), Is.EqualTo((TriggerKind.Paused, paused.RunId, TriggerKind.Begun)));
        Assert.That(await RunSteps.FindAsync(host, paused.RunId), Has.Property("State").EqualTo(RunState.Skipped).And.Property("Reason").EqualTo("feed was paused"));
    }

    [Test]
    public async Task Pause_LetsTheActiveRunGoOn_AndIsInItsAuditTrail()
    {
        await using var host = await TestHost.CreateAsync(Facilities.Numbered(1, 5));
        var runId = await RunSteps.PlanAsync(host);

        await host.Get<RunControl>().PauseAsync("facility", "test");
        host.StartWorkers();

        Assert.That((await host.EndOfAsync(runId)).State, Is.EqualTo(RunState.Published));
        Assert.That(await RunSteps.EventsAsync(host, runId), Does.Contain("feed paused: by test; this run goes on"));
    }

    [Test]
    public async Task QueueOne_RemembersOneTrigger_AndSkipsFurtherOnes()
    {
        await using var host = await TestHost.CreateAsync(Facilities.Numbered(1, 5), settings: [("Feeds:facility:Overlap", "queue-one")]);
        var active = await host.TriggerAsync("facility@1");

        var queued = await TriggerAsync(host, "facility@2");
        var repeated = await TriggerAsync(host, "facility@2");
        var further = await TriggerAsync(host, "facility@3");

        Assert.That((queued, repeated), Is.EqualTo((new Triggered(active, TriggerKind.Queued), queued)));
        Assert.That(further.Kind, Is.EqualTo(TriggerKind.Skipped));
    }

    [TestCase("published")]
    [TestCase("failed")]
    [TestCase("held")]
    [TestCase("cancelled")]
    public async Task QueueOne_StartsTheWaitingTrigger_WhenTheActiveRunHasEnded(string end)
    {
        await using var host = await TestHost.CreateAsync(Facilities.Numbered(1, 5), settings: [("Feeds:facility:Overlap", "queue-one")]);
        var active = await host.TriggerAsync("facility@1");
        await TriggerAsync(host, "facility@2");
        var pending = host.Get<PendingTriggers>();

        await pending.StartDueAsync(CancellationToken.None);
        var whileActive = await host.State.ScalarAsync<long>("SELECT count(*) FROM feed.run");
        await host.State.ExecuteAsync($"UPDATE feed.run SET {Protocol.Writer}, state = '{end}' WHERE id = {active}");
        await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Task.Run(() => pending.StartDueAsync(CancellationToken.None))));

        Assert.That(whileActive, Is.EqualTo(1));
        Assert.That(await host.State.ScalarAsync<string>("SELECT string_agg(run_key || ' ' || state || ' ' || (plan_job_id IS NOT NULL), ',') FROM feed.run WHERE state IN ('planning', 'running')"), Is.EqualTo("facility@2 planning true"));
        Assert.That(await host.Get<FeedLedger>().ListPendingAsync(CancellationToken.None), Is.Empty);
        Assert.That(await host.State.ScalarAsync<long>("SELECT count(*) FROM hangfire.job WHERE invocationdata::text LIKE '%PlanJob%'"), Is.EqualTo(2));
    }

    [Test]
    public async Task QueueOne_WaitsForAPausedFeedToBeResumed()
    {
        await using var host = await TestHost.CreateAsync(Facilities.Numbered(1, 5), settings: [("Feeds:facility:Overlap", "queue-one")]);
        var active = await host.TriggerAsync("facility@1");
        await TriggerAsync(host, "facility@2");
        await host.Get<RunControl>().PauseAsync("facility", "test");
        await host.Runs.TryEndAsync(active, RunState.Cancelled, "test");

        await host.Get<PendingTriggers>().StartDueAsync(CancellationToken.None);
        var whilePaused = await host.Runs.FindActiveAsync("facility");
        await host.Get<RunControl>().ResumeAsync("facility", "test");
        await host.Get<PendingTriggers>().StartDueAsync(CancellationToken.None);

        Assert.That((whilePaused, await host.Runs.FindActiveAsync("facility")), Is.EqualTo(((long?)null, await host.Runs.FindByKeyAsync("facility", "facility@2"))));
        Assert.That(await host.Runs.FindByKeyAsync("facility", "facility@2"), Is.Not.Null);
    }

    [Test]
    public async Task AService_StartsTheWaitingTriggerByItself()
    {
        await using var host = await TestHost.CreateAsync(Facilities.Numbered(1, 5), settings: [("Feeds:facility:Overlap", "queue-one")]);
        await host.TriggerAsync("facility@1");
        await TriggerAsync(host, "facility@2");

        host.Get<JobServers>().StartAll(JobClocks.RetriesAndSchedules);

        await Until.TrueAsync(async () => await host.State.ScalarAsync<long>("SELECT count(*) FROM feed.run WHERE state = 'published' AND run_key IN ('facility@1', 'facility@2')") == 2, TimeSpan.FromSeconds(60), "both runs");
    }

    private static Task<Triggered> TriggerAsync(TestHost host, string runKey) => host.Get<RunTrigger>().TriggerAsync(host.Feed, runKey, TriggerOrigins.Schedule, joinsActive: false);
}
