using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using FacilityFeed.Domain;
using FacilityFeed.Domain.Writing;
using FacilityFeed.Infrastructure.Storing;
using FacilityFeed.Tests.Support;

namespace FacilityFeed.Tests.Storing;

/// <summary>What is sent to providers that are not here: the headers of the requests, read off the wire.</summary>
public sealed class S3RequestTests
{
    private static readonly ObjectContent _content = ObjectContent.Of(new byte[1000]) with { ContentType = "application/gzip" };

    private static readonly string _sha256 = Convert.ToBase64String(Convert.FromHexString(_content.Sha256));

    [TestCase(S3Provider.Aws, null, "https://bucket.s3.eu-central-1.amazonaws.com/a.json.gz")]
    [TestCase(S3Provider.R2, "https://account.r2.cloudflarestorage.com", "https://account.r2.cloudflarestorage.com/bucket/a.json.gz")]
    [TestCase(S3Provider.Gcs, "https://storage.googleapis.com", "https://storage.googleapis.com/bucket/a.json.gz")]
    [TestCase(S3Provider.S3Compatible, "http://s3.example:9000", "http://s3.example:9000/bucket/a.json.gz")]
    [TestCase(S3Provider.S3Compatible, "https://x.example/storage/v1/s3", "https://x.example/storage/v1/s3/bucket/a.json.gz")]
    [TestCase(S3Provider.S3Compatible, "https://x.example/storage/v1/s3/", "https://x.example/storage/v1/s3/bucket/a.json.gz")]
    [TestCase(S3Provider.Aws, "https://proxy.example/aws", "https://proxy.example/aws/bucket/a.json.gz")]
    public async Task APut_GoesToTheProvidersAddress(S3Provider provider, string? endpoint, string address) =>
        Assert.That((await PutAsync(Options(provider, endpoint))).Address.AbsoluteUri, Is.EqualTo(address));

    [Test]
    public async Task Aws_GetsTheSha256_AndCreatesExclusively()
    {
        var put = await PutAsync(Options(S3Provider.Aws, null));

        Assert.That((put["x-amz-checksum-sha256"], put["If-None-Match"], put["Content-MD5"]), Is.EqualTo((_sha256, "*", (string?)null)));
        Assert.That(put["x-amz-trailer"], Is.Null);
    }

    [TestCase(S3Provider.R2, "https://account.r2.cloudflarestorage.com", "*")]
    [TestCase(S3Provider.Gcs, "https://storage.googleapis.com", null)]
    [TestCase(S3Provider.S3Compatible, "https://s3.example", null)]
    public async Task Others_GetTheMd5_AndThePlainBody(S3Provider provider, string endpoint, string? ifNoneMatch)
    {
        var put = await PutAsync(Options(provider, endpoint));

#pragma warning disable CA5351 // The protocol's own guard against accidents.
        Assert.That(put["Content-MD5"], Is.EqualTo(Convert.ToBase64String(MD5.HashData(new byte[1000]))));
#pragma warning restore CA5351
        Assert.That((put["If-None-Match"], put["x-amz-content-sha256"], put["Content-Length"]), Is.EqualTo((ifNoneMatch, "UNSIGNED-PAYLOAD", "1000")));
        Assert.That(put.Names.Where(name => name.StartsWith("x-amz-checksum", StringComparison.OrdinalIgnoreCase) || name is "x-amz-trailer" or "x-amz-sdk-checksum-algorithm" or "x-amz-decoded-content-length" or "Content-Encoding"), Is.Empty);
        Assert.That(put.Body, Is.EqualTo(new byte[1000]));
    }

    [Test]
    public async Task WithoutTls_TheBodyIsSignedWhole()
    {
        var put = await PutAsync(Options(S3Provider.S3Compatible, "http://s3.example:9000"));

        Assert.That((put["x-amz-content-sha256"], put["Content-Length"]), Is.EqualTo((_content.Sha256, "1000")));
        Assert.That(put.Body, Is.EqualTo(new byte[1000]));
    }

