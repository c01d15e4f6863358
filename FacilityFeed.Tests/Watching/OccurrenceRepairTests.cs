using FacilityFeed.Scheduler.Operating;
using FacilityFeed.Tests.Scheduling;

namespace FacilityFeed.Tests.Watching;

/// <summary>Which of the times that nobody made the watcher makes late.</summary>
public sealed class OccurrenceRepairTests
{
    [Test]
    public async Task ATimeFromBeforeAPause_WaitsForItsEnd()
    {
        await using var table = await Timetable.CreateAsync("2027-01-10 02:59:55", "0 3 * * *");
        await table.Host.Get<RunControl>().PauseAsync("facility", "test");
        await table.Host.State.ExecuteAsync("UPDATE feed.feed_pause SET paused_at = '2027-01-10 03:00:05Z'");
        table.SetClock("2027-01-10 03:01:10");
        await table.WatchAsync();
        Assert.That(await table.LedgerAsync(), Is.Empty, "while it is paused");

        await table.Host.Get<RunControl>().ResumeAsync("facility", "test");
        table.SetClock("2027-01-10 03:05");
        await table.WatchAsync();

        Assert.That(await table.LedgerAsync(), Is.EqualTo("01-10 03:00 missed, made late"));
    }

    [Test]
    public async Task OfTwoMissedTimes_TheEarlierIsNotMade_WhenTheLaterHasJustCome()
    {
        await using var table = await Timetable.CreateAsync("2027-01-10 04:30", "0 * * * *");
        table.SetClock("2027-01-10 06:00:20");

        await table.WatchAsync();

        Assert.That(await table.LedgerAsync(), Is.EqualTo("01-10 05:00 missed"));
        Assert.That(await table.Host.State.ScalarAsync<long>("SELECT count(*) FROM feed.run"), Is.Zero);
    }
}
