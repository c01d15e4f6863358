using FacilityFeed.Domain;
using FacilityFeed.Domain.Feeds;
using FacilityFeed.Domain.Reading;
using FacilityFeed.Domain.Shaping;
using FacilityFeed.Domain.Storing;
using FacilityFeed.Domain.Writing;
using FacilityFeed.Infrastructure.Ledger;
using FacilityFeed.Infrastructure.Settings;
using FacilityFeed.Infrastructure.Storing;

namespace FacilityFeed.Infrastructure.Feeds;

/// <summary>The configured feeds, and for each its source and its store.</summary>
public sealed class FeedCatalog(ServiceSettings settings, Databases databases, FeedStores stores)
{
    public IEnumerable<FeedDefinition> All => settings.Feeds.Values;

    /// <exception cref="FeedRejectedException">No such feed.</exception>
    public FeedDefinition Get(string key) => settings.Feeds.TryGetValue(key, out var feed)
        ? feed
        : throw new FeedRejectedException(settings.NoSuchFeed(key));

    /// <summary>What a run of the feed is made from and goes to, in words without a secret. A run keeps it from its trigger to its end.</summary>
    public string RecipeOf(FeedDefinition feed) =>
        $"{feed.Table} of {databases.SourceOptions.Identity}, as {feed.Name} ({string.Join(", ", MakingOf(feed))}) into {PlaceOf(feed)}";

    // What changes a shard's bytes. What is usual is left unsaid, as it was before it could be otherwise: runs of then go on.
    private static IEnumerable<string> MakingOf(FeedDefinition feed)
    {
        yield return feed.Compression.ToString().ToLowerInvariant();
        if (feed.Format.Identity != FeedFormats.All[0].Type)
        {
            yield return feed.Format.Identity;
        }

        if (feed.Format.EntityIdPrefix.Length > 0)
        {
            yield return $"ids {feed.Format.EntityIdPrefix}...";
        }

        if (feed.Validation == Validation.Off)
        {
            yield return "unchecked";
        }
        else if (feed.Placeholders.Named.Length > 0)
        {
            yield return $"placeholders {feed.Placeholders.Named}";
        }
    }

    /// <summary>Where the feed's objects go; every recipe ends with it.</summary>
    public string PlaceOf(FeedDefinition feed) => settings.Stores[feed.Store].PlaceOf(feed.Prefix);

    /// <summary>Whether a run with this recipe went where the feed's objects go now, however else it was made.</summary>
    public bool IsIn(string recipe, FeedDefinition feed) => recipe.EndsWith($" into {PlaceOf(feed)}", StringComparison.Ordinal);

    /// <summary>The feed of a run, as the run was triggered.</summary>
    /// <exception cref="FeedRejectedException">This process is configured for another source or place: one run must never mix two.</exception>
    public FeedDefinition GetFor(long runId, string key, string recipe)
    {
        var feed = Get(key);
        return RecipeOf(feed) == recipe
            ? feed
            : throw new FeedRejectedException($"Run {runId} was triggered for {recipe}, but the process that works on it is configured for {RecipeOf(feed)}. Give every process of this STATE_DB or DATA_DIR the same settings, then publish again");
    }

    public IFacilitySource SourceOf(FeedDefinition feed) => databases.Source.For(feed.Table, feed.Key);

    public IFeedStore StoreOf(FeedDefinition feed) => stores.Open(settings.Stores[feed.Store], feed.Prefix, feed.Key);
}