    [Test]
    public async Task EncryptionAndStorageClass_AreAskedFor()
    {
        var put = await PutAsync(Options(S3Provider.Aws, null) with { Encryption = S3Encryption.SseKms, KmsKeyId = "alias/feeds", StorageClass = "STANDARD_IA" });

        Assert.That(
            (put["x-amz-server-side-encryption"], put["x-amz-server-side-encryption-aws-kms-key-id"], put["x-amz-storage-class"]),
            Is.EqualTo(("aws:kms", "alias/feeds", "STANDARD_IA")));
        Assert.That((await PutAsync(Options(S3Provider.Aws, null) with { Encryption = S3Encryption.SseS3 }))["x-amz-server-side-encryption"], Is.EqualTo("AES256"));
    }

    [Test]
    public async Task NothingIsAskedFor_WhenTheBucketDecides() =>
        Assert.That((await PutAsync(Options(S3Provider.Aws, null))).Names.Where(name => name.StartsWith("x-amz-server-side", StringComparison.OrdinalIgnoreCase) || name == "x-amz-storage-class"), Is.Empty);

    [TestCase(S3Provider.R2, "https://account.r2.cloudflarestorage.com", null, "/auto/s3/")]
    [TestCase(S3Provider.S3Compatible, "http://s3.example:9000", null, "/us-east-1/s3/")]
    [TestCase(S3Provider.S3Compatible, "http://s3.example:9000", "garage", "/garage/s3/")]
    public async Task TheRegion_IsTheProviders(S3Provider provider, string endpoint, string? region, string scope) =>
        Assert.That((await PutAsync(Options(provider, endpoint) with { Region = region }))["Authorization"], Does.Contain(scope));

    [Test]
    public async Task TheSettings_WinOverTheProvider()
    {
        var put = await PutAsync(Options(S3Provider.S3Compatible, "https://s3.example") with { CreatesExclusively = true, PathStyle = false });

        Assert.That((put["If-None-Match"], put.Address.Host), Is.EqualTo(("*", "bucket.s3.example")));
    }

    [Test]
    public async Task TheFacts_AreMetadata()
    {
        var put = await PutAsync(Options(S3Provider.Gcs, "https://storage.googleapis.com"));

        Assert.That((put["x-amz-meta-records"], put["x-amz-meta-sha256"], put["Content-Type"]), Is.EqualTo(("12", _content.Sha256, "application/gzip")));
        Assert.That(put["Content-Encoding"], Is.Null);
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task AServerThatSaysNothing_IsGivenUp(CancellationToken deadline)
    {
        using var listener = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var folder = new TempFolder();
        using var connection = new S3Connection(Options(S3Provider.S3Compatible, $"http://{listener.LocalEndpoint}") with { RequestTimeout = TimeSpan.FromSeconds(1) });

        var failure = (await Assert.CatchAsync<FeedException>(() => new S3FeedStore(connection, "", Guid.Empty, folder.Path).CheckAsync(deadline)))!;

        Assert.That(failure, Is.Not.InstanceOf<FeedRejectedException>());
        Assert.That(failure.Message, Does.Contain("no answer within 1 s").And.Contain("Stores:s3:RequestTimeoutSeconds"));
    }

    [Test]
    public async Task AName_ThatIsTaken_IsLookedAtAgain_WhenTheLookFails()
    {
        // The put arrived and its answer was lost; the SDK's second one is refused, and then nobody answers.
        using var wire = new ScriptedWire(request => request.Method == HttpMethod.Put ? HttpStatusCode.PreconditionFailed : HttpStatusCode.ServiceUnavailable);
        using var folder = new TempFolder();
        using var connection = new S3Connection(Options(S3Provider.Aws, null), wire);

        var failure = (await Assert.CatchAsync<FeedException>(() => new S3FeedStore(connection, "", Guid.Empty, folder.Path).CreateAsync("a.json.gz", _content, CancellationToken.None)))!;

        Assert.That(failure, Is.Not.InstanceOf<FeedRejectedException>(), failure.Message);
        Assert.That(failure.Message, Does.Contain("503"));
    }

    [TestCase(null, "is 'not set'")]
    [TestCase("eu central 1", "is 'eu central 1'")]
    public void ARegion_ThatIsNone_IsRefusedByName(string? region, string value) =>
        Assert.That(() => new S3Connection(Options(S3Provider.Aws, null) with { Region = region }),
            Throws.InstanceOf<FeedRejectedException>().With.Message.Contains($"AWS_REGION (Stores:s3:Region) {value}"));

    private static S3StoreOptions Options(S3Provider provider, string? endpoint) => new()
    {
        Section = "Stores:s3",
        Bucket = "bucket",
        Provider = provider,
        Endpoint = endpoint is null ? null : new Uri(endpoint),
        Region = endpoint is null ? "eu-central-1" : null,
        AccessKeyId = "AKIA",
        SecretAccessKey = "secret",
    };

    /// <summary>Creates an object at a provider that has what it was sent, and gives back the put.</summary>
    private static async Task<SentRequest> PutAsync(S3StoreOptions options)
    {
        using var folder = new TempFolder();
        using var wire = new RecordingWire();
        using var connection = new S3Connection(options, wire);
        var content = _content with { Metadata = new Dictionary<string, string> { ["records"] = "12" } };

        await new S3FeedStore(connection, "", Guid.Empty, folder.Path).CreateAsync("a.json.gz", content, CancellationToken.None);

        return wire.Sent.Single(request => request.Method == HttpMethod.Put);
    }
}

/// <summary>A request as it went to the network.</summary>
public sealed record SentRequest(HttpMethod Method, Uri Address, IReadOnlyDictionary<string, string> Headers, byte[] Body)
{
    public IEnumerable<string> Names => Headers.Keys;

