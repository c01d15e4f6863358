using Amazon.S3.Model;
using FacilityFeed.Domain;
using FacilityFeed.Domain.Storing;
using FacilityFeed.Domain.Writing;
using FacilityFeed.Infrastructure.Storing;
using FacilityFeed.Tests.Support;

namespace FacilityFeed.Tests.Storing;

/// <summary>A bucket keeps the contract of all stores; on a real server.</summary>
public sealed class S3FeedStoreTests : StoreContract
{
    private static readonly Guid _installation = Guid.NewGuid();

    private readonly List<S3Connection> _connections = [];
    private TempFolder _folder = null!;
    private S3StoreOptions _bucket = null!;
    private S3Connection _connection = null!;

    [SetUp]
    public async Task MakeBucketAsync()
    {
        _folder = new TempFolder();
        _bucket = await (await TestServers.CephAsync()).NewBucketAsync();
        _connection = new S3Connection(_bucket);
    }

    [TearDown]
    public async Task CloseAsync()
    {
        if (_connection is not null)
        {
            var parts = await _connection.Client.ListMultipartUploadsAsync(new ListMultipartUploadsRequest { BucketName = _bucket.Bucket });
            Assert.That(parts.MultipartUploads ?? [], Is.Empty, "parts of an upload were left");
        }

        _connection?.Dispose();
        _connections.ForEach(connection => connection.Dispose());
        _connections.Clear();
        _folder.Dispose();
    }

    protected override IFeedStore Open(string prefix = "") => new S3FeedStore(_connection, prefix, _installation, _folder.Path);

    [Test]
    public async Task CreateAsync_KeepsTheFactsBesideTheObject()
    {
        var content = Text("one") with { ContentType = "application/gzip", Metadata = new Dictionary<string, string> { ["run-id"] = "12", ["chunk"] = "7", ["attempt"] = "2", ["records"] = "1000" } };

        await Open().CreateAsync("a.json.gz", content, CancellationToken.None);

        var stored = await _connection.Client.GetObjectMetadataAsync(_bucket.Bucket, "a.json.gz");
        Assert.That(stored.Headers.ContentType, Is.EqualTo("application/gzip"));
        Assert.That(stored.Headers.ContentEncoding, Is.Null.Or.Empty);
        Assert.That(new[] { "run-id", "chunk", "attempt", "records", "sha256", "installation" }.Select(name => stored.Metadata[name]),
            Is.EqualTo(new[] { "12", "7", "2", "1000", content.Sha256, _installation.ToString("N") }));
    }

    // The real bucket takes the place of the path: the server sees an object of it, and checks the signature over all that was asked.
    [TestCase("a.json.gz", 1000)]
    [TestCase("a b+c=ü~.json", 1000)]
    [TestCase("parts.json", 11 * 1024 * 1024)]
    public async Task BelowAPath_TheWholePathIsSigned(string name, int length)
    {
        var below = _bucket with { Endpoint = new Uri(_bucket.Endpoint!, _bucket.Bucket), Bucket = "below", MultipartAboveBytes = 5 * 1024 * 1024, PartBytes = 5 * 1024 * 1024 };
        var content = ObjectContent.Of(new byte[length]);
        using var connection = new S3Connection(below);
        using var stranger = new S3Connection(below with { SecretAccessKey = "wrong" });
        var store = new S3FeedStore(connection, "", _installation, _folder.Path);

        var stored = await store.CreateAsync(name, content, CancellationToken.None);

        Assert.That(await store.HoldsAsync(stored, CancellationToken.None), Is.True);
        Assert.That((await _connection.Client.GetObjectMetadataAsync(_bucket.Bucket, $"below/{name}")).ContentLength, Is.EqualTo(length));
        Assert.That(() => new S3FeedStore(stranger, "", _installation, _folder.Path).OpenReadAsync(name, CancellationToken.None), Throws.InstanceOf<FeedRejectedException>().With.Message.Contains("SignatureDoesNotMatch"));
        await store.DeleteAsync(name, CancellationToken.None);
        Assert.That(await store.OpenReadAsync(name, CancellationToken.None), Is.Null);
    }

    [Test]
    public async Task CreateAsync_KeepsTheFactsBesideAnObjectSentInParts()
    {
        var content = ObjectContent.Of(new byte[33 * 1024 * 1024]) with { ContentType = "application/gzip", Metadata = new Dictionary<string, string> { ["records"] = "5" } };

        var stored = await Open().CreateAsync("big.json.gz", content, CancellationToken.None);

        var head = await _connection.Client.GetObjectMetadataAsync(_bucket.Bucket, "big.json.gz");
        Assert.That((head.Headers.ContentType, head.Metadata["records"], head.Metadata["sha256"]), Is.EqualTo(("application/gzip", "5", content.Sha256)));
        Assert.That(stored.ETag, Does.EndWith("-3\""));
    }

    [Test]
    public async Task CreateAsync_RefusesTheSameBytes_OfAnotherInstallation()
    {
        await new S3FeedStore(_connection, "", Guid.NewGuid(), _folder.Path).CreateAsync("a.json", Text("one"), CancellationToken.None);

        Assert.That(() => Open().CreateAsync("a.json", Text("one"), CancellationToken.None), Throws.InstanceOf<FeedRejectedException>().With.Message.Contains("another installation publishes here"));
    }

