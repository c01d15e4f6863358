using FacilityFeed.Infrastructure.Settings;

namespace FacilityFeed.Infrastructure.Storing;

/// <summary>A folder that feeds are written to.</summary>
public sealed record LocalStoreOptions : StoreOptions
{
    /// <summary>Absolute path.</summary>
    public required string Path { get; init; }

    public override string PlaceOf(string prefix) => System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(System.IO.Path.Combine(Path, prefix)));

    internal static LocalStoreOptions Read(SettingsReader reader) => new()
    {
        Section = reader.Section,
        Path = System.IO.Path.GetFullPath(reader.Parsed("Path", "data/feeds", PlainValue.CheckedPath, "data/feeds")),
    };
}
