using FacilityFeed.Infrastructure.Feeds;

namespace FacilityFeed.Scheduler.Watching;

/// <summary>The runs that this process may touch: of the feeds it is configured for, made and put as it is configured.</summary>
public sealed class KnownFeeds(FeedCatalog feeds)
{
    /// <summary>The recipe of each feed, by its key.</summary>
    public IReadOnlyDictionary<string, string> Recipes { get; } = feeds.All.ToDictionary(feed => feed.Key, feeds.RecipeOf, StringComparer.Ordinal);
}
