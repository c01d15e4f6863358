using System.Text.RegularExpressions;
using FacilityFeed.Domain;
using FacilityFeed.Domain.Feeds;
using FacilityFeed.Domain.Shaping;
using FacilityFeed.Domain.Storing;
using FacilityFeed.Domain.Writing;
using FacilityFeed.Infrastructure.Storing;

namespace FacilityFeed.Infrastructure.Settings;

/// <summary>Reads the <c>Feeds</c> section: one child per feed, named by its key.</summary>
internal static partial class FeedSettings
{
    public static IReadOnlyDictionary<string, FeedDefinition> ReadAll(SettingsReader reader, IReadOnlyDictionary<string, StoreOptions> stores)
    {
        // Configuration keys have no case, and environment variables are often written in capitals.
        var feeds = reader.ChildNames().Where(key => IsEnabled(reader.Child(key))).Select(key => ReadOne(reader.Child(key), key.ToLowerInvariant(), stores)).ToList();
        if (feeds.Count == 0)
        {
            reader.Add("Feeds has no feed: configure at least one, for example Feeds:facility:Name");
        }

        foreach (var pair in Doubled(feeds, feed => feed.Name))
        {
            reader.Add($"Feeds:{pair[0].Key}:Name and Feeds:{pair[1].Key}:Name are both '{pair[0].Name}': the partner would take one for the other, so give each feed its own name");
        }

        foreach (var pair in Doubled(feeds, feed => Place(feed, stores)))
        {
            reader.Add($"Feeds:{pair[0].Key} and Feeds:{pair[1].Key} both write {ObjectNames.Alias} to {Place(pair[0], stores)}: give one of them its own Prefix or Store");
        }

        return feeds.ToDictionary(feed => feed.Key, StringComparer.Ordinal);
    }

    private static bool IsEnabled(SettingsReader reader)
    {
        var isEnabled = reader.Choice("Enabled", true, ("true", true), ("false", false));
        if (!isEnabled)
        {
            reader.LeaveOut();
        }

        return isEnabled;
    }

    private static FeedDefinition ReadOne(SettingsReader reader, string key, IReadOnlyDictionary<string, StoreOptions> stores)
    {
        if (!FeedKey().IsMatch(key))
        {
            reader.Add($"Feeds:{ShownValue.Of(key)}: a feed's key is up to 40 lower-case letters, digits, - and _, and begins with a letter or digit");
        }

        var (kind, format) = FormatSettings.Read(reader);
        // Stands for a value that is wrong; another for each feed, so that two wrong ones are not taken for the same.
        var wrong = $"{key}?";
        return new FeedDefinition
        {
            Key = key,
            Name = reader.Parsed("Name", kind.PartnerName, CheckedName, wrong),
            Table = reader.Parsed("Table", "facility", CheckedTable, wrong),
            ChunkSize = reader.Whole("ChunkSize", whenMissing: 1000, least: 1, most: 10_000_000),
            MaxChunks = reader.Whole("MaxChunks", whenMissing: 1000, least: 1, most: FeedDefinition.MostChunks),
            Format = format,
            Validation = reader.Choice("Validation", Validation.Strict, ("strict", Validation.Strict), ("off", Validation.Off)),
            Placeholders = PlaceholderSettings.Read(reader),
            Guard = GuardSettings.Read(reader.Child("Guard")),
            SkipsUnchanged = reader.Choice("WhenUnchanged", false, ("publish", false), ("skip", true)),
            Compression = reader.Choice("Compression", Compression.Gzip, ("gzip", Compression.Gzip), ("none", Compression.None)),
            Cron = reader.Parsed("Cron", "0 3 * * *", CheckedCron, wrong),
            TimeZone = reader.Parsed("TimeZone", "UTC", CheckedTimeZone, TimeZoneInfo.Utc),
            MaxAge = reader.IsSet("MaxAge") ? reader.Time("MaxAge", FeedDefinition.NoMaxAge, least: TimeSpan.FromMinutes(1), most: TimeSpan.FromDays(3660)) ?? FeedDefinition.NoMaxAge : null,
            Overlap = reader.Choice("Overlap", Overlap.Skip, ("skip", Overlap.Skip), ("queue-one", Overlap.QueueOne)),
            RedriveWithin = reader.Time("RedriveWithin", FeedDefinition.UsualRedriveWithin, least: TimeSpan.FromMinutes(1), most: TimeSpan.FromDays(365)),
            Workers = reader.Whole("Workers", whenMissing: Math.Clamp(Environment.ProcessorCount, 2, 8), least: 1, most: 64),
            Store = reader.Parsed("Store", DefaultStore(key, stores), store => CheckedStore(store, stores), wrong),
            Prefix = reader.Parsed("Prefix", "", CheckedPrefix, wrong),
        };
    }

    private static IEnumerable<FeedDefinition[]> Doubled<TKey>(IEnumerable<FeedDefinition> feeds, Func<FeedDefinition, TKey> by) =>
        feeds.GroupBy(by).Select(group => group.ToArray()).Where(group => group.Length > 1);

    // With a bucket named plainly, the feed of the plain names goes there.
    private static string DefaultStore(string key, IReadOnlyDictionary<string, StoreOptions> stores) =>
        key == PlainNames.DefaultFeed && stores.ContainsKey(PlainNames.S3Store) ? PlainNames.S3Store : PlainNames.LocalStore;

    // Two stores may be one folder, or one lie in the other.
    private static string Place(FeedDefinition feed, IReadOnlyDictionary<string, StoreOptions> stores) =>
        stores.TryGetValue(feed.Store, out var store) ? store.PlaceOf(feed.Prefix) : feed.Store;

    private static string CheckedName(string name) => ObjectNames.IsFeedName(name)
        ? name
        : throw new FormatException("it begins the name of every object, so it is up to 100 letters, digits, '.', '-' and '_', for example reservewithgoogle.entity");

    private static string CheckedTable(string table) => PlainValue.Checked(table, ["://", ";"]).Split('.') is { Length: 1 or 2 } parts && parts.All(part => part.Trim().Length > 0)
        ? table
        : throw new FormatException("it must be the name of a table or view, or schema.name");

    // What the library throws for a folder of time zones, such as Europe, is no settings error.
    private static TimeZoneInfo CheckedTimeZone(string zone) => TimeZoneInfo.TryFindSystemTimeZoneById(zone, out var found)
        ? found
        : throw new FormatException("no such time zone on this machine; write one as Europe/Berlin or UTC");

    private static string CheckedStore(string store, IReadOnlyDictionary<string, StoreOptions> stores) => stores.ContainsKey(store)
        ? store
        : throw new FormatException($"no such store; the configured stores are {string.Join(", ", stores.Keys)}{(store == PlainNames.S3Store ? ", and S3_BUCKET_NAME (Stores:s3:Bucket) is not set" : "")}");

    internal static string CheckedPrefix(string prefix)
    {
        var parts = PlainValue.CheckedFolder(prefix).Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (parts.Any(part => part is "." or ".." || part.Contains('\\')))
        {
            throw new FormatException("it must be a relative folder without . or .. in it");
        }

        return parts.Length == 0 ? "" : string.Join('/', parts) + "/";
    }

    private static string CheckedCron(string cron)
    {
        FeedCalendar.Check(cron);
        return cron;
    }

    [GeneratedRegex(@"^[a-z0-9][a-z0-9_-]{0,39}\z")]
    private static partial Regex FeedKey();
}
