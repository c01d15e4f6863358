using System.Globalization;
using FacilityFeed.Infrastructure.Ledger.Schedules;
using FacilityFeed.Scheduler.Hosting;
using FacilityFeed.Scheduler.Scheduling;
using FacilityFeed.Scheduler.Watching;
using FacilityFeed.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace FacilityFeed.Tests.Scheduling;

/// <summary>Schedules that change, that come from a version that kept none in the ledger, that two services have otherwise, or whose clocks are wrong.</summary>
public sealed class ScheduleChangeTests
{
    private static readonly (string, string) _utc = ("Feeds:facility:TimeZone", "UTC");

    [TestCase("30 3 * * *", "UTC", "2027-01-11 03:30")]
    [TestCase("0 3 * * *", "Europe/Berlin", "2027-01-11 02:00")]
    public async Task AChangedSchedule_EndsWhatWasOpen_AndCountsFromThen(string cron, string zone, string next)
    {
        await using var table = await Timetable.CreateAsync("2027-01-08 02:59", "0 3 * * *");
        var late = table.Trigger(Timetable.At("2027-01-10 03:00:03"));
        table.SetClock("2027-01-10 04:00");
        await using var changed = await table.Host.AnotherAsync(table.Clock, ("Feeds:facility:Cron", cron), ("Feeds:facility:TimeZone", zone));

        changed.Services.GetRequiredService<FeedSchedules>().Register();
        var said = Timetable.Run(changed.Services, late);
        table.SetClock("2027-01-10 04:10");
        await changed.Services.GetRequiredService<OccurrenceRepair>().RepairAsync(isWakening: false, CancellationToken.None);

        Assert.That(await table.LedgerAsync(), Is.EqualTo("01-08 03:00/01-10 03:00 3 schedule changed"));
        Assert.That(said, Is.EqualTo("starts no run: its schedule was changed at 2027-01-10 04:00 UTC, and that of before ended then"));
        Assert.That(HangfireJob.Recurring(table.Host).NextExecution, Is.EqualTo(Timetable.At(next)));
        Assert.That(table.Host.Get<ScheduleLedger>().Find("facility"), Has.Property("Since").EqualTo(Timetable.At("2027-01-10 04:00")).And.Property("Cron").EqualTo(cron));
    }

    [Test]
    public async Task AScheduleThatIsTheSame_IsLeftAsItIs()
    {
        await using var table = await Timetable.CreateAsync("2027-01-10 02:59", "0 3 * * *");
        table.SetClock("2027-01-10 03:10");

        table.Host.Get<FeedSchedules>().Register();
        await table.WatchAsync();

        Assert.That(await table.LedgerAsync(), Is.EqualTo("01-10 03:00 missed, made late"));
    }

    [Test]
    public async Task OfTwoServicesThatDiffer_TheLastRegistrationCounts_AlsoForARepair()
    {
        await using var table = await Timetable.CreateAsync("2027-01-10 02:00", "0 3 * * *");
        await using var other = await table.Host.AnotherAsync(table.Clock, ("Feeds:facility:Cron", "0 5 * * *"), _utc);
        other.Services.GetRequiredService<FeedSchedules>().Register();

        await table.Host.State.ExecuteAsync("DELETE FROM hangfire.hash WHERE key = 'recurring-job:facility'");
        await table.WatchAsync();
        Assert.That(HangfireJob.Recurring(table.Host).Cron, Is.EqualTo("0 5 * * *"), "deleted");
        // As after a registration that was killed between the ledger and Hangfire.
        await table.Host.State.ExecuteAsync("UPDATE hangfire.hash SET value = '0 3 * * *' WHERE key = 'recurring-job:facility' AND field = 'Cron'");
        await table.WatchAsync();
        Assert.That(HangfireJob.Recurring(table.Host).Cron, Is.EqualTo("0 5 * * *"), "another");
        table.SetClock("2027-01-10 05:02");
        await table.WatchAsync();

        Assert.That(await table.LedgerAsync(), Is.EqualTo("01-10 05:00 missed, made late"));
    }

    [Test]
    public async Task TwoServicesThatDiffer_AreBothTold_Once()
    {
        await using var table = await Timetable.CreateAsync("2027-01-10 02:00", "0 3 * * *");
        table.Host.StartWorkers();
        await Until.TrueAsync(() => Task.FromResult(table.Host.Get<LivingServers>().Queues().Any(queue => queue.EndsWith("-facility", StringComparison.Ordinal))), TimeSpan.FromSeconds(20), "the workers");
        await using var other = await table.Host.AnotherAsync(table.Clock, ("Feeds:facility:Cron", "0 5 * * *"), _utc);
        var (registered, watched) = (new Lines<FeedSchedules>(), new Lines<OccurrenceRepair>());

        ActivatorUtilities.CreateInstance<FeedSchedules>(other.Services, registered).Register();
        var repair = ActivatorUtilities.CreateInstance<OccurrenceRepair>(table.Host.Services, watched);
        await repair.RepairAsync(isWakening: false, CancellationToken.None);
        await repair.RepairAsync(isWakening: false, CancellationToken.None);

        Assert.That(registered.Single(), Does.StartWith("The schedule of feed facility was '0 3 * * *' (UTC), and is '0 5 * * *' (UTC) from now on, for the last registration counts; but another service works on the feed"));
        Assert.That(watched.Single(), Does.StartWith("Feed facility: another service registered the schedule '0 5 * * *' (UTC), which counts, for the last registration does; here it is '0 3 * * *' (UTC)."));
    }

