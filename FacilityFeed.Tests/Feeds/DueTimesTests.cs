using System.Reflection;
using FacilityFeed.Domain.Feeds;

namespace FacilityFeed.Tests.Feeds;

/// <summary>The times of a schedule are those at which Hangfire has it come due, by the Cronos that it has within it.</summary>
public sealed class DueTimesTests
{
    private static readonly TimeZoneInfo _berlin = TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin");

    private static readonly string[] _crons =
    [
        "0 3 * * *", "30 2 * * *", "0,30 2 * * *", "*/30 1-3 * * *", "15 * * * *", "0 2/1 * * *", "*/20 * * * *", "0 0 29 2 1", "0 3 L * *", "0 12 * * MON#2", "0 9 15W * *", "30 30 2 * * *", "*/40 59 1,2 * * *", "@daily", "@hourly",
    ];

    private static readonly (DateTime From, DateTime To)[] _spans =
    [
        (Utc("2027-03-26"), Utc("2027-03-30")), // the clock goes forward on the 28th
        (Utc("2027-10-29"), Utc("2027-11-02")), // and back on the 31st
        (Utc("2027-12-30"), Utc("2028-01-02")),
    ];

    [TestCaseSource(nameof(_crons))]
    public void TheTimes_AreHangfires(string cron)
    {
        foreach (var zone in new[] { "Europe/Berlin", "UTC", "America/St_Johns", "Australia/Lord_Howe" }.Select(TimeZoneInfo.FindSystemTimeZoneById))
        {
            foreach (var (from, to) in _spans)
            {
                Assert.That(new DueTimes(cron, zone).Between(from, to), Is.EqualTo(Hangfires(cron, zone, from, to)), $"{zone.Id} from {from:O}");
            }
        }
    }

    [TestCaseSource(nameof(_crons))]
    public void TheNewestTime_IsTheLastOfThose_AtEachMoment(string cron)
    {
        var times = new DueTimes(cron, _berlin);
        foreach (var (from, to) in _spans)
        {
            var all = times.Between(from, to).ToList();
            foreach (var at in all.Take(200).SelectMany(time => new[] { time.AddMilliseconds(-1), time, time.AddSeconds(1) }).Append(from).Append(to))
            {
                Assert.That(times.Newest(from, at), Is.EqualTo(all.LastOrDefault(time => time <= at) is var last && last == default ? null : last), $"{at:O}");
            }
        }
    }

    [Test]
    public void TheNewestTime_IsFound_HoweverRareOrFrequent()
    {
        Assert.That(new DueTimes("0 0 29 2 1", TimeZoneInfo.Utc).Newest(Utc("1990-01-01"), Utc("2027-01-01")), Is.EqualTo(Utc("2016-02-29")));
        Assert.That(new DueTimes("0 0 29 2 1", TimeZoneInfo.Utc).Newest(Utc("2016-02-29"), Utc("2027-01-01")), Is.Null);
        Assert.That(new DueTimes("* * * * * *", TimeZoneInfo.Utc).Newest(Utc("1990-01-01"), Utc("2027-01-01").AddMilliseconds(7)), Is.EqualTo(Utc("2027-01-01")));
        Assert.That(new DueTimes("* * * 1 12 *", TimeZoneInfo.Utc).Newest(Utc("1990-01-01"), Utc("2027-06-01")), Is.EqualTo(Utc("2026-12-01").AddSeconds(86399)));
        Assert.That(new DueTimes("0 3 * * *", TimeZoneInfo.Utc).Newest(Utc("2027-01-02"), Utc("2027-01-01")), Is.Null);
    }

    [TestCase("2027-03-28 00:59:59", "2027-03-28 01:00:00", Description = "half past two is left out: it comes when the clock is forward")]
    [TestCase("2027-03-28 01:00:00", "2027-03-29 00:30:00")]
    [TestCase("2027-10-30 23:00:00", "2027-10-31 00:30:00", Description = "half past two comes twice, and is one")]
    [TestCase("2027-10-31 00:30:00", "2027-11-01 01:30:00")]
    public void AClockChange_MakesOneTimeOfADailyOne(string after, string next) => Assert.That(new DueTimes("30 2 * * *", _berlin).Next(Utc(after)), Is.EqualTo(Utc(next)));

    [TestCase("H 3 * * *")]
    [TestCase("0 3 * *")]
    [TestCase("0 0 0 3 * * *")]
    [TestCase("@never")]
    public void WhatHangfireRefuses_IsRefused(string cron)
    {
        Assert.That(() => Hangfires(cron, TimeZoneInfo.Utc, Utc("2027-01-01"), Utc("2027-01-02")), Throws.Exception);
        Assert.That(() => new DueTimes(cron, TimeZoneInfo.Utc), Throws.TypeOf<FormatException>());
        Assert.That(() => FeedCalendar.Check(cron), Throws.TypeOf<FormatException>());
    }

    // As RecurringJobEntity.ScheduleNext goes from one to the next.
    private static List<DateTime> Hangfires(string cron, TimeZoneInfo zone, DateTime from, DateTime to)
    {
        var parse = typeof(Hangfire.JobStorage).Assembly.GetType("Hangfire.RecurringJobEntity", throwOnError: true)!.GetMethod("ParseCronExpression", BindingFlags.Public | BindingFlags.Static)!;
        var expression = parse.Invoke(null, [cron])!;
        var next = expression.GetType().GetMethod("GetNextOccurrence", [typeof(DateTime), typeof(TimeZoneInfo), typeof(bool)])!;
        var times = new List<DateTime>();
        for (var time = (DateTime?)next.Invoke(expression, [from, zone, false]); time <= to; time = (DateTime?)next.Invoke(expression, [time, zone, false]))
        {
            times.Add(time.Value);
        }

        return times;
    }

    private static DateTime Utc(string time) => DateTime.Parse(time, System.Globalization.CultureInfo.InvariantCulture, System.Globalization.DateTimeStyles.AdjustToUniversal | System.Globalization.DateTimeStyles.AssumeUniversal);
}
