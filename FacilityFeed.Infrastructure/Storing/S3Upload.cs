using System.Security.Cryptography;
using Amazon.S3;
using Amazon.S3.Model;
using FacilityFeed.Domain;
using FacilityFeed.Domain.Writing;

namespace FacilityFeed.Infrastructure.Storing;

/// <summary>Sends one object: in one request, or in parts when it is large. Parts of an upload that does not end well are removed.</summary>
internal sealed class S3Upload(IAmazonS3 client, S3StoreOptions options)
{
    /// <summary>How long what was begun in vain is tried to be removed. Short, for whoever stops the program waits for it.</summary>
    public static readonly TimeSpan CleanUp = TimeSpan.FromSeconds(5);

    /// <summary>How long the answer that names an upload is still waited for after a cancellation.</summary>
    private static readonly TimeSpan _grace = TimeSpan.FromSeconds(1);

    private readonly S3Preset _preset = options.Preset;

    // A body that is not signed needs TLS to be safe on its way.
    private readonly bool _isUnsigned = !options.Preset.SignsChunks && options.Endpoint?.Scheme != Uri.UriSchemeHttp;

    /// <param name="key">Whole key.</param>
    /// <param name="content">The bytes.</param>
    /// <param name="metadata">Kept beside the object.</param>
    /// <param name="isNew">The provider is to refuse a key that is there, where it can.</param>
    /// <param name="cancellationToken">Stops the sending; nothing new is visible then.</param>
    /// <returns>The ETag that a provider who hashes with MD5 gives these bytes.</returns>
    public Task<string> SendAsync(string key, ObjectContent content, IReadOnlyDictionary<string, string> metadata, bool isNew, CancellationToken cancellationToken) =>
        content.Bytes > options.MultipartAboveBytes
            ? SendPartsAsync(key, content, metadata, isNew, cancellationToken)
            : SendWholeAsync(key, content, metadata, isNew, cancellationToken);

    private async Task<string> SendWholeAsync(string key, ObjectContent content, IReadOnlyDictionary<string, string> metadata, bool isNew, CancellationToken cancellationToken)
    {
        var md5 = await Md5Async(content, cancellationToken);
        await using var body = Open(content);
        var request = new PutObjectRequest
        {
            BucketName = options.Bucket,
            Key = key,
            InputStream = body,
            AutoCloseStream = false,
            ContentType = content.ContentType,
            UseChunkEncoding = _preset.SignsChunks,
            DisablePayloadSigning = _isUnsigned,
            DisableDefaultChecksumValidation = _isUnsigned,
            IfNoneMatch = isNew && _preset.CreatesExclusively ? "*" : null,
            StorageClass = StorageClass,
            ServerSideEncryptionMethod = Encryption,
            ServerSideEncryptionKeyManagementServiceKeyId = options.KmsKeyId,
        };
        if (_preset.SendsSha256)
        {
            request.ChecksumSHA256 = Convert.ToBase64String(Convert.FromHexString(content.Sha256));
        }
        else
        {
            request.MD5Digest = Convert.ToBase64String(md5);
        }

        Add(metadata, request.Metadata);
        await client.PutObjectAsync(request, cancellationToken);
        return Convert.ToHexStringLower(md5);
    }

    private async Task<string> SendPartsAsync(string key, ObjectContent content, IReadOnlyDictionary<string, string> metadata, bool isNew, CancellationToken cancellationToken)
    {
        var uploadId = await BeginAsync(key, content.ContentType, metadata, cancellationToken);
        try
        {
            var parts = new List<PartETag>();
            using var hashes = new MemoryStream();
            await using (var body = Open(content))
            {
                await SendAllPartsAsync(key, uploadId, body, parts, hashes, cancellationToken);
            }

            await client.CompleteMultipartUploadAsync(new CompleteMultipartUploadRequest
            {
                BucketName = options.Bucket,
                Key = key,
                UploadId = uploadId,
                PartETags = parts,
                IfNoneMatch = isNew && _preset.CreatesExclusively ? "*" : null,
            }, cancellationToken);
            return $"{Convert.ToHexStringLower(Md5(hashes.ToArray()))}-{parts.Count}";
        }
        catch
        {
            await TryAbortAsync(key, uploadId);
            throw;
        }
    }