    [Test]
    public async Task AScheduleOfBefore_GoesOnInTheLedger_WhereHangfireHasIt()
    {
        await using var table = await Timetable.CreateAsync("2027-01-10 02:59:50", "0 3 * * *");
        table.SetClock("2027-01-10 03:00:02");
        table.Schedule();
        // As the version before left it: no schedule in the ledger, a job that waits, and its run where that began one.
        await table.Host.State.ExecuteAsync("DELETE FROM feed.schedule");
        table.SetClock("2027-01-12 04:00");

        table.Host.Get<FeedSchedules>().Register();
        var said = await table.WorkAsync();
        await table.WatchAsync();

        Assert.That(said, Is.EqualTo(new[] { "starts no run: its time 2027-01-10 03:00 UTC was missed, and 2027-01-12 03:00 UTC counts" }));
        Assert.That(await table.LedgerAsync(), Is.EqualTo("01-11 03:00 missed, 01-12 03:00 missed, made late"));
    }

    [Test]
    public async Task JobsOfBefore_ThatPiledUp_MakeTheLastTimeAlone()
    {
        await using var table = await Timetable.CreateAsync("2027-01-10 02:30", "0 * * * *");
        for (var hour = 3; hour < 7; hour++)
        {
            table.SetClock($"2027-01-10 0{hour}:00:03");
            table.Schedule();
        }

        await table.Host.State.ExecuteAsync("DELETE FROM feed.schedule");
        table.SetClock("2027-01-10 06:30");
        table.Host.Get<FeedSchedules>().Register();
        var said = await table.WorkAsync();

        Assert.That(said.SkipLast(1), Has.Exactly(3).Items.And.All.EndWith("was missed, and 2027-01-10 06:00 UTC counts"));
        Assert.That(said[^1], Is.EqualTo("run 1"));
        Assert.That(await table.LedgerAsync(), Is.EqualTo("01-10 06:00 schedule"));
    }

    [Test]
    public async Task AJobOfBefore_WhoseRunHasBegun_BelongsToIt()
    {
        await using var table = await Timetable.CreateAsync("2027-01-10 03:00:00", "0 3 * * *");
        table.SetClock("2027-01-10 03:00:20");
        var job = table.Trigger(Timetable.At("2027-01-10 03:00:02"));
        var begun = await table.Host.TriggerAsync(string.Create(CultureInfo.InvariantCulture, $"facility@{new DateTimeOffset(Timetable.At("2027-01-10 03:00:02")).ToUnixTimeSeconds()}"));
        await table.EndRunAsync();

        var said = Timetable.Run(table.Host.Services, job);
        table.SetClock("2027-01-10 03:10");
        await table.WatchAsync();

        Assert.That(said, Is.EqualTo($"run {begun}"));
        Assert.That(await table.LedgerAsync(), Is.EqualTo("01-10 03:00 test"));
    }

    [Test]
    public async Task ATrigger_WhoseTimeIsSettled_SaysByWhichRun()
    {
        await using var table = await Timetable.CreateAsync("2027-01-10 02:59:50", "0 3 * * *");
        table.SetClock("2027-01-10 03:10");
        await table.WatchAsync();

        Assert.That(Timetable.Run(table.Host.Services, table.Trigger(Timetable.At("2027-01-10 03:09"))), Is.EqualTo("starts no run: its time 2027-01-10 03:00 UTC belongs to run 1"));
        Assert.That(await table.Host.State.ScalarAsync<long>("SELECT count(*) FROM feed.run"), Is.EqualTo(1));
    }

    [Test]
    public async Task ATrigger_OfAClockThatIsAhead_TakesNoTimeThatIsYetToCome()
    {
        await using var table = await Timetable.CreateAsync("2027-01-10 02:59:50", "0 3 * * *");
        table.SetClock("2027-01-10 03:00:05");

        Timetable.Run(table.Host.Services, table.Trigger(Timetable.At("2031-01-10 03:00:05")));
        var again = Timetable.Run(table.Host.Services, table.Trigger(Timetable.At("9999-12-31")));
        await table.EndRunAsync();
        table.SetClock("2027-01-11 03:00:02");
        table.Schedule();
        await table.WorkAsync();

        Assert.That(again, Is.EqualTo("starts no run: its time 2027-01-10 03:00 UTC belongs to run 1"));
        Assert.That(await table.LedgerAsync(), Is.EqualTo("01-10 03:00 schedule, 01-11 03:00 schedule"));
    }

    [Test]
    public async Task ATrigger_OfAClockThatIsALittleAhead_HasItsTime()
    {
        await using var table = await Timetable.CreateAsync("2027-01-10 02:59:40", "0 3 * * *");

        Timetable.Run(table.Host.Services, table.Trigger(Timetable.At("2027-01-10 03:00:01")));

        Assert.That(await table.LedgerAsync(), Is.EqualTo("01-10 03:00 schedule"));
    }

    private sealed class Lines<T> : List<string>, ILogger<T>
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => Add(formatter(state, exception));
    }
}
