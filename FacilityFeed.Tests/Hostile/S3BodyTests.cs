using System.Diagnostics;
using FacilityFeed.Domain;
using FacilityFeed.Domain.Storing;
using FacilityFeed.Domain.Writing;
using FacilityFeed.Infrastructure.Storing;
using FacilityFeed.Tests.Support;

namespace FacilityFeed.Tests.Hostile;

/// <summary>Bodies that do not come, come slowly or never end: each is given up in time, with little of it kept.</summary>
[CancelAfter(60_000)]
public sealed class S3BodyTests
{
    private const long Flood = 512L * 1024 * 1024;

    // Below what a test may wait, far above what an honest answer takes here.
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(1);

    private static readonly Dictionary<string, Func<S3FeedStore, CancellationToken, Task>> _operations = new()
    {
        ["check"] = (store, token) => store.CheckAsync(token),
        ["create"] = (store, token) => store.CreateAsync("a.json", ObjectContent.Of([1]), token),
        ["replace"] = (store, token) => store.ReplaceAsync("a.json", ObjectContent.Of([1]), token),
        ["read"] = (store, token) => store.OpenReadAsync("a.json", token),
        ["list"] = async (store, token) => await store.ListAsync("a", token).GetAsyncEnumerator(token).MoveNextAsync(),
        ["delete"] = (store, token) => store.DeleteAsync("a.json", token),
    };

    private TempFolder _folder = null!;

    [SetUp]
    public void Prepare() => _folder = new TempFolder();

    [TearDown]
    public void Remove() => _folder.Dispose();

    [Test]
    public async Task Silence_IsGivenUp([Values("check", "replace", "read", "list", "delete")] string operation, [Values] bool isError, CancellationToken deadline)
    {
        var status = isError ? "400 Bad Request" : "200 OK";
        await using var server = new HostileS3(async (_, connection) =>
        {
            await connection.SendAsync($"HTTP/1.1 {status}\r\nContent-Length: 5000\r\n\r\n<?xml");
            await connection.FallSilentAsync();
        });

        var failure = await FailAsync(server, operation, deadline);

        Assert.That(failure, Is.Not.InstanceOf<FeedRejectedException>(), failure.Message);
        Assert.That(failure.Message, Does.Contain("Stores:s3:RequestTimeoutSeconds"));
    }

    [Test]
    public async Task ATrickle_IsGivenUp([Values("check", "replace", "read", "list", "delete")] string operation, CancellationToken deadline)
    {
        await using var server = new HostileS3(async (_, connection) =>
        {
            await connection.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 500000\r\n\r\n<?xml version=\"1.0\"?>");
            await connection.TrickleAsync(TimeSpan.FromMilliseconds(100));
        });

        var failure = await FailAsync(server, operation, deadline);

