using FacilityFeed.Domain.Ledger;
using FacilityFeed.Scheduler.Hosting;
using FacilityFeed.Scheduler.Operating;
using FacilityFeed.Scheduler.Scheduling;
using FacilityFeed.Tests.Support;
using Hangfire;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace FacilityFeed.Tests.Scheduling;

/// <summary>"Trigger now": beside the schedule, which knows nothing of it, and once.</summary>
public sealed class HandTriggerTests
{
    private const string Missed = "2026-01-02T03:00:00.0000000Z";

    private static readonly TimeSpan _deadline = TimeSpan.FromSeconds(60);

    private TestHost _host = null!;

    [SetUp]
    public async Task CreateAsync()
    {
        _host = await TestHost.CreateAsync(Facilities.Numbered(1, 5), settings: [("Dashboard:Port", $"{ClosedPort.Find()}"), ("Feeds:facility:Overlap", "queue-one")]);
        _host.Get<FeedSchedules>().Register();
    }

    [TearDown]
    public async Task StopAsync() => await _host.DisposeAsync();

    [TestCase("dashboard")]
    [TestCase("manager")]
    public async Task TriggerNow_LeavesTheSchedule_AlsoATimeThatIsDue(string way)
    {
        await MissAsync();
        var before = await ScheduleAsync();

        await TriggerAsync(way);

        Assert.That(await ScheduleAsync(), Is.EqualTo(before), "next time, last time and due number");
        Assert.That(await TriggersAsync(), Is.EqualTo("facility trigger now"));
        Assert.That(HangfireJob.Recurring(_host), Has.Property("LastJobState").EqualTo("Enqueued"), "the page shows the new job");
    }

    [Test]
    public async Task TriggerNow_SatisfiesNoTimeOfTheSchedule_WhichStartsItsRunBesideIt()
    {
        await MissAsync();
        await TriggerAsync("manager");

        _host.Get<JobServers>().StartAll(JobClocks.RetriesAndSchedules);

        await Until.TrueAsync(async () => await RunsAsync("IS NOT NULL") == 2, _deadline, "a run by hand and one of the schedule");
        Assert.That((await RunsAsync("= 'trigger now'"), await RunsAsync("<> 'trigger now'")), Is.EqualTo((1L, 1L)));
    }

    [Test]
    public async Task TriggerNow_WhileTheScheduleIsTriedAgain_LeavesTheTimeThatFailed()
    {
        // As Hangfire leaves it: due at three, not had, tried again five seconds later.
        await _host.State.ExecuteAsync($"""
            INSERT INTO hangfire.hash (key, field, value) VALUES ('recurring-job:facility', 'Error', 'no connection'), ('recurring-job:facility', 'RetryAttempt', '1'), ('recurring-job:facility', 'LastExecution', '{Missed}');
            UPDATE hangfire.hash SET value = '2999-01-01T00:00:00.0000000Z' WHERE field = 'NextExecution'
            """);
        var before = await ScheduleAsync();

        await TriggerAsync("manager");

        Assert.That(await ScheduleAsync(), Is.EqualTo(before), "Hangfire looks for a time of the cron after the last execution");
    }

    [Test]
    public async Task TriggerNow_BeforeTheNextTime_ShowsItsOwn_AndLeavesThat()
    {
        var next = HangfireJob.Recurring(_host).NextExecution;

        await TriggerAsync("manager");

        Assert.That(HangfireJob.Recurring(_host).NextExecution, Is.EqualTo(next));
        Assert.That(HangfireJob.Recurring(_host).LastExecution, Is.EqualTo(DateTime.UtcNow).Within(TimeSpan.FromMinutes(1)));
    }

    [Test]
    public async Task TriggerNow_WhileADeadProcessHoldsTheEntry_IsCarriedOut()
    {
        await _host.State.ExecuteAsync("INSERT INTO hangfire.lock (resource, updatecount, acquired) VALUES ('hangfire:lock:recurring-job:facility', 0, now())");
        await TriggerAsync("manager");

        _host.StartWorkers();

        Assert.That((await _host.EndOfAsync(1)).State, Is.EqualTo(RunState.Published));
    }