    public string? this[string name] => Headers.GetValueOrDefault(name);
}

/// <summary>Stands for a provider: keeps each request, and tells of an object what its put said.</summary>
public sealed class RecordingWire : HttpMessageHandler
{
    public List<SentRequest> Sent { get; } = [];

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var body = request.Content is null ? [] : await request.Content.ReadAsByteArrayAsync(cancellationToken);
        var headers = request.Headers.Concat(request.Content?.Headers.AsEnumerable() ?? []).ToDictionary(header => header.Key, header => string.Join(",", header.Value), StringComparer.OrdinalIgnoreCase);
        Sent.Add(new SentRequest(request.Method, request.RequestUri!, headers, body));
        var put = Sent.LastOrDefault(sent => sent.Method == HttpMethod.Put);
        if (request.Method != HttpMethod.Put && put is null)
        {
            return new HttpResponseMessage(HttpStatusCode.NotFound) { Content = new ByteArrayContent([]) };
        }

        var answer = new HttpResponseMessage(HttpStatusCode.OK) { Content = new ByteArrayContent(request.Method == HttpMethod.Head ? new byte[LengthOf(put!)] : []) };
        foreach (var (name, value) in put!.Headers.Where(header => header.Key.StartsWith("x-amz-meta-", StringComparison.OrdinalIgnoreCase) || header.Key == "x-amz-checksum-sha256"))
        {
            answer.Headers.TryAddWithoutValidation(name, value);
        }

#pragma warning disable CA5351 // What providers make their ETags of.
        answer.Headers.TryAddWithoutValidation("ETag", $"\"{Convert.ToHexStringLower(MD5.HashData(put.Body))}\"");
#pragma warning restore CA5351
        return answer;
    }

    // A body that is signed piece by piece holds the signatures too.
    private static int LengthOf(SentRequest put) => put["x-amz-decoded-content-length"] is { } length ? int.Parse(length, CultureInfo.InvariantCulture) : put.Body.Length;
}

/// <summary>Stands for a provider that answers each request with a status alone.</summary>
public sealed class ScriptedWire(Func<HttpRequestMessage, HttpStatusCode> answer) : HttpMessageHandler
{
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        Task.FromResult(new HttpResponseMessage(answer(request)) { Content = new ByteArrayContent([]) });
}
