using System.Security.Cryptography;
using Amazon.S3;
using Amazon.S3.Model;
using FacilityFeed.Domain;
using FacilityFeed.Domain.Storing;
using FacilityFeed.Domain.Writing;
using FacilityFeed.Infrastructure.Settings;

namespace FacilityFeed.Infrastructure.Storing;

/// <summary>Looks at what a bucket really holds: some servers store other bytes than they were sent, and say 200.</summary>
internal sealed class S3Proof(S3Connection connection, Guid installation, string feed)
{
    /// <summary>Names of object metadata.</summary>
    public const string Sha256 = "sha256";

    public const string Installation = "installation";

    private const int Looks = 4;

    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(250);

    private readonly S3StoreOptions _options = connection.Options;

    public FeedRejectedException AnotherInstallation(string what) =>
        new($"{what}: another installation publishes here. Give one of them another {PlainNames.OfFeed(feed, "Name")}, {_options.Setting("Prefix")} or bucket");

    /// <summary>Looks at an object. It changes nothing, so a hiccup is waited out here: a run with a thousand shards looks thousands of times. What took its whole time is none.</summary>
    /// <returns>Null when there is no such object.</returns>
    public async Task<GetObjectMetadataResponse?> FindAsync(string key, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await FindOnceAsync(key, cancellationToken);
            }
            catch (Exception failure) when (attempt < Looks && connection.TriesAgain && !cancellationToken.IsCancellationRequested && S3Failure.IsHiccup(failure, connection))
            {
                StoreRetries.Note();
                // Not all workers at the same moment.
                await Task.Delay(_pause * attempt * (0.5 + Random.Shared.NextDouble()), cancellationToken);
            }
        }
    }

    private async Task<GetObjectMetadataResponse?> FindOnceAsync(string key, CancellationToken cancellationToken)
    {
        try
        {
            var request = new GetObjectMetadataRequest { BucketName = _options.Bucket, Key = key, ChecksumMode = _options.Preset.SendsSha256 ? ChecksumMode.ENABLED : null };
            return await connection.Client.GetObjectMetadataAsync(request, cancellationToken);
        }
        catch (AmazonS3Exception missing) when (S3Failure.IsMissingObject(missing))
        {
            return null;
        }
    }

    /// <summary>What is there under a name that was to be created: ours, stored by a put whose answer was lost, or somebody else's.</summary>
    public StoredObject Recognise(string name, string address, ObjectContent content, GetObjectMetadataResponse there) =>
        IsOurs(address, there) && there.ContentLength == content.Bytes && there.Metadata[Sha256] == content.Sha256
            ? new StoredObject(name, content.Bytes, content.Sha256, TagOf(there))
            : throw AnotherInstallation($"{address} is there already with other bytes");

    /// <summary>The tag that is kept of an object; null for none, and for what no store calls one.</summary>
    private static string? TagOf(GetObjectMetadataResponse stored) => stored.ETag is { Length: > 0 and <= S3Limits.TagLength } tag && tag.All(letter => letter is > ' ' and <= '~') ? tag : null;

    /// <returns>True, or an exception.</returns>
    /// <exception cref="FeedRejectedException">Somebody else wrote it.</exception>
    public bool IsOurs(string address, GetObjectMetadataResponse there) => there.Metadata[Installation] == installation.ToString("N")
        ? true
        : throw AnotherInstallation($"{address} was written by {(there.Metadata[Installation] is { Length: > 0 } other ? $"installation {ForeignText.InOneLine(other)}" : "somebody else")}");

    /// <summary>After a put: the bucket holds these very bytes, as far as it says anything about them.</summary>
    public async Task<StoredObject> ProveAsync(string name, string key, string address, ObjectContent content, string expectedTag, CancellationToken cancellationToken)
    {
        var stored = await FindAsync(key, cancellationToken) ?? throw new FeedException($"{address} was stored, but it is not there. Check what removes objects there; the attempt is made again");
        IsOurs(address, stored);
        if (stored.ContentLength != content.Bytes)
        {
            throw new FeedException($"{address} has {Counted.Of(stored.ContentLength, "byte")} in the bucket, but {Counted.Of(content.Bytes, "was", "were")} sent. Check {_options.Setting("Provider")}; the attempt is made again");
        }

        if (!await IsSameAsync(key, stored, content, expectedTag, cancellationToken))
        {
            throw new FeedException($"{address} holds other bytes than were sent (checksum differs). Check {_options.Setting("Provider")}; the attempt is made again");
        }

        return new StoredObject(name, content.Bytes, content.Sha256, TagOf(stored));
    }

    private async Task<bool> IsSameAsync(string key, GetObjectMetadataResponse stored, ObjectContent content, string expectedTag, CancellationToken cancellationToken)
    {
        // A checksum of parts has a dash; it is no hash of the whole.
        if (stored.ChecksumSHA256 is { Length: > 0 } checksum && !checksum.Contains('-'))
        {
            return checksum == Convert.ToBase64String(Convert.FromHexString(content.Sha256));
        }

        if (stored.ETag?.Trim('"') == expectedTag)
        {
            return true;
        }

        // An ETag need not be an MD5 (encryption with a KMS key, for one): then the bytes themselves are asked.
        using var response = await connection.Client.GetObjectAsync(_options.Bucket, key, cancellationToken);
        using var hash = SHA256.Create();
        await using (var hashing = new CryptoStream(Stream.Null, hash, CryptoStreamMode.Write))
        {
            if (response.ContentLength != content.Bytes || await S3Body.CopyAsync(response.ResponseStream, hashing, content.Bytes, _options.RequestTimeout, cancellationToken) != content.Bytes)
            {
                return false;
            }
        }

        return Convert.ToHexStringLower(hash.Hash!) == content.Sha256;
    }
}
