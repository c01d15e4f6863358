namespace FacilityFeed.Domain.Feeds;

/// <summary>
/// The times at which a schedule comes due, reckoned as Hangfire reckons them: by the same version of Cronos, in the schedule's time zone, each time asked
/// for as the one after another. So a time that a clock change leaves out comes when the change is over, and one that comes twice is one unless the cron
/// repeats within the hour. All times are UTC.
/// </summary>
/// <param name="cron">A cron expression with 5 or 6 fields.</param>
/// <param name="zone">The time zone that it is read in.</param>
/// <exception cref="FormatException">It is no cron expression.</exception>
public sealed class DueTimes(string cron, TimeZoneInfo zone)
{
    private readonly Cronos.CronExpression _cron = FeedCalendar.Parse(cron);

    /// <summary>The first time after a moment; null where there is none any more.</summary>
    public DateTime? Next(DateTime after) => _cron.GetNextOccurrence(after, zone);

    /// <summary>The times after one moment up to another, that one too, in order.</summary>
    public IEnumerable<DateTime> Between(DateTime after, DateTime to)
    {
        for (var next = Next(after); next <= to; next = Next(next.Value))
        {
            yield return next.Value;
        }
    }

    /// <summary>The newest time after one moment and not after another; null: none. Asked for without going through all of them.</summary>
    public DateTime? Newest(DateTime after, DateTime to)
    {
        // Backwards, each step twice as long, until something comes due before the end.
        var (from, end) = (to, to);
        for (var step = TimeSpan.FromSeconds(1); from > after && !(Next(from) <= to); step += step)
        {
            (from, end) = (to - after > step ? to - step : after, from);
        }

        if (from < after || Next(from) is not { } newest || newest > to)
        {
            return null;
        }

        while (Next(newest) is { } later && later <= to)
        {
            var middle = newest + ((end - newest) / 2);
            if (Next(middle) is { } beyond && beyond <= to)
            {
                newest = beyond;
            }
            else
            {
                (newest, end) = (later, middle);
            }
        }

        return newest;
    }
}
