using System.Globalization;
using System.IO.Compression;
using System.Text;
using FacilityFeed.Domain;
using FacilityFeed.Domain.Storing;
using FacilityFeed.Domain.Writing;
using FacilityFeed.Infrastructure.Storing;
using FacilityFeed.Tests.Support;

namespace FacilityFeed.Tests.Hostile;

/// <summary>Answers that are no S3's: each becomes an error that says what, which and what to do, and shows nothing raw.</summary>
[CancelAfter(60_000)]
public sealed class S3StrangeAnswerTests
{
    private static readonly Guid _installation = new("5d0c7b8e-0d0c-4a06-9f5f-4f1c3a1f2b11");
    private static readonly byte[] _content = [.. Enumerable.Range(0, 3000).Select(number => (byte)number)];

    private TempFolder _folder = null!;

    [SetUp]
    public void Prepare() => _folder = new TempFolder();

    [TearDown]
    public void Remove() => _folder.Dispose();

    [TestCase("\"abc\"")]
    [TestCase("\"0123456789abcdef\"")]
    [TestCase("\"not-md5\"")]
    [TestCase("\"zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz\"")]
    [TestCase("")]
    [TestCase(null)]
    public async Task ATag_ThatIsNoMd5_HindersNobody(string? tag)
    {
        await using var server = new HostileS3((request, connection) => connection.SendAsync(Retagged(new HonestS3(_installation, _content).Answer(request, isThere: true), tag)));
        using var connection = Connect(server);
        var store = Open(connection);

        await store.ReplaceAsync("a.json", ObjectContent.Of(_content), CancellationToken.None);
        await using var stored = await store.OpenReadAsync("a.json", CancellationToken.None);
        using var bytes = new MemoryStream();
        await stored!.CopyToAsync(bytes);

        Assert.That(bytes.ToArray(), Is.EqualTo(_content));
    }

    [TestCase(301)]
    [TestCase(302)]
    [TestCase(307)]
    [TestCase(308)]
    public async Task ARedirect_IsNotFollowed(int status)
    {
        await using var other = new HostileS3((request, connection) => connection.SendAsync(new HonestS3(_installation, _content).Answer(request, isThere: true)));
        await using var server = new HostileS3((request, connection) => connection.AnswerAsync($"{status} Elsewhere", "", $"Location: {other.Address}bucket/a.json\r\n"));
        using var connection = Connect(server);
        var store = Open(connection);

        foreach (var operation in new Func<Task>[] { () => store.CheckAsync(CancellationToken.None), () => store.OpenReadAsync("a.json", CancellationToken.None), () => store.DeleteAsync("a.json", CancellationToken.None), () => ListAsync(store) })
        {
            var failure = (await Assert.CatchAsync<FeedRejectedException>(() => operation()))!;
            Assert.That(failure.Message, Does.StartWith($"{status}, which sends us to {other.Address.GetLeftPart(UriPartial.Authority)}: s3://bucket/").And.Contain("S3_ENDPOINT_URL (Stores:s3:Endpoint)"));
        }

        Assert.That(other.Requests, Is.Empty);
    }

    [Test]
    public async Task ARedirect_InACircle_Ends()
    {
        await using var server = new HostileS3((request, connection) => connection.AnswerAsync("307 Temporary Redirect", "", $"Location: http://{request["Host"]}/bucket/a.json\r\n"));
        using var connection = Connect(server);

        await Assert.CatchAsync<FeedRejectedException>(() => Open(connection).OpenReadAsync("a.json", CancellationToken.None));

        Assert.That(server.Requests, Has.Count.EqualTo(1));
    }

    [TestCase("a")]
    [TestCase("")]
    [TestCase("somewhere/else.json")]
    [TestCase("feed/other")]
    public async Task AKey_ThatWasNotAskedFor_IsRefused(string key)
    {
        await using var server = new HostileS3((_, connection) => connection.AnswerAsync("200 OK", HonestS3.Page([key])));
        using var connection = Connect(server);

        var failure = (await Assert.CatchAsync<FeedException>(() => ListAsync(Open(connection, "feed/"))))!;

        Assert.That(failure.Message, Does.StartWith($"a list with the key '{key}', though it was asked for keys that begin with 'feed/name'"));
    }