    [Test]
    public async Task ATrigger_IsOneRun_WhoeverExecutesItAndHoweverOften()
    {
        var hand = _host.Get<HandTriggers>();
        var job = await TriggerAsync("manager");

        var said = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => hand.RunAsync(1, job))));
        var later = await hand.RunAsync(1, job);
        var another = await hand.RunAsync(1, "4711");

        Assert.That(said.Append(later), Is.All.EqualTo("run 1"));
        Assert.That(another, Is.EqualTo($"job {job} has taken trigger 1 over"));
        Assert.That(await _host.State.ScalarAsync<string>("SELECT string_agg(concat_ws(' ', origin, run_key), '; ') FROM feed.run"), Is.EqualTo("trigger now trigger 1"));
        Assert.That(await _host.State.ScalarAsync<string>("SELECT concat_ws(' ', run_id, reason, ended_at IS NOT NULL) FROM feed.trigger"), Is.EqualTo("1 t"));
    }

    [Test]
    public async Task TwoTriggers_OfOneSecond_AreTwo()
    {
        await TriggerAsync("manager");
        await TriggerAsync("manager");

        _host.StartWorkers();

        await Until.TrueAsync(async () => await _host.State.ScalarAsync<long>("SELECT count(*) FROM feed.run WHERE state = 'published' OR state = 'skipped'") + await WaitingAsync() == 2, _deadline, "both to be known");
    }

    [Test]
    public async Task ATrigger_SaysWhyItStartedNoRun()
    {
        var active = await _host.TriggerAsync();
        await _host.Get<HandTriggers>().RunAsync(1, await TriggerAsync("manager"));
        await _host.Get<HandTriggers>().RunAsync(2, await TriggerAsync("manager"));
        await _host.Get<RunControl>().PauseAsync("facility", "test");
        await _host.Get<HandTriggers>().RunAsync(3, await TriggerAsync("manager"));

        // Numbers of runs have gaps.
        Assert.That(await _host.State.ScalarAsync<string>("""
            SELECT string_agg(concat_ws(' ', coalesce(r.state, '-'), replace(t.reason, coalesce('run ' || r.id, '?'), 'it is'), ended_at IS NOT NULL), '; ' ORDER BY t.id) FROM feed.trigger t LEFT JOIN feed.run r ON r.id = t.run_id
            """), Is.EqualTo(
            $"- waits for the end of run {active}, then starts a run t; skipped it is skipped: another run of the feed is active t; skipped it is skipped: the feed is paused; ./run resume facility lets runs start again t"));
    }

    [Test]
    public async Task ATriggerWhoseJobIsDeleted_IsOver_AndRequeuedItIsCarriedOut()
    {
        var job = await TriggerAsync("manager");
        RunSteps.Delete(_host, job);
        var deleted = await _host.State.ScalarAsync<string>("SELECT concat_ws(' ', reason, ended_at IS NOT NULL) FROM feed.trigger");

        RunSteps.Requeue(_host, job);
        _host.StartWorkers();

        Assert.That((await _host.EndOfAsync(1)).State, Is.EqualTo(RunState.Published));
        Assert.That(deleted, Is.EqualTo("the job was deleted in the dashboard t"));
    }

    [Test]
    public async Task ATriggerThatCannotBeCarriedOut_IsOverWithItsReason()
    {
        await TriggerAsync("manager");
        await _host.State.ExecuteAsync("UPDATE feed.trigger SET feed = 'gone'");

        _host.StartWorkers();

        await Until.TrueAsync(async () => await _host.State.ScalarAsync<bool>("SELECT ended_at IS NOT NULL FROM feed.trigger"), _deadline, "the end of the trigger");
        Assert.That(await _host.State.ScalarAsync<string>("SELECT concat_ws(' ', coalesce(run_id::text, '-'), reason) FROM feed.trigger"), Does.StartWith("- ").And.Contain("gone"));
    }

    [Test]
    public void AnUnknownEntry_IsNoTrigger() => Assert.That(_host.Get<IRecurringJobManagerV2>().TriggerJob("nobody"), Is.Null);

    /// <summary>As of a schedule whose time came while no service was up.</summary>
    private Task MissAsync() => _host.State.ExecuteAsync($"""
        UPDATE hangfire.hash SET value = '{Missed}' WHERE field = 'NextExecution';
        UPDATE hangfire.set SET score = extract(epoch FROM timestamptz '{Missed}') WHERE key = 'recurring-jobs';
        INSERT INTO hangfire.hash (key, field, value) VALUES ('recurring-job:facility', 'LastExecution', '2026-01-01T03:00:00.0000000Z')
        """);

    private async Task<string> ScheduleAsync() => (await _host.State.ScalarAsync<string>("""
        SELECT string_agg(field || ' ' || value, ', ' ORDER BY field) || ' ' || (SELECT score FROM hangfire.set WHERE key = 'recurring-jobs')
        FROM hangfire.hash WHERE field IN ('NextExecution', 'LastExecution', 'Error', 'RetryAttempt')
        """))!;

    private Task<string> TriggersAsync() => _host.State.ScalarAsync<string>("SELECT string_agg(concat_ws(' ', feed, origin), '; ') FROM feed.trigger")!;

    private Task<long> RunsAsync(string origin) => _host.State.ScalarAsync<long>($"SELECT count(*) FROM feed.run WHERE origin {origin}");

    private Task<long> WaitingAsync() => _host.State.ScalarAsync<long>("SELECT count(*) FROM feed.pending_trigger");

    /// <returns>The new job.</returns>
    private async Task<string> TriggerAsync(string way)
    {
        if (way == "manager")
        {
            return _host.Get<IRecurringJobManagerV2>().TriggerJob("facility")!;
        }

        _host.Host.App.MapFeedDashboard();
        await _host.Host.App.StartAsync();
        using var http = new HttpClient { BaseAddress = new Uri(_host.Get<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()) };
        using var answer = await Dashboard.TriggerAsync(http);
        Assert.That(answer.IsSuccessStatusCode, $"{answer.StatusCode}");
        return HangfireJob.Recurring(_host).LastJobId;
    }
}
