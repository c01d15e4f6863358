using System.Text.RegularExpressions;
using FacilityFeed.Infrastructure.Settings;

namespace FacilityFeed.Infrastructure.Storing;

/// <summary>How objects are encrypted where they lie.</summary>
public enum S3Encryption
{
    /// <summary>As the bucket is set up.</summary>
    BucketDefault,

    /// <summary>SSE-S3: with keys of the provider.</summary>
    SseS3,

    /// <summary>SSE-KMS: with a key of the account.</summary>
    SseKms,
}

/// <summary>A bucket that feeds are written to.</summary>
public sealed partial record S3StoreOptions : StoreOptions
{
    private const int MiB = 1024 * 1024;

    /// <summary>Empty: not in use.</summary>
    public required string Bucket { get; init; }

    /// <summary>Comes before the feed's own prefix; empty, or ends with <c>/</c>.</summary>
    public string Prefix { get; init; } = "";

    /// <summary>Address of the service, with the path that it lies under, if any; null for AWS.</summary>
    public Uri? Endpoint { get; init; }

    /// <summary>The endpoint as it is shown and asked, without a slash at its end; null for AWS.</summary>
    internal string? Address => Endpoint?.GetLeftPart(UriPartial.Path).TrimEnd('/');

    /// <summary>Null: as the SDK finds it, or <c>us-east-1</c> with an endpoint of its own.</summary>
    public string? Region { get; init; }

    public S3Provider Provider { get; init; } = S3Provider.Aws;

    /// <summary>Null: as the provider's preset says.</summary>
    public bool? PathStyle { get; init; }

    /// <summary>Null: as the provider's preset says.</summary>
    public bool? CreatesExclusively { get; init; }

    /// <summary>Null: the SDK's own chain (environment, profile, container or instance role).</summary>
    public string? AccessKeyId { get; init; }

    /// <summary>A secret.</summary>
    public string? SecretAccessKey { get; init; }

    /// <summary>A secret; only with temporary credentials.</summary>
    public string? SessionToken { get; init; }

    public S3Encryption Encryption { get; init; } = S3Encryption.BucketDefault;

    /// <summary>Id or ARN of the KMS key; null: the account's default key.</summary>
    public string? KmsKeyId { get; init; }

    /// <summary>For example <c>STANDARD_IA</c>; null: the bucket's default.</summary>
    public string? StorageClass { get; init; }

    /// <summary>Objects larger than this are sent in parts.</summary>
    public long MultipartAboveBytes { get; init; } = 32 * MiB;

    /// <summary>At least 5 MiB, by the protocol. One part is in memory at a time.</summary>
    public int PartBytes { get; init; } = 16 * MiB;

    /// <summary>Longest time for one request.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromMinutes(5);

    public override string PlaceOf(string prefix) => $"s3://{Bucket}/{Prefix}{prefix}{(Endpoint is null ? "" : $" at {Address}")}";

    /// <summary>Without the secrets that a record would print.</summary>
    public override string ToString() => PlaceOf("");

    internal S3Preset Preset
    {
        get
        {
            var preset = S3Preset.Of(Provider);
            // Below a path, the bucket can only be part of the path too.
            return preset with { PathStyle = PathStyle ?? (HasPath || preset.PathStyle), CreatesExclusively = CreatesExclusively ?? preset.CreatesExclusively };
        }
    }

    private bool HasPath => Endpoint is { AbsolutePath: not "/" };

