using System.Globalization;
using FacilityFeed.Domain.Feeds;
using FacilityFeed.Tests.Settings;

namespace FacilityFeed.Tests.Feeds;

/// <summary>When a schedule comes, if ever, and what a person may not expect of it.</summary>
public sealed class FeedCalendarTests
{
    [TestCase("0 3 31 2 *")]
    [TestCase("0 0 30 2 *")]
    [TestCase("0 0 31 4,6,9,11 *")]
    [TestCase("0 0 0 31 2 *")]
    [TestCase("*/10 * * 30-31 FEB *")]
    [TestCase("* * * 31 APR,JUN ?")]
    [TestCase("0 3 1 2 MON#5", Description = "the fifth Monday of a month is never its first day")]
    [TestCase("0 3 8-31 * MON#1")]
    [TestCase("0 3 L-30 2 *")]
    [TestCase("0 3 31W 2 *")]
    public void Check_RefusesACronThatNeverComes(string cron) => Assert.That(() => FeedCalendar.Check(cron), Throws.TypeOf<FormatException>().With.Message.StartsWith("it never comes"));

    [TestCase("0 3 29 2 *")]
    [TestCase("0 0 29 2 1")]
    [TestCase("0 3 29 2 MON#5")]
    [TestCase("0 3 31 * *")]
    [TestCase("0 3 31 1,2 *")]
    [TestCase("0 3 L 2 *")]
    [TestCase("0 3 LW * *")]
    [TestCase("0 3 15W * *")]
    [TestCase("0 3 * * 1#5")]
    [TestCase("0 3 * * 5L")]
    [TestCase("0 3 ? * 7")]
    [TestCase("*/10 * * * * *")]
    [TestCase(" 0\t3  * * * ")]
    [TestCase("*/5\t*\t*\t*\t*\t*")]
    [TestCase("@daily")]
    [TestCase("@every_minute")]
    public void Check_TakesACronThatComes_HoweverRarely(string cron) => Assert.That(() => FeedCalendar.Check(cron), Throws.Nothing);

    [TestCase("")]
    [TestCase("every day")]
    [TestCase("0 3 * *")]
    [TestCase("0 0 3 * * * *")]
    [TestCase("0 3 32 * *")]
    [TestCase("@sometimes")]
    public void Check_RefusesWhatIsNoCron(string cron) => Assert.That(() => FeedCalendar.Check(cron), Throws.TypeOf<FormatException>().With.Message.StartsWith("it is not a cron expression"));

    [TestCase("0 3 * * *", "UTC", "2026-12-01T02:59:59Z", "Tue 2026-12-01 03:00 +00:00, Wed 2026-12-02 03:00 +00:00, Thu 2026-12-03 03:00 +00:00 (UTC)")]
    [TestCase("0 3 * * *", "UTC", "2026-12-01T03:00:00Z", "Wed 2026-12-02 03:00 +00:00, Thu 2026-12-03 03:00 +00:00, Fri 2026-12-04 03:00 +00:00 (UTC)")]
    [TestCase("0 3 13 * 5", "UTC", "2026-01-01T00:00:00Z", "Fri 2026-02-13 03:00 +00:00, Fri 2026-03-13 03:00 +00:00, Fri 2026-11-13 03:00 +00:00 (UTC)")]
    [TestCase("0 3 29 2 *", "UTC", "2026-01-01T00:00:00Z", "Tue 2028-02-29 03:00 +00:00, Sun 2032-02-29 03:00 +00:00, Fri 2036-02-29 03:00 +00:00 (UTC)")]
    [TestCase("*/20 59 23 * * *", "Asia/Kathmandu", "2026-12-31T18:14:30Z", "Thu 2026-12-31 23:59:40 +05:45, Fri 2027-01-01 23:59:00 +05:45, Fri 2027-01-01 23:59:20 +05:45 (Asia/Kathmandu)")]
    // Berlin's clocks go back at 03:00 of 25 October 2026 and forward at 02:00 of 28 March 2027.
    [TestCase("30 2 * * *", "Europe/Berlin", "2026-10-24T00:00:00Z", "Sat 2026-10-24 02:30 +02:00, Sun 2026-10-25 02:30 +02:00, Mon 2026-10-26 02:30 +01:00 (Europe/Berlin)", Description = "once, though 02:30 comes twice")]
    [TestCase("30 * * * *", "Europe/Berlin", "2026-10-24T23:45:00Z", "Sun 2026-10-25 02:30 +02:00, Sun 2026-10-25 02:30 +01:00, Sun 2026-10-25 03:30 +01:00 (Europe/Berlin)", Description = "every hour is every hour")]
    [TestCase("30 2 * * *", "Europe/Berlin", "2027-03-27T00:00:00Z", "Sat 2027-03-27 02:30 +01:00, Sun 2027-03-28 03:00 +02:00, Mon 2027-03-29 02:30 +02:00 (Europe/Berlin)", Description = "as soon as the missing hour is over")]
    public void NextText_TellsThreeTimesInTheFeedsTimeZone(string cron, string zone, string from, string times) =>
        Assert.That(FeedCalendar.NextText(Feed(cron, zone), DateTimeOffset.Parse(from, CultureInfo.InvariantCulture)), Is.EqualTo(times));

    [Test]
    public void NextTimes_AreAsManyAsAskedFor() => Assert.That(FeedCalendar.NextTimes(Feed("0 3 * * *"), 5, DateTimeOffset.UnixEpoch).Select(time => time.Day), Is.EqualTo(new[] { 1, 2, 3, 4, 5 }));

    [TestCase("0 3 1 * 1", "(1)", "(1)")]
    [TestCase("0 3 13 * FRI", "(13)", "(FRI)")]
    [TestCase("0 3 1-7 * MON", "(1-7)", "(MON)")]
    [TestCase("0 3 1-31 * 1", "(1-31)", "(1)", Description = "cron elsewhere: every day")]
    [TestCase("0 3 1/2 * 1", "(1/2)", "(1)")]
    [TestCase("0 0 3 L * 0,6", "(L)", "(0,6)")]
    [TestCase("0\t3\t15W\t*\t5", "(15W)", "(5)")]
    public void Warning_SaysThatBothDayFieldsMustMatch(string cron, string day, string weekday) =>
        Assert.That(FeedCalendar.Warning(Feed(cron)), Does.StartWith($"'{cron}' starts runs only on days that match both").And.Contain($"day of the month {day}").And.Contain($"weekday {weekday}"));

    [TestCase("0 3 * * 1")]
    [TestCase("0 3 1 * *")]
    [TestCase("0 3 1 * ?")]
    [TestCase("0 3 ? * MON#1")]
    [TestCase("0 3 */1 * 1")]
    [TestCase("0 3 */2 * 1", Description = "cron elsewhere asks for both, too")]
    [TestCase("0 3 1 * */2")]
    [TestCase("0 0 3 */10 * 1-5")]
    [TestCase("0 0 3 1 * *")]
    [TestCase("5 4 3 * 2 *", Description = "six fields: the third is the hour")]
    [TestCase("@weekly")]
    public void Warning_SaysNothing_WhenOneDayFieldIsFree(string cron) => Assert.That(FeedCalendar.Warning(Feed(cron)), Is.Null);

    private static FeedDefinition Feed(string cron, string zone = "UTC") => Configured.With().Feeds["facility"] with { Cron = cron, TimeZone = TimeZoneInfo.FindSystemTimeZoneById(zone) };
}
