namespace FacilityFeed.Infrastructure.Storing;

/// <summary>What is behind an S3 address; each takes another part of the protocol amiss.</summary>
public enum S3Provider
{
    /// <summary>Amazon S3 itself: everything is supported.</summary>
    Aws,

    /// <summary>Cloudflare R2: refuses checksum trailers and signed chunks.</summary>
    R2,

    /// <summary>Google Cloud Storage by its S3 interface: no trailers, no signed chunks, no <c>If-None-Match</c>.</summary>
    Gcs,

    /// <summary>Ceph, SeaweedFS, Garage, RustFS and the like: nothing is taken for granted.</summary>
    S3Compatible,
}

/// <summary>How requests to a provider are made.</summary>
/// <param name="PathStyle">The bucket is part of the path, not of the host name.</param>
/// <param name="SendsSha256">The object's SHA-256 goes along as a checksum that the provider checks and keeps; otherwise <c>Content-MD5</c>, which all of them check.</param>
/// <param name="SignsChunks">A body is signed piece by piece (<c>aws-chunked</c>). Some servers store that framing inside the object.</param>
/// <param name="CreatesExclusively"><c>If-None-Match: *</c> is obeyed. Where it is not, a name is looked up before it is written.</param>
internal sealed record S3Preset(bool PathStyle, bool SendsSha256, bool SignsChunks, bool CreatesExclusively)
{
    public static S3Preset Of(S3Provider provider) => provider switch
    {
        S3Provider.Aws => new(PathStyle: false, SendsSha256: true, SignsChunks: true, CreatesExclusively: true),
        S3Provider.R2 => new(PathStyle: true, SendsSha256: false, SignsChunks: false, CreatesExclusively: true),
        S3Provider.Gcs => new(PathStyle: true, SendsSha256: false, SignsChunks: false, CreatesExclusively: false),
        S3Provider.S3Compatible => new(PathStyle: true, SendsSha256: false, SignsChunks: false, CreatesExclusively: false),
        _ => throw new ArgumentOutOfRangeException(nameof(provider), provider, "no such provider"),
    };

    /// <summary>The provider that an endpoint's host belongs to; AWS when there is no endpoint.</summary>
    public static S3Provider Guess(Uri? endpoint) => endpoint?.Host switch
    {
        null => S3Provider.Aws,
        var host when host.EndsWith(".amazonaws.com", StringComparison.OrdinalIgnoreCase) => S3Provider.Aws,
        var host when host.EndsWith(".r2.cloudflarestorage.com", StringComparison.OrdinalIgnoreCase) => S3Provider.R2,
        var host when host.EndsWith("storage.googleapis.com", StringComparison.OrdinalIgnoreCase) => S3Provider.Gcs,
        _ => S3Provider.S3Compatible,
    };
}
