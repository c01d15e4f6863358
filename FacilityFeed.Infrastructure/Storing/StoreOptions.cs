using FacilityFeed.Infrastructure.Settings;

namespace FacilityFeed.Infrastructure.Storing;

/// <summary>Where feeds are written: one child of the section <c>Stores</c>.</summary>
public abstract record StoreOptions
{
    /// <summary>Section of this store, for messages, for example <c>Stores:s3</c>.</summary>
    public required string Section { get; init; }

    /// <summary>Names the place of a feed with that prefix, without a secret; two feeds in one place would share an alias.</summary>
    public abstract string PlaceOf(string prefix);

    /// <summary>How messages call one of this store's settings.</summary>
    public string Setting(string name) => PlainNames.Describe($"{Section}:{name}");

    /// <summary>All that are configured; the S3 store of the plain names also when it has no bucket, for <c>AWS_REGION</c> alone is on many machines.</summary>
    internal static IReadOnlyDictionary<string, StoreOptions> ReadAll(SettingsReader reader) => reader.ChildNames()
        .Append(PlainNames.LocalStore)
        .Append(PlainNames.S3Store)
        .Distinct(StringComparer.OrdinalIgnoreCase)
        .ToDictionary(name => name, name => ReadOne(reader.Child(name), string.Equals(name, PlainNames.S3Store, StringComparison.OrdinalIgnoreCase)), StringComparer.OrdinalIgnoreCase);

    private static StoreOptions ReadOne(SettingsReader reader, bool isPlainS3) =>
        reader.Choice("Kind", isPlainS3 ? "s3" : "local", ("local", "local"), ("s3", "s3")) == "local" ? LocalStoreOptions.Read(reader) : S3StoreOptions.Read(reader, needsBucket: !isPlainS3);
}
