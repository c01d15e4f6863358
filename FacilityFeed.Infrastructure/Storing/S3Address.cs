using FacilityFeed.Domain;
using FacilityFeed.Infrastructure.Settings;

namespace FacilityFeed.Infrastructure.Storing;

/// <summary>An object as people write it: <c>s3://bucket/prefix/name</c>.</summary>
/// <param name="Bucket">The bucket.</param>
/// <param name="Prefix">What comes before the name; empty, or ends with <c>/</c>.</param>
/// <param name="Name">The name.</param>
public sealed record S3Address(string Bucket, string Prefix, string Name)
{
    private const string Scheme = "s3://";

    public static bool IsOne(string text) => text.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase);

    /// <exception cref="FeedRejectedException">It names no object.</exception>
    public static S3Address Parse(string text)
    {
        var parts = text[Scheme.Length..].Split('/', 2);
        if ((GivenText.MayHoldSecret(parts[0]) && !S3StoreOptions.IsBucket(parts[0])) || GivenText.HasCredentials(text))
        {
            throw new FeedRejectedException("the address has a user or password in it, or no bucket (it is not shown): write s3://bucket/prefix/metadata.json, and give the key by AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY");
        }

        if (parts.Length < 2 || parts[0].Length == 0 || parts[1].Length == 0 || parts[1].EndsWith('/'))
        {
            throw new FeedRejectedException($"{(GivenText.MayHoldSecret(text[Scheme.Length..]) ? $"the address {GivenText.Hidden}" : text)} names no object: write s3://bucket/prefix/metadata.json");
        }

        var cut = parts[1].LastIndexOf('/') + 1;
        return new S3Address(parts[0], parts[1][..cut], parts[1][cut..]);
    }

    /// <summary>The store that this lies in: the configured one with that bucket, or the bucket reached as the plain names say.</summary>
    public S3StoreOptions In(ServiceSettings settings)
    {
        var known = settings.Stores.Values.OfType<S3StoreOptions>().FirstOrDefault(store => store.Bucket == Bucket) ?? settings.PlainS3;
        return known with { Bucket = Bucket, Prefix = Prefix };
    }
}
