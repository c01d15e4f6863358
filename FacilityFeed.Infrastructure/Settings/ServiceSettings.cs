using FacilityFeed.Domain;
using FacilityFeed.Domain.Feeds;
using FacilityFeed.Infrastructure.Reading;
using FacilityFeed.Infrastructure.Storing;
using Microsoft.Extensions.Configuration;

namespace FacilityFeed.Infrastructure.Settings;

/// <summary>All settings, checked. Read once, at start.</summary>
public sealed record ServiceSettings
{
    /// <summary>The source database; null when the embedded sample is read.</summary>
    public required SourceOptions? Source { get; init; }

    public required StateOptions State { get; init; }

    public required IReadOnlyDictionary<string, StoreOptions> Stores { get; init; }

    /// <summary>How a bucket is reached that no store names: by the plain names.</summary>
    public required S3StoreOptions PlainS3 { get; init; }

    public required IReadOnlyDictionary<string, FeedDefinition> Feeds { get; init; }

    /// <summary>Port of the dashboard.</summary>
    public required int HttpPort { get; init; }

    /// <summary>Whether the dashboard answers requests from other machines, and not on loopback alone.</summary>
    public required bool IsHttpOpen { get; init; }

    /// <summary>What a person should look at, one line each, though the settings can be used.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>What is said of the key of a feed that is none of <see cref="Feeds"/>.</summary>
    public string NoSuchFeed(string key) => $"There is no feed {GivenText.Quoted(key)}: the configured feeds are {string.Join(", ", Feeds.Keys)}. Name one of them, or add another to the section Feeds";

    /// <summary>The folders of single feeds in a folder that they share; each empty, or ends with <c>/</c>.</summary>
    public IEnumerable<string> PrefixesIn(string folder) => Feeds.Values.Where(feed => Stores[feed.Store] is LocalStoreOptions local && local.Path == folder).Select(feed => feed.Prefix);

    /// <exception cref="SettingsException">With every problem found, those of the layers first.</exception>
    public static ServiceSettings Read(SettingsLayers layers)
    {
        var configuration = layers.Build();
        var settings = Read(configuration, layers.Problems);
        return settings with { Warnings = [.. layers.Warnings, .. settings.MisspeltStores(), .. settings.Feeds.Values.SelectMany(feed => ContraryLimits.Of(feed, configuration))] };
    }

    /// <exception cref="SettingsException">With every problem found, <paramref name="problemsSoFar"/> first.</exception>
    public static ServiceSettings Read(IConfiguration configuration, params IEnumerable<string> problemsSoFar)
    {
        var problems = problemsSoFar.ToList();
        var asked = new AskedSettings();
        var root = new SettingsReader(configuration, "", problems, asked);
        var state = StateOptions.Read(root.Child("State"));
        var all = StoreOptions.ReadAll(root.Child("Stores"));
        var stores = all.Where(store => store.Value is not S3StoreOptions { Bucket: "" }).ToDictionary(StringComparer.OrdinalIgnoreCase);
        var settings = new ServiceSettings
        {
            State = state,
            Source = SourceOptions.Read(root.Child("Source"), isEmbeddedAllowed: state.ConnectionString is null),
            Stores = stores,
            PlainS3 = all[PlainNames.S3Store] as S3StoreOptions ?? new S3StoreOptions { Section = $"Stores:{PlainNames.S3Store}", Bucket = "" },
            Feeds = FeedSettings.ReadAll(root.Child("Feeds"), stores),
            HttpPort = root.Child("Dashboard").Whole("Port", whenMissing: 5080, least: 1, most: 65535),
            IsHttpOpen = root.Child("Dashboard").Choice("Address", false, ("localhost", false), ("any", true)),
        };
        problems.AddRange(asked.Unknown(configuration));
        return problems.Count == 0 ? settings : throw new SettingsException(problems);
    }

    /// <summary>A store is made by naming it, so a slip makes another one, and its feed goes elsewhere.</summary>
    private IEnumerable<string> MisspeltStores() =>
        from name in Stores.Keys.Except(Feeds.Values.Select(feed => feed.Store), StringComparer.OrdinalIgnoreCase)
        where name is not (PlainNames.LocalStore or PlainNames.S3Store)
        let meant = MisspeltNames.MeantOf(name, Stores.Keys.Where(other => other.Length > 3 && !string.Equals(other, name, StringComparison.OrdinalIgnoreCase)))
        where meant is not null
        select $"Stores:{name} is used by no feed: did you mean Stores:{meant}?";
}
