using System.IO.Compression;
using System.Text;
using FacilityFeed.Domain.Writing;

namespace FacilityFeed.Tests.Publishing;

/// <summary>What is wrong with shards; each with the ledger's help and from outside alone.</summary>
[TestFixture(true)]
[TestFixture(false)]
public sealed class ShardVerifierTests(bool isRecorded)
{
    private PublishedFeed _feed = null!;

    [SetUp]
    public async Task PublishAsync() => _feed = await PublishedFeed.CreateAsync();

    [TearDown]
    public void Remove() => _feed.Dispose();

    [TestCase(1)]
    [TestCase(4)]
    [TestCase(8)]
    [TestCase(9)]
    [TestCase(60)]
    [TestCase(int.MaxValue, TestName = "VerifyAsync_NamesTheShard_WhenItIsEmpty")]
    public async Task VerifyAsync_NamesTheShard_WhenBytesAreCutOff(int bytes)
    {
        var whole = _feed.Read(_feed.Shard(2));
        _feed.Overwrite(_feed.Shard(2), whole[..^Math.Min(bytes, whole.Length)]);

        await AssertBlamedAsync(2);
    }

    [Test]
    public async Task VerifyAsync_NamesTheShard_WhenThereIsMoreAfterIt([Values(1, 200)] int bytes)
    {
        _feed.Overwrite(_feed.Shard(2), [.. _feed.Read(_feed.Shard(2)), .. Enumerable.Repeat((byte)'x', bytes)]);

        await AssertBlamedAsync(2);
    }

    [Test]
    public async Task VerifyAsync_NamesTheShard_WhenOneBitOfItsChecksumIsWrong()
    {
        var bytes = _feed.Read(_feed.Shard(2));
        bytes[^6] ^= 1;
        _feed.Overwrite(_feed.Shard(2), bytes);

        await AssertBlamedAsync(2);
    }

    [Test]
    public async Task VerifyAsync_Complains_WhenTwoShardsAreSwapped()
    {
        var (first, second) = (_feed.Read(_feed.Shard(1)), _feed.Read(_feed.Shard(2)));
        _feed.Overwrite(_feed.Shard(1), second);
        _feed.Overwrite(_feed.Shard(2), first);

        await AssertBlamedAsync(2);
    }

    [TestCase(1)]
    [TestCase(3)]
    public async Task VerifyAsync_NamesTheShard_WhenItIsMissing(int number)
    {
        _feed.Delete(_feed.Shard(number));

        Assert.That((await _feed.VerifyAsync(isRecorded)).Problems, Has.Some.EqualTo($"{_feed.Shard(number)} is listed, but it is not in the store"));
    }

    [Test]
    public async Task VerifyAsync_NamesTheShard_WhenARecordIsDoubledAcrossShards()
    {
        // Begins with the record that ends the shard before it.
        _feed.Overwrite(_feed.Shard(2), PublishedFeed.Records(Compression.Gzip, firstId: 10, count: 11));

        await AssertBlamedAsync(2, isRecorded ? null : "entity_id 10, which is in the feed already");
    }

    [Test]
    public async Task VerifyAsync_NamesTheShard_WhenARecordIsDoubledInIt()
    {
        _feed.Overwrite(_feed.Shard(2), Gzip("""{"data":[{"entity_id":"11"},{"entity_id":"12"},{"entity_id":"12"}]}"""));

        await AssertBlamedAsync(2, "entity_id 12");
    }

    [Test]
    public async Task VerifyAsync_FindsALostRecord_WhenTheLedgerKnowsTheFeed()
    {
        // Nothing to be seen from outside: keys may have gaps.
        _feed.Overwrite(_feed.Shard(2), PublishedFeed.Records(Compression.Gzip, firstId: 11, count: 9));

        Assert.That((await _feed.VerifyAsync(isRecorded)).Problems, isRecorded ? Has.Some.StartsWith(_feed.Shard(2)) : Is.Empty);
    }