    internal static S3StoreOptions Read(SettingsReader reader, bool needsBucket)
    {
        var endpoint = ReadEndpoint(reader);
        var guess = S3Preset.Guess(endpoint);
        var hasId = reader.Secret("AccessKeyId") is not null;
        var options = new S3StoreOptions
        {
            Section = reader.Section,
            Bucket = needsBucket || reader.IsSet("Bucket") ? reader.Parsed("Bucket", "", CheckedBucket, "wrong") : "",
            Prefix = reader.Parsed("Prefix", "", FeedSettings.CheckedPrefix, ""),
            Endpoint = endpoint,
            Region = reader.IsSet("Region") ? reader.Parsed("Region", "", CheckedRegion, "wrong") : null,
            Provider = reader.Choice("Provider", guess, ("aws", S3Provider.Aws), ("r2", S3Provider.R2), ("gcs", S3Provider.Gcs), ("s3-compatible", S3Provider.S3Compatible)),
            PathStyle = reader.Choice<bool?>("PathStyle", null, ("true", true), ("false", false)),
            CreatesExclusively = reader.Choice<bool?>("ConditionalPuts", null, ("true", true), ("false", false)),
            AccessKeyId = reader.Secret("AccessKeyId"),
            SecretAccessKey = reader.Secret("SecretAccessKey"),
            SessionToken = reader.Secret("SessionToken"),
            Encryption = reader.Choice("Encryption", S3Encryption.BucketDefault, ("default", S3Encryption.BucketDefault), ("sse-s3", S3Encryption.SseS3), ("sse-kms", S3Encryption.SseKms)),
            KmsKeyId = reader.IsSet("KmsKeyId") ? reader.Parsed("KmsKeyId", "", CheckedKey, "wrong") : null,
            StorageClass = reader.IsSet("StorageClass") ? reader.Parsed("StorageClass", "", CheckedClass, "wrong") : null,
            MultipartAboveBytes = (long)MiB * reader.Whole("MultipartAboveMiB", whenMissing: 32, least: 5, most: 4096),
            PartBytes = MiB * reader.Whole("PartMiB", whenMissing: 16, least: 5, most: 512),
            RequestTimeout = TimeSpan.FromSeconds(reader.Whole("RequestTimeoutSeconds", whenMissing: 300, least: 1, most: 3600)),
        };
        if (hasId != reader.Secret("SecretAccessKey") is not null && options.Bucket.Length > 0)
        {
            var (set, missing) = hasId ? ("AccessKeyId", "SecretAccessKey") : ("SecretAccessKey", "AccessKeyId");
            reader.Add($"{reader.Describe(missing)} is not set, but {reader.Describe(set)} is: set both, or neither to use the machine's own credentials");
        }

        if (options is { HasPath: true, PathStyle: false })
        {
            reader.Reject("PathStyle", $"{reader.Describe("Endpoint")} has a path, and a bucket in the host's name would come before it: set it to true, or unset it");
        }

        if (options.Bucket.Length > 0 && options.Address?.EndsWith($"/{options.Bucket}", StringComparison.Ordinal) == true)
        {
            reader.Reject("Endpoint", $"it ends with the bucket, which {reader.Describe("Bucket")} names: leave it out here");
        }

        if (options.KmsKeyId is not null && options.Encryption != S3Encryption.SseKms)
        {
            reader.Add($"{reader.Describe("KmsKeyId")} is set, but {reader.Describe("Encryption")} is not sse-kms: set it, or unset the key");
        }

        return options;
    }

    private static Uri? ReadEndpoint(SettingsReader reader)
    {
        // What stands before an @ may be a password, so the value is not shown.
        if (reader.Text("Endpoint", "").Contains('@'))
        {
            reader.Add($"{reader.Describe("Endpoint")} holds a user or password: give {reader.Describe("AccessKeyId")} and {reader.Describe("SecretAccessKey")} instead");
            return null;
        }

        // Nor is what a signed link has after its ?.
        if (reader.Text("Endpoint", "").AsSpan().ContainsAny('?', '#'))
        {
            reader.Add($"{reader.Describe("Endpoint")} has a ? or a #: leave out what begins with it (it is not shown, for it may be a secret)");
            return null;
        }

        return reader.Parsed<Uri?>("Endpoint", "", CheckedEndpoint, null);
    }

    private static Uri? CheckedEndpoint(string endpoint) => endpoint.Length == 0 ? null
        : Uri.TryCreate(PlainValue.Checked(endpoint, [";", " "]), UriKind.Absolute, out var address) && address.Scheme is "http" or "https" && EndpointPath().IsMatch(address.AbsolutePath)
            ? new Uri(address.GetLeftPart(UriPartial.Path).TrimEnd('/'))
            : throw new FormatException("it must be the address of the service, for example https://s3.example.com:9000 or https://example.com/storage/v1/s3, without the bucket");

    /// <summary>Whether a bucket may be called so, here or at another service; capitals are in old ones.</summary>
    internal static bool IsBucket(string name) => BucketName().IsMatch(name);

    private static string CheckedBucket(string bucket) => IsBucket(bucket)
        ? bucket
        : throw new FormatException("it must be a bucket's name, 3 to 63 lower-case letters, digits, '.' and '-', without s3:// and without a folder (that is S3_PREFIX)");

    private static string CheckedRegion(string region) => RegionName().IsMatch(region)
        ? region
        : throw new FormatException("it must be the name of a region, for example eu-central-1 or auto");

    private static string CheckedClass(string name) => Word().IsMatch(name)
        ? name
        : throw new PlainValue.HiddenValueException("it must be the name of a storage class, for example STANDARD_IA");

    private static string CheckedKey(string key) => KeyName().IsMatch(key)
        ? key
        : throw new PlainValue.HiddenValueException("it must be the id, alias or ARN of a key: no user or password in it");

    [GeneratedRegex(@"^[A-Za-z0-9._-]+\z")]
    private static partial Regex Word();

    // Only an ARN has colons: arn:aws:kms:eu-central-1:111122223333:key/1234abcd-...
    [GeneratedRegex(@"^(arn:[a-z0-9-]+:kms:[a-z0-9-]*:[0-9]*:)?[A-Za-z0-9._/-]+\z", RegexOptions.ExplicitCapture)]
    private static partial Regex KeyName();

    // Letters that are signed as they are sent, whoever encodes them.
    [GeneratedRegex(@"^(/[A-Za-z0-9._~-]+)*/*\z", RegexOptions.ExplicitCapture)]
    private static partial Regex EndpointPath();

    // It becomes part of a host's name.
    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9._-]{0,62}\z")]
    private static partial Regex RegionName();

    // https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html; capitals and _ are in old buckets and elsewhere.
    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9._-]{1,61}[A-Za-z0-9]\z")]
    private static partial Regex BucketName();
}
