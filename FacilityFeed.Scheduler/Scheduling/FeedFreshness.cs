using System.Collections.Concurrent;
using FacilityFeed.Domain.Feeds;
using FacilityFeed.Infrastructure.Feeds;
using FacilityFeed.Infrastructure.Ledger;

namespace FacilityFeed.Scheduler.Scheduling;

/// <summary>Whether feeds are late. Whoever says so or acts on it asks here.</summary>
public sealed class FeedFreshness(FreshnessLedger ledger, FeedCatalog feeds, TimeProvider time)
{
    // Of a feed that runs every minute it is half a million times: reckoned once a day.
    private readonly ConcurrentDictionary<string, (DateTime Day, TimeSpan? Gap)> _gaps = new(StringComparer.Ordinal);

    /// <summary>The feeds of this process, in the order of the settings, each beside what keeps a further run from being started.</summary>
    public IReadOnlyList<(FeedDefinition Definition, Freshness Freshness, FeedAge Age)> List() => List([.. feeds.All]);

    /// <summary>One feed; null where it is not configured here, so that nobody knows how old it may become.</summary>
    public Freshness? Find(string feed) => feeds.All.FirstOrDefault(known => known.Key == feed) is { } definition ? List([definition])[0].Freshness : null;

    /// <summary>The longest time between two runs that a feed's schedule starts within the coming year; null where it comes no more.</summary>
    public TimeSpan? GapOf(FeedDefinition feed)
    {
        var now = time.GetUtcNow();
        if (!_gaps.TryGetValue(feed.Key, out var known) || known.Day != now.UtcDateTime.Date)
        {
            known = _gaps[feed.Key] = (now.UtcDateTime.Date, FeedCalendar.LongestGap(feed, now));
        }

        return known.Gap;
    }

    // Ages are reckoned by the database's clock alone: this machine's may be minutes ahead, and every feed would be late at once. Moved by whoever moves ours.
    private TimeSpan Moved => time == TimeProvider.System ? TimeSpan.Zero : time.GetUtcNow() - TimeProvider.System.GetUtcNow();

    private List<(FeedDefinition Definition, Freshness Freshness, FeedAge Age)> List(IReadOnlyList<FeedDefinition> asked)
    {
        var ages = ledger.List([.. asked.Select(feed => feed.Key)]);
        return [.. asked.Zip(ages, (feed, age) => (feed, new Freshness(feed.Key, age.GoodAt, age.FirstAt, MaxAgeOf(feed), age.ReadAt + Moved), age))];
    }

    private TimeSpan? MaxAgeOf(FeedDefinition feed) => feed.MaxAge is { } given ? (given == FeedDefinition.NoMaxAge ? null : given) : 2 * GapOf(feed);
}