    /// <summary>Begins an upload in parts, which asks for the same rights as a put and leaves nothing visible.</summary>
    public async Task<string> BeginAsync(string key, string contentType, IReadOnlyDictionary<string, string> metadata, CancellationToken cancellationToken)
    {
        var request = new InitiateMultipartUploadRequest
        {
            BucketName = options.Bucket,
            Key = key,
            ContentType = contentType,
            StorageClass = StorageClass,
            ServerSideEncryptionMethod = Encryption,
            ServerSideEncryptionKeyManagementServiceKeyId = options.KmsKeyId,
        };
        Add(metadata, request.Metadata);
        cancellationToken.ThrowIfCancellationRequested();
        // Not cancelled at once: an upload whose id never arrived cannot be given up.
        using var late = new CancellationTokenSource();
        await using var grace = cancellationToken.Register(() => late.CancelAfter(_grace));
        var begun = await client.InitiateMultipartUploadAsync(request, late.Token);
        return begun.UploadId is { Length: > 0 and <= S3Limits.TagLength } id
            ? id
            : throw new S3AnswerException(S3Fault.Strange, "an upload in parts without its id");
    }

    /// <summary>Gives an upload up; one that is gone already is what was wanted.</summary>
    public async Task AbortAsync(string key, string uploadId)
    {
        // Its own short time, for the caller's may be up.
        using var time = new CancellationTokenSource(CleanUp);
        try
        {
            await client.AbortMultipartUploadAsync(new AbortMultipartUploadRequest { BucketName = options.Bucket, Key = key, UploadId = uploadId }, time.Token);
        }
        catch (AmazonS3Exception gone) when (S3Failure.IsMissingUpload(gone))
        {
            // The answer to a first try was lost.
        }
    }

    private async Task SendAllPartsAsync(string key, string uploadId, Stream body, List<PartETag> parts, MemoryStream hashes, CancellationToken cancellationToken)
    {
        // Not from a pool: a cancelled request may look at it for a moment longer.
        var buffer = new byte[options.PartBytes];
        int read;
        while ((read = await body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken)) > 0)
        {
            var md5 = Md5(buffer.AsSpan(0, read));
            hashes.Write(md5);
            using var part = new MemoryStream(buffer, 0, read, writable: false);
            var sent = await client.UploadPartAsync(new UploadPartRequest
            {
                BucketName = options.Bucket,
                Key = key,
                UploadId = uploadId,
                PartNumber = parts.Count + 1,
                PartSize = read,
                InputStream = part,
                MD5Digest = Convert.ToBase64String(md5),
                UseChunkEncoding = _preset.SignsChunks,
                DisablePayloadSigning = _isUnsigned,
                DisableDefaultChecksumValidation = _isUnsigned,
            }, cancellationToken);
            parts.Add(sent.ETag is { Length: > 0 and <= S3Limits.TagLength } tag
                ? new PartETag(parts.Count + 1, tag)
                : throw new S3AnswerException(S3Fault.Strange, "a part without its ETag"));
        }
    }

    /// <summary>What broke the upload is the news; what this leaves, a rule of the bucket removes.</summary>
    private async Task TryAbortAsync(string key, string uploadId)
    {
        try
        {
            await AbortAsync(key, uploadId);
        }
        catch (Exception failure) when (S3Failure.IsOne(failure))
        {
            // Invisible parts stay behind; AbortIncompleteMultipartUpload in the bucket's lifecycle removes them.
        }
    }

    /// <summary>Never sends another number of bytes than was promised: a server may take the next request for the rest.</summary>
    private static Stream Open(ObjectContent content)
    {
        var body = content.OpenRead();
        if (body.Length == content.Bytes)
        {
            return body;
        }

        using (body)
        {
            throw new FeedException($"{Counted.Of(body.Length, "byte is", "bytes are")} there to be sent, but {Counted.Of(content.Bytes, "was", "were")} written. Check the disk behind DATA_DIR; the attempt is made again");
        }
    }

    private S3StorageClass? StorageClass => options.StorageClass is { } name ? new S3StorageClass(name) : null;

    private ServerSideEncryptionMethod? Encryption => options.Encryption switch
    {
        S3Encryption.SseS3 => ServerSideEncryptionMethod.AES256,
        S3Encryption.SseKms => ServerSideEncryptionMethod.AWSKMS,
        _ => null,
    };

    private static void Add(IReadOnlyDictionary<string, string> metadata, MetadataCollection target)
    {
        foreach (var (name, value) in metadata)
        {
            target[name] = value;
        }
    }

    // MD5 guards against accidents on the way, as the protocol has it; the ledger's SHA-256 is what counts.
#pragma warning disable CA5351
    private static byte[] Md5(ReadOnlySpan<byte> bytes) => MD5.HashData(bytes);

    private static async Task<byte[]> Md5Async(ObjectContent content, CancellationToken cancellationToken)
    {
        await using var body = content.OpenRead();
        return await MD5.HashDataAsync(body, cancellationToken);
    }
#pragma warning restore CA5351
}
