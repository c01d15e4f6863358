using Amazon;
using Amazon.Runtime;
using Amazon.S3;
using FacilityFeed.Domain;

namespace FacilityFeed.Infrastructure.Storing;

/// <summary>The one long-lived client of a store, set up as its provider takes it.</summary>
public sealed class S3Connection : IDisposable
{
    private readonly S3Wire _wire;

    /// <param name="options">The store.</param>
    /// <param name="network">What requests go through; null: the network.</param>
    /// <param name="triesAgain">Whether a request that fails is made again here; false for tests that count requests, or make many that fail.</param>
    /// <exception cref="FeedRejectedException">No region is set or found, or it is no region's name.</exception>
    public S3Connection(S3StoreOptions options, HttpMessageHandler? network = null, bool triesAgain = true)
    {
        Options = options;
        TriesAgain = triesAgain;
        _wire = new S3Wire(network ?? S3Wire.Network(), options.RequestTimeout);
        Client = Connect(options, _wire, triesAgain);
    }

    public S3StoreOptions Options { get; }

    public IAmazonS3 Client { get; }

    internal bool TriesAgain { get; }

    /// <summary>The store's clock less ours, at its last answer; null before the first.</summary>
    public TimeSpan? ClockSkew => _wire.ClockSkew;

    public void Dispose()
    {
        Client.Dispose();
        _wire.Dispose();
    }

    private static AmazonS3Client Connect(S3StoreOptions options, S3Wire wire, bool triesAgain)
    {
        try
        {
            return options.AccessKeyId is null
                ? new AmazonS3Client(Configure(options, wire, triesAgain))
                : new AmazonS3Client(Credentials(options), Configure(options, wire, triesAgain));
        }
        catch (Exception unusable) when (unusable is AmazonClientException or ArgumentException or UriFormatException)
        {
            // The SDK says so before it asks anybody.
            throw new FeedRejectedException($"{options.PlaceOf("")} cannot be reached: {ForeignText.InOneLine(unusable.Message)}. {options.Setting("Region")} is '{options.Region ?? "not set"}': name the region of the bucket, or the service's address in {options.Setting("Endpoint")}", unusable);
        }
    }

    private static AWSCredentials Credentials(S3StoreOptions options) => options.SessionToken is null
        ? new BasicAWSCredentials(options.AccessKeyId, options.SecretAccessKey)
        : new SessionAWSCredentials(options.AccessKeyId, options.SecretAccessKey, options.SessionToken);

    private static AmazonS3Config Configure(S3StoreOptions options, S3Wire wire, bool triesAgain)
    {
        var config = new AmazonS3Config
        {
            HttpClientFactory = wire.AsFactory(),
            ForcePathStyle = options.Preset.PathStyle,
            // Once, for a hiccup; what lasts longer is Hangfire's to retry, where a person can see it.
            RetryMode = RequestRetryMode.Standard,
            MaxErrorRetry = triesAgain ? 1 : 0,
            MaxStaleConnectionRetries = 0,
            // The stores' own checksums are asked for where they are wanted; a trailer breaks many servers.
            RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
            ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
        };
        if (options.Address is { } address)
        {
            config.ServiceURL = address;
            config.AuthenticationRegion = options.Region ?? (options.Provider == S3Provider.R2 ? "auto" : "us-east-1");
        }
        else if (options.Region is not null)
        {
            config.RegionEndpoint = RegionEndpoint.GetBySystemName(options.Region);
        }

        return config;
    }
}
