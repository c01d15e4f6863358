using FacilityFeed.Domain.Feeds;
using FacilityFeed.Infrastructure.Ledger;
using FacilityFeed.Infrastructure.Ledger.Schedules;

namespace FacilityFeed.Scheduler.Commands;

/// <summary>What <c>status</c> knows of a feed.</summary>
/// <param name="Key">Its key.</param>
/// <param name="Definition">Its settings; null where it is not configured here.</param>
/// <param name="Pause">Since when it is paused; null when it is not.</param>
/// <param name="IsWaiting">Whether a further run waits for the end of the active one.</param>
/// <param name="LastDue">What became of the newest due time of its schedule; null: none came yet.</param>
/// <param name="Freshness">How old what is published may become, and whether it is older; null where it is not configured here.</param>
/// <param name="AsOf">When it was looked at.</param>
internal sealed record FeedStatus(string Key, FeedDefinition? Definition, FeedPause? Pause, bool IsWaiting, Occurrence? LastDue, Freshness? Freshness, DateTimeOffset AsOf)
{
    /// <summary>What its schedule does that a person may not expect.</summary>
    public IReadOnlyList<string> Warnings => Definition is not null && FeedCalendar.Warning(Definition) is { } warning ? [warning] : [];

    /// <summary>The next times of its schedule; none where it is not configured here.</summary>
    public IReadOnlyList<DateTimeOffset> NextTimes => Definition is null ? [] : FeedCalendar.NextTimes(Definition, FeedCalendar.ShownTimes, AsOf);

    /// <summary>The configured feeds in their order, then those that the ledger alone knows something of.</summary>
    public static IReadOnlyList<FeedStatus> Of(IReadOnlyList<FeedDefinition> feeds, IReadOnlyList<FeedPause> pauses, IReadOnlyList<PendingTrigger> pending, IReadOnlyList<Occurrence> lastDue, IReadOnlyList<Freshness> freshness, DateTimeOffset asOf) =>
        [.. feeds.Select(feed => feed.Key).Concat(pauses.Select(pause => pause.Feed)).Concat(pending.Select(waiting => waiting.Feed)).Concat(lastDue.Select(due => due.Feed)).Distinct()
            .Select(key => new FeedStatus(key, feeds.FirstOrDefault(feed => feed.Key == key), pauses.FirstOrDefault(pause => pause.Feed == key), pending.Any(waiting => waiting.Feed == key), lastDue.FirstOrDefault(due => due.Feed == key), freshness.FirstOrDefault(fresh => fresh.Feed == key), asOf))];
}
