using FacilityFeed.Infrastructure.Settings;

namespace FacilityFeed.Infrastructure.Storing;

/// <summary>A folder that feeds are written to.</summary>
public sealed record LocalStoreOptions
{
    /// <summary>Absolute path.</summary>
    public required string Path { get; init; }

    /// <summary>How messages name the setting.</summary>
    public required string Setting { get; init; }

    internal static IReadOnlyDictionary<string, LocalStoreOptions> ReadAll(SettingsReader reader)
    {
        var names = reader.ChildNames().Append(PlainNames.DefaultStore).Distinct(StringComparer.OrdinalIgnoreCase);
        return names.ToDictionary(name => name, name => ReadOne(reader.Child(name)), StringComparer.OrdinalIgnoreCase);
    }

    private static LocalStoreOptions ReadOne(SettingsReader reader)
    {
        reader.Choice("Kind", "local", ("local", "local"));
        return new LocalStoreOptions
        {
            Path = System.IO.Path.GetFullPath(reader.Text("Path", "data/feeds")),
            Setting = reader.Describe("Path"),
        };
    }
}