    [TestCase("garbage")]
    [TestCase("")]
    [TestCase("{")]
    [TestCase("null")]
    [TestCase("[]")]
    [TestCase("{}")]
    [TestCase("""{"data":null}""")]
    [TestCase("""{"data":{"entity_id":"11"}}""")]
    [TestCase("""{"data":[11]}""")]
    [TestCase("""{"data":[[{"entity_id":"11"}]]}""")]
    [TestCase("""{"data":[{"name":"no id"}]}""")]
    [TestCase("""{"data":[{"entity_id":11}]}""")]
    [TestCase("""{"data":[{"entity_id":null}]}""")]
    [TestCase("""{"data":[{"entity_id":"eleven"}]}""")]
    [TestCase("""{"data":[{"entity_id":"\ud800"}]}""")]
    [TestCase("""{"data":[{"location":{"entity_id":"11"}}]}""")]
    [TestCase("""{"data":[{"entity_id":"11"},]}""")]
    [TestCase("""{"data":[{"entity_id":"11"}]}{"data":[]}""")]
    [TestCase("""{"data":[{"entity_id":"11"}],"data":[]}""")]
    [TestCase("""{"data":[{"entity_id":"11"}],"more":1}""")]
    [TestCase("""{"data":[{"entity_id":"11"}]""")]
    public async Task VerifyAsync_NamesTheShard_WhenTheGzipHoldsSomethingElse(string text)
    {
        _feed.Overwrite(_feed.Shard(2), Gzip(text));

        await AssertBlamedAsync(2);
    }

    [Test]
    public async Task VerifyAsync_NamesTheShard_WhenItsTextIsNotUtf8()
    {
        byte[] json = [.. """{"data":[{"entity_id":"11","name":"A"""u8, 0xFF, .. "\"}]}"u8];
        _feed.Overwrite(_feed.Shard(2), Gzip(json));

        await AssertBlamedAsync(2);
    }

    [TestCase("not gzip at all, but long enough for a header")]
    [TestCase("\u001f")]
    public async Task VerifyAsync_NamesTheShard_WhenItIsNotGzip(string text)
    {
        _feed.Overwrite(_feed.Shard(2), Encoding.UTF8.GetBytes(text));

        await AssertBlamedAsync(2);
    }

    [Test]
    public async Task VerifyAsync_GoesOn_AfterABrokenShard()
    {
        _feed.Overwrite(_feed.Shard(1), Gzip("garbage"));
        _feed.Delete(_feed.Shard(3));

        var verdict = await _feed.VerifyAsync(isRecorded);

        Assert.That(verdict.Problems, Has.Some.StartsWith(_feed.Shard(1)).And.Some.StartsWith(_feed.Shard(3)));
        Assert.That(verdict.Problems, Has.None.StartsWith(_feed.Shard(2)));
    }

    [Test]
    public async Task VerifyAsync_ReadsALargeRecord()
    {
        using var feed = await PublishedFeed.CreateAsync(shards: 1);
        feed.Overwrite(feed.Shard(1), Gzip($$"""{"data":[{"entity_id":"1","name":"{{new string('n', 300_000)}}"},{"entity_id":"2"}]}"""));

        var verdict = await feed.VerifyAsync(isRecorded: false);

        Assert.That(verdict.Problems, Is.Empty);
        Assert.That(verdict.Records, Is.EqualTo(2));
    }

    private async Task AssertBlamedAsync(int shard, string? saying = null)
    {
        var verdict = await _feed.VerifyAsync(isRecorded);

        Assert.That(verdict.Problems, Has.Some.StartsWith(_feed.Shard(shard)));
        Assert.That(saying is null || verdict.Problems.Any(problem => problem.Contains(saying, StringComparison.Ordinal)), string.Join('\n', verdict.Problems));
    }

    private static byte[] Gzip(string text) => Gzip(Encoding.UTF8.GetBytes(text));

    private static byte[] Gzip(byte[] bytes)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionMode.Compress))
        {
            gzip.Write(bytes);
        }

        return packed.ToArray();
    }
}
