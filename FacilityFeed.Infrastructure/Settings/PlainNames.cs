using FacilityFeed.Domain;

namespace FacilityFeed.Infrastructure.Settings;

/// <summary>
/// The plain names that work beside the sections of <c>appsettings.json</c>, in the environment, <c>.env</c> and secrets:
/// those of the service this project replaces, and a few of ours.
/// </summary>
public static class PlainNames
{
    /// <summary>The feed and the stores that the plain names speak of.</summary>
    public const string DefaultFeed = "facility";

    public const string LocalStore = "local";

    public const string S3Store = "s3";

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
        ["LOCAL_STORAGE_PATH"] = $"Stores:{LocalStore}:Path",
        ["S3_BUCKET_NAME"] = $"Stores:{S3Store}:Bucket",
        ["S3_PREFIX"] = $"Stores:{S3Store}:Prefix",
        ["S3_ENDPOINT_URL"] = $"Stores:{S3Store}:Endpoint",
        ["S3_PROVIDER"] = $"Stores:{S3Store}:Provider",
        ["AWS_REGION"] = $"Stores:{S3Store}:Region",
        ["AWS_ACCESS_KEY_ID"] = $"Stores:{S3Store}:AccessKeyId",
        ["AWS_SECRET_ACCESS_KEY"] = $"Stores:{S3Store}:SecretAccessKey",
        ["AWS_SESSION_TOKEN"] = $"Stores:{S3Store}:SessionToken",
        ["CHUNK_SIZE"] = $"Feeds:{DefaultFeed}:ChunkSize",
        ["FEED_TYPE"] = $"Feeds:{DefaultFeed}:Type",
        ["FEED_NAME"] = $"Feeds:{DefaultFeed}:Name",
        ["FEED_CRON"] = $"Feeds:{DefaultFeed}:Cron",
        ["HTTP_PORT"] = "Dashboard:Port",
        ["HTTP_ADDRESS"] = "Dashboard:Address",
    };

    /// <summary>The sections that are ours.</summary>
    public static IReadOnlyList<string> Sections { get; } = ["Source", "State", "Stores", "Feeds", "Dashboard", "Deliveries"];

    /// <summary>A plain name as it is, or the section key that is written with <c>__</c> in an environment variable; null for what is not ours.</summary>
    public static string? Canonical(string name) =>
        All.ContainsKey(name) ? name : name.Replace("__", ":", StringComparison.Ordinal) is var key && IsInOurSections(key) ? key : null;

    public static bool IsInOurSections(string key) => Sections.Any(section => key.StartsWith($"{section}:", StringComparison.OrdinalIgnoreCase));

    /// <summary>The section keys and values of the plain names found in <paramref name="environment"/>; an empty value counts as not set.</summary>
    public static IEnumerable<KeyValuePair<string, string?>> Translate(Func<string, string?> environment) =>
        from plain in All
        let value = environment(plain.Key)
        where !string.IsNullOrEmpty(value)
        select KeyValuePair.Create(plain.Value, (string?)value);

    /// <summary>How a setting of a feed is called in a message.</summary>
    public static string OfFeed(string feed, string name) => Describe($"Feeds:{feed}:{name}");

    /// <summary>How a setting is called in a message: its plain name, where it has one, and its section key.</summary>
    public static string Describe(string key)
    {
        var plain = All.FirstOrDefault(name => string.Equals(name.Value, key, StringComparison.OrdinalIgnoreCase)).Key;
        return plain is null ? ShownValue.Of(key) : $"{plain} ({key})";
    }
}
