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

    public required IReadOnlyDictionary<string, LocalStoreOptions> Stores { get; init; }

    public required IReadOnlyDictionary<string, FeedDefinition> Feeds { get; init; }

    /// <summary>Port of the dashboard.</summary>
    public required int HttpPort { get; init; }

    /// <summary>Whether the dashboard answers requests from other machines, and not on loopback alone.</summary>
    public required bool IsHttpOpen { get; init; }

    /// <exception cref="SettingsException">With every problem found.</exception>
    public static ServiceSettings Read(IConfiguration configuration)
    {
        var problems = new List<string>();
        var root = new SettingsReader(configuration, "", problems);
        var state = StateOptions.Read(root.Child("State"));
        var stores = LocalStoreOptions.ReadAll(root.Child("Stores"));
        var settings = new ServiceSettings
        {
            State = state,
            Source = SourceOptions.Read(root.Child("Source"), isEmbeddedAllowed: state.ConnectionString is null),
            Stores = stores,
            Feeds = FeedSettings.ReadAll(root.Child("Feeds"), stores),
            HttpPort = root.Child("Dashboard").Whole("Port", whenMissing: 5080, least: 1, most: 65535),
            IsHttpOpen = root.Child("Dashboard").Choice("Address", false, ("localhost", false), ("any", true)),
        };
        return problems.Count == 0 ? settings : throw new SettingsException(problems);
    }
}