    [Test]
    public async Task HoldsAsync_IsRefused_WhenAnotherInstallationWroteTheSameBytes()
    {
        var stored = await Open().CreateAsync("a.json", Text("one"), CancellationToken.None);
        await new S3FeedStore(_connection, "", Guid.NewGuid(), _folder.Path).ReplaceAsync("a.json", Text("one"), CancellationToken.None);

        Assert.That(() => Open().HoldsAsync(stored, CancellationToken.None), Throws.InstanceOf<FeedRejectedException>().With.Message.Contains("another installation publishes here"));
    }

    [Test]
    public async Task ClaimAsync_RefusesAtLeastOne_OfTwoInstallationsAtOnce()
    {
        for (var round = 1; round <= 20; round++)
        {
            var start = $"feed-{round}";
            var stores = Enumerable.Range(0, 2).Select(_ => new S3FeedStore(_connection, "", Guid.NewGuid(), _folder.Path)).ToList();

            var wins = await Task.WhenAll(stores.Select(async store =>
            {
                try
                {
                    await store.ClaimAsync(start, CancellationToken.None);
                    return true;
                }
                catch (FeedRejectedException refused)
                {
                    Assert.That(refused.Message, Does.Contain("another installation publishes here").And.Contain(start));
                    return false;
                }
            }));

            Assert.That(wins.Count(won => won), Is.LessThan(2));
        }
    }

    [Test]
    public async Task ListAsync_GoesOverAllPages()
    {
        var names = Enumerable.Range(1, 1010).Select(i => $"a-{i:0000}").ToList();
        await Parallel.ForEachAsync(names, async (name, token) => await _connection.Client.PutObjectAsync(new PutObjectRequest { BucketName = _bucket.Bucket, Key = name, ContentBody = "x" }, token));

        Assert.That(await NamesAsync("a-"), Is.EquivalentTo(names));
    }

    [Test]
    public void CheckAsync_NamesTheBucket_WhenThereIsNone() =>
        AssertRefused(_bucket with { Bucket = "no-such-bucket" }, "S3_BUCKET_NAME (Stores:s3:Bucket) is 'no-such-bucket': make the bucket");

    [Test]
    public void CheckAsync_NamesTheKey_WhenTheSecretIsWrong() =>
        AssertRefused(_bucket with { SecretAccessKey = "not-the-secret" }, "AWS_SECRET_ACCESS_KEY (Stores:s3:SecretAccessKey)");

    [Test]
    public void CheckAsync_NamesTheKey_WhenItIsUnknown() =>
        AssertRefused(_bucket with { AccessKeyId = "nobody" }, "AWS_ACCESS_KEY_ID (Stores:s3:AccessKeyId)");

    [Test]
    public void CheckAsync_NamesTheRights_WhenTheKeyHasNone() =>
        AssertRefused(_bucket with { AccessKeyId = CephServer.Stranger, SecretAccessKey = CephServer.SecretOf(CephServer.Stranger) }, "s3:PutObject");

    [Test]
    public void CreateAsync_IsRefusedForGood_WhenTheKeyIsTooLong() =>
        Assert.That(() => Open().CreateAsync(new string('n', 1100), Text("one"), CancellationToken.None), Throws.InstanceOf<FeedRejectedException>());

    [Test]
    public void CheckAsync_MayBeTriedAgain_WhenNothingListens()
    {
        var store = new S3FeedStore(Connect(_bucket with { Endpoint = new Uri($"http://127.0.0.1:{ClosedPort.Find()}") }), "", _installation, _folder.Path);

        var failure = Assert.CatchAsync<FeedException>(() => store.CheckAsync(CancellationToken.None)).GetAwaiter().GetResult()!;

        Assert.That(failure, Is.Not.InstanceOf<FeedRejectedException>());
        Assert.That(failure.Message, Does.Contain("S3_ENDPOINT_URL (Stores:s3:Endpoint)").And.Not.Contain("\n"));
    }

    [Test]
    public async Task ClockSkew_IsSmall_WhenBothReadTheSameClock()
    {
        await Open().CheckAsync(CancellationToken.None);

        Assert.That(_connection.ClockSkew, Is.Not.Null);
        Assert.That(_connection.ClockSkew!.Value.Duration(), Is.LessThan(TimeSpan.FromMinutes(1)));
    }

    private void AssertRefused(S3StoreOptions options, string remedy)
    {
        var store = new S3FeedStore(Connect(options), "", _installation, _folder.Path);

        foreach (var call in new Func<Task>[] { () => store.CheckAsync(CancellationToken.None), () => store.CreateAsync("a.json", Text("one"), CancellationToken.None) })
        {
            var refusal = Assert.ThrowsAsync<FeedRejectedException>(() => call()).GetAwaiter().GetResult()!;
            Assert.That(refusal.Message, Does.Contain(remedy).And.Contain("s3://").And.Not.Contain("\n"));
            Assert.That(refusal.ToString(), Does.Not.Contain(options.SecretAccessKey));
        }
    }

    private S3Connection Connect(S3StoreOptions options)
    {
        var connection = new S3Connection(options);
        _connections.Add(connection);
        return connection;
    }
}
