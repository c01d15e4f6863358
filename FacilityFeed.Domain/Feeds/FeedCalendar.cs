using System.Globalization;
using Cronos;

namespace FacilityFeed.Domain.Feeds;

/// <summary>When a feed's schedule starts runs, read as Hangfire reads it: by Cronos, in the feed's time zone.</summary>
public static class FeedCalendar
{
    /// <summary>How many of its next times a person is shown.</summary>
    public const int ShownTimes = 3;

    private static readonly TimeSpan _minute = TimeSpan.FromMinutes(1);

    // A cron names no year, so what comes at all comes within the calendar's cycle of 400 years from here.
    private static readonly DateTimeOffset _cycle = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Checks a cron expression: 5 fields, 6 with seconds, or a macro such as <c>@daily</c>.</summary>
    /// <exception cref="FormatException">It is none, or it never comes.</exception>
    public static void Check(string cron)
    {
        if (Parse(cron).GetNextOccurrence(_cycle, TimeZoneInfo.Utc) is null)
        {
            throw new FormatException("it never comes, for no month that it names has such a day; write L for a month's last day, for example '0 3 L * *'");
        }
    }

    /// <summary>The next times after <paramref name="from"/>, in order, each with the offset that the feed's time zone has then.</summary>
    public static IReadOnlyList<DateTimeOffset> NextTimes(FeedDefinition feed, int count, DateTimeOffset from)
    {
        var cron = Parse(feed.Cron);
        var times = new List<DateTimeOffset>();
        for (var next = cron.GetNextOccurrence(from, feed.TimeZone); next is { } time && times.Count < count; next = cron.GetNextOccurrence(time, feed.TimeZone))
        {
            times.Add(time);
        }

        return times;
    }

    /// <summary>The next three times for a person: <c>Tue 2026-12-01 03:00 +01:00, Wed ... (Europe/Berlin)</c>.</summary>
    public static string NextText(FeedDefinition feed, DateTimeOffset from)
    {
        var times = NextTimes(feed, ShownTimes, from);
        var format = times.All(time => time.Second == 0) ? "ddd yyyy-MM-dd HH:mm zzz" : "ddd yyyy-MM-dd HH:mm:ss zzz";
        return $"{string.Join(", ", times.Select(time => time.ToString(format, CultureInfo.InvariantCulture)))} ({feed.TimeZone.Id})";
    }

    /// <summary>
    /// The longest time between two neighbouring times of the schedule, of which the first comes within a year, or is the next at all. Of times that come more often than
    /// every minute not all are looked at, so that it may be less than a minute too short.
    /// </summary>
    /// <returns>Null where it comes no more, or once.</returns>
    public static TimeSpan? LongestGap(FeedDefinition feed, DateTimeOffset from)
    {
        var cron = Parse(feed.Cron);
        var end = from.AddYears(1);
        TimeSpan? longest = null;
        for (var time = cron.GetNextOccurrence(from, feed.TimeZone); time is { } begin && (begin <= end || longest is null);)
        {
            time = cron.GetNextOccurrence(begin, feed.TimeZone);
            longest = time - begin > (longest ?? TimeSpan.Zero) ? time - begin : longest;
            time = time - begin < _minute ? begin + _minute : time;
        }

        return longest;
    }

    /// <summary>What a person may not expect of a feed's cron, and what to do; null: nothing.</summary>
    /// <remarks>Cronos asks for both day fields; crontab(5) takes either where neither begins with <c>*</c>, and both where one does (<c>*/2</c>).</remarks>
    public static string? Warning(FeedDefinition feed) => Fields(feed.Cron) is { Length: >= 5 } fields && Restricts(fields[^3]) && Restricts(fields[^1])
        ? $"'{feed.Cron}' starts runs only on days that match both its day of the month ({fields[^3]}) and its weekday ({fields[^1]}), though cron elsewhere takes days that match either: put * in one of the two, unless both is meant"
        : null;

    private static bool Restricts(string field) => field != "?" && !field.StartsWith('*');

    /// <summary>Whether it is a cron expression to this version.</summary>
    public static bool IsCron(string cron) => TryParse(cron) is not null;

    internal static CronExpression Parse(string cron) =>
        TryParse(cron) ?? throw new FormatException("it is not a cron expression; write minute hour day month weekday, for example '0 3 * * *' for every day at three");

    private static CronExpression? TryParse(string cron) =>
        CronExpression.TryParse(cron, Fields(cron).Length == 6 ? CronFormat.IncludeSeconds : CronFormat.Standard, out var parsed) ? parsed : null;

    private static string[] Fields(string cron) => cron.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
}
