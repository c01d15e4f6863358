using System.Collections.Concurrent;
using FacilityFeed.Domain.Feeds;
using FacilityFeed.Infrastructure.Feeds;
using FacilityFeed.Infrastructure.Ledger;

namespace FacilityFeed.Scheduler.Scheduling;

/// <summary>Whether feeds are late. Whoever says so or acts on it asks here.</summary>
public sealed class FeedFreshness(FreshnessLedger ledger, FeedCatalog feeds, TimeProvider time)
{
    // Of a feed that runs every minute it is half a million times: reckoned once a day.
    private readonly ConcurrentDictionary<string, (DateTime Day, string Cron, TimeZoneInfo Zone, TimeSpan? Gap)> _gaps = new(StringComparer.Ordinal);

    /// <summary>The feeds of this process, in the order of the settings, each beside what keeps a further run from being started.</summary>
    public IReadOnlyList<(FeedDefinition Definition, Freshness Freshness, FeedAge Age)> List() => List([.. feeds.All]);

    /// <summary>One feed; null where it is not configured here, so that nobody knows how old it may become.</summary>
    public Freshness? Find(string feed) => feeds.All.FirstOrDefault(known => known.Key == feed) is { } definition ? List([definition])[0].Freshness : null;

    /// <summary>The longest time between two runs that a feed's schedule starts within the coming year: the one that was registered last, by whatever service. Null where it comes no more.</summary>
    public TimeSpan? GapOf(FeedDefinition feed, FeedAge age)
    {
        var now = time.GetUtcNow();
        var scheduled = age.Cron is { } cron && age.Zone is { } id && TimeZoneInfo.TryFindSystemTimeZoneById(id, out var zone) && FeedCalendar.IsCron(cron) ? feed with { Cron = cron, TimeZone = zone } : feed;
        if (!_gaps.TryGetValue(feed.Key, out var known) || known.Day != now.UtcDateTime.Date || known.Cron != scheduled.Cron || !known.Zone.Equals(scheduled.TimeZone))
        {
            known = _gaps[feed.Key] = (now.UtcDateTime.Date, scheduled.Cron, scheduled.TimeZone, FeedCalendar.LongestGap(scheduled, now));
        }

        return known.Gap;
    }

    private List<(FeedDefinition Definition, Freshness Freshness, FeedAge Age)> List(IReadOnlyList<FeedDefinition> asked)
    {
        var ages = ledger.List([.. asked.Select(feed => feed.Key)]);
        return [.. asked.Zip(ages, (feed, age) => (feed, new Freshness(feed.Key, age.GoodAt, age.FirstAt, MaxAgeOf(feed, age), time.MovedBy(age.ReadAt)), age))];
    }

    private TimeSpan? MaxAgeOf(FeedDefinition feed, FeedAge age) => feed.MaxAge is { } given ? (given == FeedDefinition.NoMaxAge ? null : given) : 2 * GapOf(feed, age);
}
