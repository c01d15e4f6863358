using FacilityFeed.Domain.Feeds;
using FacilityFeed.Infrastructure.Ledger;
using FacilityFeed.Scheduler.Scheduling;
using FacilityFeed.Tests.Settings;

namespace FacilityFeed.Tests.Feeds;

/// <summary>When a feed is late, and when a further run of it is due.</summary>
public sealed class FreshnessTests
{
    private static readonly DateTime _now = new(2026, 6, 10, 12, 0, 0, DateTimeKind.Utc);
    private static readonly TimeSpan _day = TimeSpan.FromDays(1);

    // Daily; published three days ago.
    private static readonly FeedAge _late = new() { Feed = "facility", FirstAt = _now.AddDays(-30), GoodAt = _now.AddDays(-3) };

    [TestCase("2026-06-08T12:00:00", false)]
    [TestCase("2026-06-08T11:59:59", true)]
    [TestCase(null, true)]
    public void Late_IsOlderThanMaxAge_AndOneNeverPublishedCountsFromItsFirstRun(string? good, bool isLate) =>
        Assert.That(Fresh(_late with { GoodAt = good is null ? null : Utc(good) }).IsLate, Is.EqualTo(isLate));

    [Test]
    public void Late_IsNot_WhatHasNoMaxAge_OrWasNeverAskedFor()
    {
        Assert.That(Fresh(_late, maxAge: null).IsLate, Is.False);
        Assert.That(Fresh(_late with { GoodAt = null, FirstAt = null }).IsLate, Is.False);
        Assert.That(Fresh(_late, TimeSpan.MaxValue).IsLate, Is.False);
    }

    [Test]
    public void Words_SaySinceWhen()
    {
        Assert.That(Fresh(_late).Words, Is.EqualTo("nothing of it was published or found unchanged since 2026-06-07 12:00 UTC, which is more than its MaxAge of 2 days"));
        Assert.That(Fresh(_late with { GoodAt = null }).Words, Is.EqualTo("it was never published since its first run of 2026-05-11 12:00 UTC, which is more than its MaxAge of 2 days"));
    }

    [Test]
    public void AFurtherRun_IsDue_OfALateFeed_AndNotOfAnother()
    {
        Assert.That(IsDue(_late), Is.True);
        Assert.That(IsDue(_late with { GoodAt = _now.AddDays(-1) }), Is.False);
    }

    [Test]
    public void AFurtherRun_IsNotDue_WhilePausedHeldActiveOrAskedFor()
    {
        Assert.That(IsDue(_late with { IsPaused = true }), Is.False, "paused");
        Assert.That(IsDue(_late with { IsHeld = true }), Is.False, "a held run waits for a person");
        Assert.That(IsDue(_late with { IsActive = true }), Is.False, "active");
        Assert.That(IsDue(_late with { IsAskedFor = true }), Is.False, "by hand, or queue-one");
    }

    [TestCase(47, false)]
    [TestCase(49, true)]
    public void AFurtherRun_IsNotDue_WithinMaxAgeOfACancelOrDiscard(int hoursAgo, bool isDue) => Assert.That(IsDue(_late with { WithdrawnAt = _now.AddHours(-hoursAgo) }), Is.EqualTo(isDue));

    [TestCase(0, 30)]
    [TestCase(1, 60)]
    [TestCase(2, 120)]
    [TestCase(5, 960)]
    [TestCase(6, 1440)]
    [TestCase(1000, 1440)]
    public void AfterAFailure_TheDistanceDoublesFromHalfAnHour_UpToTheSchedulesOwn(int furtherFailed, int minutes)
    {
        Assert.That(IsDue(_late with { FailedAt = _now.AddMinutes(-minutes).AddSeconds(1), FurtherFailed = furtherFailed }), Is.False);
        Assert.That(IsDue(_late with { FailedAt = _now.AddMinutes(-minutes), FurtherFailed = furtherFailed }), Is.True);
    }

    [Test]
    public void OfAScheduleCloserThanThat_TheDistanceIsItsOwn() =>
        Assert.That(OverdueRuns.IsDue(Fresh(_late, TimeSpan.FromMinutes(10)), _late with { FailedAt = _now.AddMinutes(-5) }, TimeSpan.FromMinutes(5)), Is.True);

    [TestCase("0 3 * * *", "UTC", "1.00:00:00")]
    [TestCase("0 3 * * *", "Europe/Berlin", "1.01:00:00", Description = "the night of October that has an hour more")]
    [TestCase("0 * * * *", "Europe/Berlin", "01:00:00")]
    [TestCase("0 6 * * 1-5", "UTC", "3.00:00:00")]
    [TestCase("30 4 1 * *", "UTC", "31.00:00:00")]
    [TestCase("0 0 1 1 *", "UTC", "365.00:00:00")]
    [TestCase("0 0 29 2 *", "UTC", "1461.00:00:00", Description = "later than in a year: the next two")]
    [TestCase("* * * * *", "UTC", "00:01:00")]
    [TestCase("* 8-17 * * 1-5", "UTC", "2.14:01:00")]
    [TestCase("*/10 * 8-17 * * *", "UTC", "14:00:10")]
    public void LongestGap_IsThatOfTheComingYear(string cron, string zone, string gap) =>
        Assert.That(FeedCalendar.LongestGap(Feed(cron, zone), new DateTimeOffset(_now)), Is.EqualTo(TimeSpan.Parse(gap, System.Globalization.CultureInfo.InvariantCulture)).Within(TimeSpan.FromMinutes(cron[0] == '*' && cron.Length > 15 ? 1 : 0)));

    [TestCase("* * * * * *")]
    [TestCase("*/7 * * * * *")]
    public void LongestGap_OfVeryManyTimes_IsReckonedSoon(string cron)
    {
        var start = TimeProvider.System.GetTimestamp();

        Assert.That(FeedCalendar.LongestGap(Feed(cron, "Europe/Berlin"), new DateTimeOffset(_now)), Is.LessThanOrEqualTo(TimeSpan.FromMinutes(1)).And.GreaterThan(TimeSpan.Zero));

        TestContext.Out.WriteLine($"{TimeProvider.System.GetElapsedTime(start).TotalMilliseconds:0} ms");
    }

    private static bool IsDue(FeedAge age) => OverdueRuns.IsDue(Fresh(age), age, _day);

    private static Freshness Fresh(FeedAge age) => Fresh(age, 2 * _day);

    private static Freshness Fresh(FeedAge age, TimeSpan? maxAge) => new(age.Feed, age.GoodAt, age.FirstAt, maxAge, _now);

    private static DateTime Utc(string text) => DateTime.SpecifyKind(DateTime.Parse(text, System.Globalization.CultureInfo.InvariantCulture), DateTimeKind.Utc);

    private static FeedDefinition Feed(string cron, string zone) => Configured.With().Feeds["facility"] with { Cron = cron, TimeZone = TimeZoneInfo.FindSystemTimeZoneById(zone) };
}
