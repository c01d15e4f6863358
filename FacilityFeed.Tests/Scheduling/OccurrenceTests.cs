using FacilityFeed.Scheduler.Operating;
using FacilityFeed.Scheduler.Scheduling;
using FacilityFeed.Scheduler.Watching;
using FacilityFeed.Tests.Support;
using Hangfire;
using Microsoft.Extensions.DependencyInjection;

namespace FacilityFeed.Tests.Scheduling;

/// <summary>Each due time of a schedule ends in a run or in a row that says why not, whatever Hangfire forgets.</summary>
public sealed class OccurrenceTests
{
    internal const string RefuseJobs = """
        CREATE FUNCTION hangfire.refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no jobs today'; END $$;
        CREATE TRIGGER refuse BEFORE INSERT ON hangfire.job FOR EACH ROW EXECUTE FUNCTION hangfire.refuse();
        """;

    internal const string TakeJobs = "DROP TRIGGER refuse ON hangfire.job; DROP FUNCTION hangfire.refuse";

    [Test]
    public async Task ATime_BelongsToTheRunOfItsTrigger()
    {
        await using var table = await Timetable.CreateAsync("2027-01-10 02:59:55", "0 3 * * *");

        table.SetClock("2027-01-10 03:00:04");
        table.Schedule();
        var said = await table.WorkAsync();
        table.SetClock("2027-01-10 03:05");
        await table.WatchAsync();

        Assert.That(said, Is.EqualTo(new[] { "run 1" }));
        Assert.That(await table.LedgerAsync(), Is.EqualTo("01-10 03:00 schedule"));
        Assert.That(await table.Host.State.ScalarAsync<string>("SELECT run_key FROM feed.run"), Is.EqualTo($"facility@{new DateTimeOffset(Timetable.At("2027-01-10 03:00")).ToUnixTimeSeconds()}"));
    }

    [Test]
    public async Task ATime_WhoseJobIsRefusedFor10Seconds_IsMadeByHangfiresNextTry()
    {
        await using var table = await Timetable.CreateAsync("2027-01-10 02:59:55", "0 3 * * *");
        await table.Host.State.ExecuteAsync(RefuseJobs);
        table.SetClock("2027-01-10 03:00:02");
        table.Schedule();
        await table.WatchAsync();
        table.SetClock("2027-01-10 03:00:07");
        table.Schedule();

        await table.Host.State.ExecuteAsync(TakeJobs);
        table.SetClock("2027-01-10 03:00:12");
        await table.WatchAsync();
        table.Schedule();
        await table.WorkAsync();

        Assert.That(await table.LedgerAsync(), Is.EqualTo("01-10 03:00 schedule"));
    }

    [Test]
    public async Task ATime_AtWhichHangfireDisabledTheSchedule_IsMadeLate_Once()
    {
        await using var table = await Timetable.CreateAsync("2027-01-10 02:59:55", "0 3 * * *");
        await table.Host.State.ExecuteAsync(RefuseJobs);
        for (var second = 2; second < 40; second += 6)
        {
            table.SetClock($"2027-01-10 03:00:{second:00}");
            table.Schedule();
        }

        Assert.That(HangfireJob.Recurring(table.Host).NextExecution, Is.Null, "disabled");
        await table.Host.State.ExecuteAsync(TakeJobs);
        await table.WatchAsync();
        Assert.That(await table.LedgerAsync(), Is.Empty, "not yet late");
        for (var second = 0; second < 3; second++)
        {
            table.SetClock($"2027-01-10 03:01:0{second + 1}");
            await table.WatchAsync();
            table.Schedule();
            await table.WorkAsync();
        }

        Assert.That(await table.LedgerAsync(), Is.EqualTo("01-10 03:00 missed, made late"));
        Assert.That(HangfireJob.Recurring(table.Host).NextExecution, Is.EqualTo(Timetable.At("2027-01-11 03:00")));
        Assert.That(await RunSteps.EventsAsync(table.Host, 1), Has.One.EqualTo("repair: the time 2027-01-10 03:00 UTC of the schedule was missed; this run is made late"));
        Assert.That(await table.Host.State.ScalarAsync<long>("SELECT count(*) FROM feed.run"), Is.EqualTo(1));
    }

    [Test]
    public async Task TheSchedule_OfAServiceThatIsDown_GoesOn_WhenAnotherOneStarts()
    {
        await using var table = await Timetable.CreateAsync("2027-01-10 02:50", "0 5 * * *");
        (string, string)[] studios = [("Feeds:studios:Name", "studios"), ("Feeds:studios:Prefix", "studios"), ("Feeds:studios:Cron", "0 3 * * *"), ("Feeds:studios:TimeZone", "UTC")];
        await using (var other = await table.Host.AnotherAsync(table.Clock, studios))
        {
            other.Services.GetRequiredService<FeedSchedules>().Register();
        }

        table.Host.Get<FeedSchedules>().Register();
        table.SetClock("2027-01-10 03:00:03");
        table.Schedule();
        table.SetClock("2027-01-10 03:10");
        await table.WatchAsync();
        await using var back = await table.Host.AnotherAsync(table.Clock, studios);
        back.Services.GetRequiredService<FeedSchedules>().Register();
        await table.WorkAsync(back.Services);

        Assert.That(await table.LedgerAsync("studios"), Is.EqualTo("01-10 03:00 schedule"));
    }