    [TestCase("<html><body>Welcome to the hotel's network</body>")]
    [TestCase("{\"error\":\"what\"}")]
    [TestCase("")]
    [TestCase("<a>text<b/>more</a")]
    [TestCase("<!DOCTYPE a [<!ENTITY x \"y\">]><ListBucketResult>&x;</ListBucketResult>")]
    public async Task WhatIsNoXml_IsSaidToBeNone(string body)
    {
        await using var server = new HostileS3((_, connection) => connection.AnswerAsync("200 OK", body));
        using var connection = Connect(server);

        foreach (var operation in new Func<Task>[] { () => Open(connection).CheckAsync(CancellationToken.None), () => ListAsync(Open(connection)) })
        {
            var failure = (await Assert.CatchAsync<FeedException>(() => operation()))!;
            Assert.That(failure.Message, Does.StartWith("an answer that is not S3's (").And.Contain($"Check that {server.Address.GetLeftPart(UriPartial.Authority)} is an S3 service"));
        }
    }

    [Test]
    public async Task XmlOfAnotherShape_CostsNoTimeOrMemory([Values("deep", "wide", "many attributes", "packed", "mixed")] string kind)
    {
        var body = kind switch
        {
            "deep" => string.Concat(Enumerable.Repeat("<a>", 300_000)),
            "wide" => $"<ListBucketResult>{string.Concat(Enumerable.Repeat("<Contents/>", 1_000_000))}</ListBucketResult>",
            "many attributes" => $"<ListBucketResult {string.Concat(Enumerable.Range(0, 100_000).Select(number => string.Create(CultureInfo.InvariantCulture, $"a{number}='' ")))}/>",
            "mixed" => $"<ListBucketResult>{string.Concat(Enumerable.Repeat("text<a/>", 1000))}<?pi?>text</ListBucketResult>",
            _ => Encoding.Latin1.GetString(Packed(new string(' ', 100_000_000))),
        };
        await using var server = new HostileS3((_, connection) => connection.SendAsync($"HTTP/1.1 200 OK\r\n{(kind == "packed" ? "Content-Encoding: gzip\r\n" : "")}Content-Length: {body.Length}\r\n\r\n{body}"));
        using var connection = Connect(server);
        var before = GC.GetTotalAllocatedBytes();

        try
        {
            await ListAsync(Open(connection)).WaitAsync(TimeSpan.FromSeconds(20));
            Assert.That(kind, Is.EqualTo("mixed"), "only this may be read over");
        }
        catch (FeedException failure)
        {
            Assert.That(failure.Message, Does.StartWith("an answer that is not S3's ("));
        }

        Assert.That(GC.GetTotalAllocatedBytes() - before, Is.LessThan(300L * 1024 * 1024));
    }

    [Test]
    public async Task Junk_InAHead_IsSorted()
    {
        foreach (var head in new[]
        {
            "Content-Length: -1", "Content-Length: 99999999999999999999", "Content-Length: 1\r\nContent-Length: 2", "Content-Length: three", "Last-Modified: yesterday\r\nContent-Length: 1", "x-amz-missing-meta: many\r\nContent-Length: 1",
            "x-amz-expiration: junk\r\nContent-Length: 1", "Expires: never\r\nContent-Length: 1", "x-amz-mp-parts-count: x\r\nContent-Length: 1", "x-amz-object-lock-retain-until-date: x\r\nContent-Length: 1", "Date: x\r\nContent-Length: 1",
            "\u001b[31m: 1", ": 1", "no colon", $"X: {new string('a', 200_000)}", string.Concat(Enumerable.Repeat("X: 1\r\n", 50_000)),
        })
        {
            await using var server = new HostileS3((_, connection) => connection.SendAsync($"HTTP/1.1 200 OK\r\n{head}\r\n\r\n"));
            using var connection = Connect(server);
            var store = Open(connection);

            foreach (var operation in new Func<Task>[] { () => store.HoldsAsync(new StoredObject("a.json", 1, "0"), CancellationToken.None), () => store.OpenReadAsync("a.json", CancellationToken.None), () => store.DeleteAsync("a.json", CancellationToken.None) })
            {
                try
                {
                    await operation();
                }
                catch (FeedException failure)
                {
                    Assert.That(failure.Message, Does.Contain("s3://bucket/").And.Not.Contain("\u001b"), head);
                    Assert.That(failure.Message, Has.Length.LessThan(4000));
                }
            }
        }
    }

