namespace FacilityFeed.Infrastructure.Settings;

/// <summary>
/// The plain environment variables that work beside the sections of <c>appsettings.json</c>:
/// those of the service this project replaces, and a few of ours.
/// </summary>
public static class PlainNames
{
    /// <summary>The feed and the store that the plain names speak of.</summary>
    public const string DefaultFeed = "facility";

    public const string DefaultStore = "local";

    /// <summary>Plain name to section key.</summary>
    public static IReadOnlyDictionary<string, string> All { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["DB_ENGINE"] = "Source:Engine",
        ["DB_HOST"] = "Source:Host",
        ["DB_PORT"] = "Source:Port",
        ["DB_NAME"] = "Source:Database",
        ["DB_USER"] = "Source:User",
        ["DB_PASSWORD"] = "Source:Password",
        ["STATE_DB"] = "State:ConnectionString",
        ["DATA_DIR"] = "State:DataDirectory",
        ["LOCAL_STORAGE_PATH"] = $"Stores:{DefaultStore}:Path",
        ["CHUNK_SIZE"] = $"Feeds:{DefaultFeed}:ChunkSize",
        ["FEED_TYPE"] = $"Feeds:{DefaultFeed}:Type",
        ["FEED_NAME"] = $"Feeds:{DefaultFeed}:Name",
        ["FEED_CRON"] = $"Feeds:{DefaultFeed}:Cron",
        ["HTTP_PORT"] = "Dashboard:Port",
        ["HTTP_ADDRESS"] = "Dashboard:Address",
    };

    /// <summary>The section keys and values of the plain names found in <paramref name="environment"/>; an empty value counts as not set.</summary>
    public static IEnumerable<KeyValuePair<string, string?>> Translate(Func<string, string?> environment) =>
        from plain in All
        let value = environment(plain.Key)
        where !string.IsNullOrEmpty(value)
        select KeyValuePair.Create(plain.Value, (string?)value);

    /// <summary>How a setting is called in a message: its plain name, where it has one, and its section key.</summary>
    public static string Describe(string key)
    {
        var plain = All.FirstOrDefault(name => string.Equals(name.Value, key, StringComparison.OrdinalIgnoreCase)).Key;
        return plain is null ? key : $"{plain} ({key})";
    }
}