        Assert.That(failure, Is.Not.InstanceOf<FeedRejectedException>(), failure.Message);
        Assert.That(failure.Message, Does.Contain("Stores:s3:RequestTimeoutSeconds"));
    }

    [Test]
    public async Task ABodyWithoutEnd_IsNotKept([Values("check", "replace", "read", "list", "delete")] string operation, [Values("200 OK", "404 Not Found", "500 Oops")] string status, [Values] bool isChunked, CancellationToken deadline)
    {
        await using var server = new HostileS3(async (_, connection) =>
        {
            var text = new string('a', 0xea60);
            await connection.SendAsync($"HTTP/1.1 {status}\r\n{(isChunked ? "Transfer-Encoding: chunked\r\n" : "")}\r\n");
            await connection.SendAsync(isChunked ? "15\r\n<?xml version=\"1.0\"?>\r\n" : "<?xml version=\"1.0\"?>");
            await connection.FloodAsync(isChunked ? $"ea60\r\n{text}\r\n" : text, Flood);
        });
        var before = GC.GetTotalAllocatedBytes();

        // A missing object is a fine answer to some.
        _ = await TryAsync(server, operation, deadline);

        Assert.That(GC.GetTotalAllocatedBytes() - before, Is.LessThan(200L * 1024 * 1024), "bytes that were ever asked for");
        Assert.That(Directory.EnumerateFileSystemEntries(_folder.Path), Is.Empty);
        Assert.That(server.Requests, Is.Not.Empty);
    }

    [Test]
    public async Task AnObject_OfMoreThanItsBound_IsNotRead(CancellationToken deadline)
    {
        await using var server = new HostileS3(async (_, connection) =>
        {
            await connection.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 9000000000000000000\r\n\r\n");
            await connection.FloodAsync(new string('a', 60_000), Flood);
        });
        using var connection = Connect(server);
        var store = Open(connection);

        Assert.That(() => store.OpenReadAsync("a.json", deadline), Throws.InstanceOf<ObjectTooLongException>().With.Message.Contains("s3://bucket/a.json has 9,000,000,000,000,000,000 bytes"));
        Assert.That(() => store.OpenReadAsync("a.json", 100, deadline), Throws.InstanceOf<ObjectTooLongException>().With.Message.Contains("no more than 100"));
        Assert.That(Directory.EnumerateFileSystemEntries(_folder.Path), Is.Empty);
    }

    [Test]
    public async Task AManifest_OfMoreThanFourMiB_IsNotRead(CancellationToken deadline)
    {
        await using var server = new HostileS3(async (_, connection) =>
        {
            await connection.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 4194305\r\n\r\n");
            await connection.FloodAsync(new string('a', 65_536), 4_194_304);
        });
        using var connection = Connect(server);

        Assert.That(() => Open(connection).OpenReadAsync(ObjectNames.Alias, deadline), Throws.InstanceOf<ObjectTooLongException>());
    }

    [Test]
    public async Task ASlowButHonestObject_IsReadToItsEnd(CancellationToken deadline)
    {
        const int Pieces = 30;
        await using var server = new HostileS3(async (_, connection) =>
        {
            await connection.SendAsync($"HTTP/1.1 200 OK\r\nContent-Length: {Pieces * 16_384}\r\n\r\n");
            using var timer = new PeriodicTimer(_patience / 10);
            for (var piece = 0; piece < Pieces && await timer.WaitForNextTickAsync(connection.End); piece++)
            {
                await connection.SendAsync(new string('a', 16_384));
            }
        });
        using var connection = Connect(server);

        await using var stored = await Open(connection).OpenReadAsync("a.json", deadline);

        Assert.That(stored!.Length, Is.EqualTo(Pieces * 16_384), "three times as long as one silence may last");
    }

    [Test]
    public async Task Cancelling_ReachesEveryRead([Values("check", "replace", "read", "list", "delete")] string operation, [Values] bool isError, CancellationToken deadline)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(deadline);
        await using var server = new HostileS3(async (_, connection) =>
        {
            await connection.SendAsync($"HTTP/1.1 {(isError ? "503 Slow Down" : "200 OK")}\r\nContent-Length: 5000\r\n\r\n<?xml");
            await stop.CancelAsync();
            await connection.FallSilentAsync();
        });
        using var connection = Connect(server, TimeSpan.FromMinutes(5));
        var begin = Stopwatch.GetTimestamp();

        Assert.That(async () => await _operations[operation](Open(connection), stop.Token), Throws.InstanceOf<OperationCanceledException>());

        Assert.That(Stopwatch.GetElapsedTime(begin), Is.LessThan(TimeSpan.FromSeconds(10)));
    }

    [Test]
    public async Task AListThatGoesOnForEver_IsGivenUp([Values("same token", "no token", "a token of a megabyte", "no keys", "one key a page")] string kind, CancellationToken deadline)
    {
        var page = 0;
        await using var server = new HostileS3((_, connection) => connection.AnswerAsync("200 OK", HonestS3.Page(
            kind == "no keys" ? [] : [$"a{++page}"],
            kind switch { "same token" => "again", "no token" => null, "a token of a megabyte" => $"{++page}{new string('t', 1_000_000)}", _ => $"token-{++page}" },
            isTruncated: true)));
        using var connection = Connect(server);
        var names = 0;

        var failure = (await Assert.CatchAsync<FeedException>(async () =>
        {
            await foreach (var _ in Open(connection).ListAsync("a", deadline))
            {
                names++;
            }
        }))!;

        Assert.That(failure.Message, Does.StartWith("a list that ").And.Contain("s3://bucket/a cannot be listed").And.Contain("is an S3 service"));
        Assert.That(names, Is.LessThan(1001));
    }

    [Test]
    public async Task PagesOfFoldersAlone_AreNotEmpty_HoweverManyTheyAre()
    {
        var page = 0;
        await using var server = new HostileS3((_, connection) => connection.AnswerAsync("200 OK", ++page <= 50 ? HonestS3.Page([], $"token-{page}", isTruncated: true, $"a{page}/") : HonestS3.Page(["a.json"])));
        using var connection = Connect(server);
        var names = new List<string>();

        await foreach (var name in Open(connection).ListAsync("a", CancellationToken.None))
        {
            names.Add(name);
        }

        Assert.That(names, Is.EqualTo(new[] { "a.json" }));
    }

    private async Task<FeedException> FailAsync(HostileS3 server, string operation, CancellationToken deadline) =>
        await TryAsync(server, operation, deadline) ?? throw new AssertionException($"{operation} did not fail");

    private async Task<FeedException?> TryAsync(HostileS3 server, string operation, CancellationToken deadline)
    {
        using var connection = Connect(server);
        try
        {
            await _operations[operation](Open(connection), deadline);
            return null;
        }
        catch (FeedException failure)
        {
            return failure;
        }
    }

    private S3FeedStore Open(S3Connection connection) => new(connection, "", Guid.Empty, _folder.Path);

    private static S3Connection Connect(HostileS3 server, TimeSpan? patience = null) => new(
        new S3StoreOptions
        {
            Section = "Stores:s3",
            Bucket = "bucket",
            Endpoint = server.Address,
            Provider = S3Provider.S3Compatible,
            AccessKeyId = "AKIA",
            SecretAccessKey = "secret",
            RequestTimeout = patience ?? _patience,
        },
        triesAgain: false);
}