    [Test]
    public async Task WhatAStoreSays_IsShownInOneLine_AndCut()
    {
        const string Evil = "x\u001b[31m\u0007\u001b]8;;http://evil\u0007\nlog line\r\n\u202Egnp";
        var escaped = string.Concat(Evil.Select(letter => letter == '\n' || letter > '~' || letter == '\r' ? $"&#{(int)letter};" : letter < ' ' ? $"&#x{(int)letter:x};" : letter.ToString()));
        foreach (var text in new[] { escaped, new string('x', 900_000), $"{escaped}{new string('y', 900_000)}" })
        {
            await using var server = new HostileS3((_, connection) => connection.SendAsync(HonestS3.Error("403 Forbidden", text, text)));
            using var connection = Connect(server);

            var failure = (await Assert.CatchAsync<FeedException>(() => ListAsync(Open(connection))))!;

            Assert.That(failure.Message.Any(letter => char.IsControl(letter) || letter == '\u202E'), Is.False, failure.Message);
            Assert.That(failure.Message, Has.Length.LessThan(2500).And.Contain("(403)").And.Contain("s3:ListBucket"));
            Assert.That(failure.ToString(), Has.Length.LessThan(20_000), "what is kept for the log");
            Assert.That(failure.InnerException!.Message.Any(letter => char.IsControl(letter) || letter == '\u202E'), Is.False);
        }
    }

    [Test]
    public async Task WhatAStoreSaysInMetadata_IsShownInOneLine()
    {
        await using var server = new HostileS3((_, connection) => connection.AnswerAsync("200 OK", "", "x-amz-meta-installation: \u001b[31mme\u0007\r\n"));
        using var connection = Connect(server);

        var failure = (await Assert.CatchAsync<FeedRejectedException>(() => Open(connection).HoldsAsync(new StoredObject("a.json", 0, "0"), CancellationToken.None)))!;

        Assert.That(failure.Message, Does.Contain("installation \\u001B[31mme\\u0007"));
    }

    private static byte[] Retagged(byte[] answer, string? tag)
    {
        var text = Encoding.Latin1.GetString(answer);
        var (begin, end) = (text.IndexOf("ETag: ", StringComparison.Ordinal), text.IndexOf("\r\n\r\n", StringComparison.Ordinal));
        if (begin < 0 || begin > end)
        {
            return answer;
        }

        var rest = text[(text.IndexOf("\r\n", begin, StringComparison.Ordinal) + 2)..];
        return Encoding.Latin1.GetBytes($"{text[..begin]}{(tag is null ? "" : $"ETag: {tag}\r\n")}{rest}");
    }

    private static byte[] Packed(string text)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
        {
            gzip.Write(Encoding.Latin1.GetBytes(text));
        }

        return packed.ToArray();
    }

    private static async Task ListAsync(S3FeedStore store)
    {
        await foreach (var _ in store.ListAsync("name", CancellationToken.None))
        {
            // Only whether it ends.
        }
    }

    private S3FeedStore Open(S3Connection connection, string prefix = "") => new(connection, prefix, _installation, _folder.Path);

    private static S3Connection Connect(HostileS3 server) => new(
        new S3StoreOptions
        {
            Section = "Stores:s3",
            Bucket = "bucket",
            Endpoint = server.Address,
            Provider = S3Provider.S3Compatible,
            AccessKeyId = "AKIA",
            SecretAccessKey = "secret",
            RequestTimeout = TimeSpan.FromSeconds(10),
        },
        triesAgain: false);
}