    [Test]
    public async Task ALateTime_IsMadeOnce_ByTwoSchedulersAtATime()
    {
        await using var table = await Timetable.CreateAsync("2027-01-10 02:59:55", "0 3 * * *");
        await using var other = await table.Host.AnotherAsync(table.Clock, ("Feeds:facility:Cron", "0 3 * * *"), ("Feeds:facility:TimeZone", "UTC"));
        for (var day = 10; day < 16; day++)
        {
            table.SetClock($"2027-01-{day} 03:01:01");
            var job = table.Trigger(Timetable.At($"2027-01-{day} 03:01"));

            // Without the lock that lets one process at a time watch.
            await Task.WhenAll(
                Task.Run(() => table.Host.Get<OccurrenceRepair>().RepairAsync(isWakening: false, CancellationToken.None)),
                Task.Run(() => other.Services.GetRequiredService<OccurrenceRepair>().RepairAsync(isWakening: false, CancellationToken.None)),
                Task.Run(() => Timetable.Run(other.Services, job)));
            await table.EndRunAsync();
        }

        Assert.That(await table.Host.State.ScalarAsync<string>("SELECT count(*) || ' ' || count(DISTINCT due_at) || ' ' || count(DISTINCT run_id) FROM feed.occurrence"), Is.EqualTo("6 6 6"));
        Assert.That(await table.Host.State.ScalarAsync<long>("SELECT count(*) FROM feed.run"), Is.EqualTo(6));
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task OfAGap_TheLastTimeIsMade_AndTheOthersAreOneRow(bool isByHangfire)
    {
        await using var table = await Timetable.CreateAsync("2027-01-10 02:30", "0 * * * *");
        table.SetClock("2027-01-10 07:20");

        if (isByHangfire)
        {
            table.Schedule();
            await table.WorkAsync();
        }

        await table.WatchAsync();
        table.Schedule();
        await table.WorkAsync();

        Assert.That(await table.LedgerAsync(), Is.EqualTo("01-10 03:00/01-10 06:00 4 missed, 01-10 07:00 missed, made late"));
        Assert.That(await table.Host.State.ScalarAsync<long>("SELECT count(*) FROM feed.run"), Is.EqualTo(1));
    }

    [Test]
    public async Task JobsThatPiledUp_WhileNobodyWorked_MakeTheLastTimeAlone()
    {
        await using var table = await Timetable.CreateAsync("2027-01-10 02:30", "0 * * * *");
        for (var hour = 3; hour < 7; hour++)
        {
            table.SetClock($"2027-01-10 0{hour}:00:03");
            table.Schedule();
        }

        table.SetClock("2027-01-10 06:00:30");
        var said = await table.WorkAsync();
        await table.WatchAsync();

        Assert.That(said, Is.EqualTo(new[]
        {
            "starts no run: its time 2027-01-10 03:00 UTC was missed, and 2027-01-10 06:00 UTC counts", "starts no run: its time 2027-01-10 04:00 UTC was missed, and 2027-01-10 06:00 UTC counts",
            "starts no run: its time 2027-01-10 05:00 UTC was missed, and 2027-01-10 06:00 UTC counts", "run 1",
        }));
        Assert.That(await table.LedgerAsync(), Is.EqualTo("01-10 03:00/01-10 05:00 3 missed, 01-10 06:00 schedule"));
    }

    [Test]
    public async Task ATime_WhoseTriggerAPersonDeletes_IsNotMadeLate()
    {
        await using var table = await Timetable.CreateAsync("2027-01-10 02:59:55", "0 3 * * *");
        table.SetClock("2027-01-10 03:00:03");
        table.Schedule();

        table.Host.Get<IBackgroundJobClient>().Delete(HangfireJob.Recurring(table.Host).LastJobId);
        table.SetClock("2027-01-10 03:10");
        await table.WatchAsync();

        Assert.That(await table.LedgerAsync(), Is.EqualTo("01-10 03:00 its trigger was deleted"));
    }

    [Test]
    public async Task ATime_WhoseDeletedTriggerIsRequeued_HasItsRun_Once()
    {
        await using var table = await Timetable.CreateAsync("2027-01-10 02:59:55", "0 3 * * *");
        table.SetClock("2027-01-10 03:00:03");
        table.Schedule();
        var job = HangfireJob.Recurring(table.Host).LastJobId;
        table.Host.Get<IBackgroundJobClient>().Delete(job);

        RunSteps.Requeue(table.Host, job);
        var said = await table.WorkAsync();
        table.SetClock("2027-01-10 03:10");
        await table.WatchAsync();

        Assert.That(said, Is.EqualTo(new[] { "run 1" }));
        Assert.That(await table.LedgerAsync(), Is.EqualTo("01-10 03:00 schedule"));
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task ATimeThatMetAPause_IsNeverMadeLate(bool isByHangfire)
    {
        await using var table = await Timetable.CreateAsync("2027-01-10 02:59:55", "0 3 * * *");
        await table.Host.Get<RunControl>().PauseAsync("facility", "test");
        await table.Host.State.ExecuteAsync("UPDATE feed.feed_pause SET paused_at = '2027-01-10 02:59:57Z'");
        table.SetClock("2027-01-10 03:00:03");
        if (isByHangfire)
        {
            table.Schedule();
            await table.WorkAsync();
        }

        table.SetClock("2027-01-10 03:00:10");
        await table.Host.Get<RunControl>().ResumeAsync("facility", "test");
        table.SetClock("2027-01-10 03:30");
        table.Schedule();
        await table.WorkAsync();
        await table.WatchAsync();

        Assert.That(await table.LedgerAsync(), Is.EqualTo(isByHangfire ? "01-10 03:00 schedule skipped paused" : "01-10 03:00 paused"));
        Assert.That(await table.Host.Runs.FindActiveAsync("facility"), Is.Null);
    }

    [Test]
    public async Task APauseOfSeconds_TakesNoTimeThatWasDueBefore()
    {
        await using var table = await Timetable.CreateAsync("2027-01-10 02:59:55", "0 3 * * *");
        await table.Host.Get<RunControl>().PauseAsync("facility", "test");
        await table.Host.State.ExecuteAsync("UPDATE feed.feed_pause SET paused_at = '2027-01-10 03:00:05Z'");
        table.SetClock("2027-01-10 03:00:10");
        await table.Host.Get<RunControl>().ResumeAsync("facility", "test");
        table.SetClock("2027-01-10 03:01:10");
        await table.WatchAsync();

        Assert.That(await table.LedgerAsync(), Is.EqualTo("01-10 03:00 missed, made late"));
    }

    [Test]
    public async Task TimesThatNobodySaw_WhileTheFeedIsPaused_AreOneRow()
    {
        await using var table = await Timetable.CreateAsync("2027-01-10 02:59:55", "0 3 * * *");
        await table.Host.Get<RunControl>().PauseAsync("facility", "test");
        table.SetClock("2027-01-13 03:02");
        await table.WatchAsync();

        Assert.That(await table.LedgerAsync(), Is.EqualTo("01-10 03:00/01-13 03:00 4 paused"));
        Assert.That(await table.Host.State.ScalarAsync<long>("SELECT count(*) FROM feed.run"), Is.Zero);
    }

    [Test]
    public async Task TimesWithinAPause_ArePaused_AlsoWhenHangfireTakesTheLastOfThem()
    {
        await using var table = await Timetable.CreateAsync("2027-01-10 02:59:55", "0 3 * * *");
        await table.Host.Get<RunControl>().PauseAsync("facility", "test");
        await table.Host.State.ExecuteAsync("UPDATE feed.feed_pause SET paused_at = '2027-01-10 02:59:57Z'");
        // As no service was up.
        table.SetClock("2027-01-13 10:00");
        table.Schedule();
        await table.WorkAsync();
        await table.WatchAsync();

        Assert.That(await table.LedgerAsync(), Is.EqualTo("01-10 03:00/01-12 03:00 3 paused, 01-13 03:00 missed, made late skipped paused"));
    }

    [Test]
    public async Task ATimeThatMeetsAnActiveRun_Waits_AndThenHasItsRun()
    {
        await using var table = await Timetable.CreateAsync("2027-01-10 02:59:55", "0 3 * * *", ("Feeds:facility:Overlap", "queue-one"));
        await table.Host.TriggerAsync("by hand");
        table.SetClock("2027-01-10 03:00:03");
        table.Schedule();
        var said = await table.WorkAsync();
        table.SetClock("2027-01-10 03:10");
        await table.WatchAsync();
        var waiting = await table.LedgerAsync();
        await table.EndRunAsync();
        await table.Host.Get<PendingTriggers>().StartDueAsync(CancellationToken.None);

        Assert.That((said.Single(), waiting), Is.EqualTo(("waits for the end of run 1, then starts a run", "01-10 03:00 waits")));
        Assert.That(await table.LedgerAsync(), Is.EqualTo("01-10 03:00 schedule"));
    }

    [Test]
    public async Task ATimeThatMeetsAnActiveRun_IsTiedToItsSkippedRun()
    {
        await using var table = await Timetable.CreateAsync("2027-01-10 02:59:55", "0 3 * * *");
        await table.Host.TriggerAsync("by hand");
        table.SetClock("2027-01-10 03:00:03");
        table.Schedule();
        await table.WorkAsync();
        table.SetClock("2027-01-10 03:10");
        await table.WatchAsync();

        Assert.That(await table.LedgerAsync(), Is.EqualTo("01-10 03:00 schedule skipped"));
    }
}
