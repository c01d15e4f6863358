using System.Text;
using FacilityFeed.Domain.Publishing;
using FacilityFeed.Domain.Storing;
using FacilityFeed.Domain.Writing;
using FacilityFeed.Tests.Publishing;
using FacilityFeed.Tests.Support;

namespace FacilityFeed.Tests.Storing;

/// <summary>What stands in a store under the name of a manifest, an alias or a shard may be anything; it costs a limited read.</summary>
[CancelAfter(60_000)]
public sealed class SmallContentTests
{
    private PublishedFeed _feed = null!;

    [SetUp]
    public async Task PublishAsync() => _feed = await PublishedFeed.CreateAsync();

    [TearDown]
    public void Remove() => _feed.Dispose();

    [Test]
    public async Task VerifyAsync_StopsAtAManifestOfTenMillionEntries()
    {
        await using (var endless = new StreamWriter(_feed.PathOf(PublishedFeed.ManifestName)))
        {
            await endless.WriteAsync("{\"generation_timestamp\":1750000000,\"name\":\"reservewithgoogle.entity\",\"data_file\":[\"a\"");
            for (var entry = 0; entry < 10_000_000; entry++)
            {
                await endless.WriteAsync(",\"a\"");
            }

            await endless.WriteAsync("]}");
        }

        var before = GC.GetTotalAllocatedBytes();
        var verdict = await _feed.VerifyAsync(isRecorded: false, PublishedFeed.ManifestName);

        Assert.That(verdict.Problems.Select(problem => (problem.Code, problem.Message)), Is.EqualTo(new[] { ("manifest_too_large", $"{PublishedFeed.ManifestName} is not a manifest: it is larger than 4 MiB") }));
        Assert.That(GC.GetTotalAllocatedBytes() - before, Is.LessThan(32 * 1024 * 1024));
    }

    [Test]
    public async Task VerifyAsync_SaysThatTheAliasDiffers_WhenItIsTooLargeForAny()
    {
        _feed.Overwrite(ObjectNames.Alias, new byte[SmallContent.MostObjectBytes + 1]);

        Assert.That((await _feed.VerifyAsync(isRecorded: false, PublishedFeed.ManifestName)).Problems.Select(problem => problem.Code), Is.EqualTo(new[] { "alias_differs" }));
    }

    [TestCase("/dev/zero")]
    [TestCase("pipe")]
    public async Task AStoresObject_MustBeAFile(string what)
    {
        _feed.Delete(ObjectNames.Alias);
        if (what == "pipe")
        {
            await Tool.RunAsync("mkfifo", _feed.PathOf(ObjectNames.Alias));
        }
        else
        {
            File.CreateSymbolicLink(_feed.PathOf(ObjectNames.Alias), what);
        }

        Assert.That(() => Task.Run(() => _feed.VerifyAsync(isRecorded: false)), Throws.InstanceOf<FacilityFeed.Domain.FeedException>().With.Message.Contains("no file").And.Message.Contains(ObjectNames.Alias));
    }

    [Test]
    public async Task ReadAsync_GivesAllUpToTheLimit([Values(0, 1, 16 * 1024, (16 * 1024) + 1, SmallContent.MostObjectBytes - 1, SmallContent.MostObjectBytes)] int length)
    {
        var content = new byte[length];
        new Random(length).NextBytes(content);
        _feed.Overwrite(ObjectNames.Alias, content);

        Assert.That(await SmallContent.ReadAsync(_feed.Store, ObjectNames.Alias, CancellationToken.None), Is.EqualTo(content));
    }

    [Test]
    public void TheManifestOfTheMostChunks_IsFarBelowTheLimit()
    {
        var name = new string('n', 100);
        var files = Enumerable.Range(1, Domain.Feeds.FeedDefinition.MostChunks).Select(chunk => ObjectNames.Shard(name, long.MaxValue, chunk, 99_999, Compression.Gzip));

        Assert.That(new Manifest(long.MaxValue, name, [.. files]).ToBytes(), Has.Length.LessThan(SmallContent.MostObjectBytes / 8));
    }

    [Test]
    public void AGzipHeader_WithANameWithoutAnEnd_IsRefused_BeforeItIsRead([Values(8, 16)] int flag)
    {
        using var stored = new EndlessText([0x1F, 0x8B, 8, (byte)flag, 0, 0, 0, 0, 0, 3]);

        Assert.That(async () => await new ShardReader(stored, isGzip: true).ReadAsync(CancellationToken.None), Throws.TypeOf<FeedFormatException>().With.Property("Code").EqualTo("gzip_header_too_long").And.Message.Contains("64 KiB"));
        Assert.That(stored.Position, Is.LessThan(256 * 1024));
    }

    [Test]
    public async Task AGzipHeader_WithAName_IsRead()
    {
        var packed = Gzip.Pack("""{"data":[{"entity_id":"1"}]}""");
        byte[] named = [.. packed[..3], 8, .. packed[4..10], .. Encoding.ASCII.GetBytes(new string('n', 60_000)), 0, .. packed[10..]];
        await using var reader = new ShardReader(new MemoryStream(named), isGzip: true);

        Assert.That(await reader.ReadAsync(CancellationToken.None), Is.True);
        Assert.That(await reader.ReadAsync(CancellationToken.None), Is.False);
    }

    /// <summary>200 MB that are never there.</summary>
    private sealed class EndlessText(byte[] start) : Stream
    {
        public override bool CanRead => true;
        public override bool CanSeek => true;
        public override bool CanWrite => false;
        public override long Length => 200_000_000;
        public override long Position { get; set; }
        public override void Flush() { }
        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override int Read(Span<byte> buffer)
        {
            for (var at = 0; at < buffer.Length; at++)
            {
                buffer[at] = Position < start.Length ? start[Position] : (byte)'n';
                Position++;
            }

            return buffer.Length;
        }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => ValueTask.FromResult(Read(buffer.Span));
        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();
        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
