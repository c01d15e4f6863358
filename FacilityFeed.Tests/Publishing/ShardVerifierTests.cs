using System.Text;
using FacilityFeed.Domain.Publishing;
using FacilityFeed.Domain.Writing;
using FacilityFeed.Tests.Support;
using static FacilityFeed.Tests.Publishing.Verdicts;

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

        Assert.That(Told(await _feed.VerifyAsync(isRecorded)), Has.Some.EqualTo($"{_feed.Shard(number)} is listed, but it is not in the store"));
    }

    [Test]
    public async Task VerifyAsync_NamesTheShard_WhenARecordIsDoubledAcrossShards()
    {
        // Begins with the record that ends the shard before it.
        _feed.Overwrite(_feed.Shard(2), PublishedFeed.Records(Compression.Gzip, firstId: 10, count: 11));

        await AssertBlamedAsync(2, isRecorded ? null : "entity_id '10', which is in the feed already");
    }

    [Test]
    public async Task VerifyAsync_NamesTheShard_WhenARecordIsDoubledInIt()
    {
        _feed.Overwrite(_feed.Shard(2), Gzip.Pack("""{"data":[{"entity_id":"11"},{"entity_id":"12"},{"entity_id":"12"}]}"""));

        await AssertBlamedAsync(2, "entity_id '12'");
    }

    [Test]
    public async Task VerifyAsync_FindsALostRecord_WhenTheLedgerKnowsTheFeed()
    {
        // Nothing to be seen from outside: keys may have gaps.
        _feed.Overwrite(_feed.Shard(2), PublishedFeed.Records(Compression.Gzip, firstId: 11, count: 9));

        Assert.That(Told(await _feed.VerifyAsync(isRecorded)), isRecorded ? Has.Some.StartsWith(_feed.Shard(2)) : Is.Empty);
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
        _feed.Overwrite(_feed.Shard(2), Gzip.Pack(text));

        await AssertBlamedAsync(2);
    }

    [Test]
    public async Task VerifyAsync_NamesTheShard_WhenItsTextIsNotUtf8()
    {
        byte[] json = [.. """{"data":[{"entity_id":"11","name":"A"""u8, 0xFF, .. "\"}]}"u8];
        _feed.Overwrite(_feed.Shard(2), Gzip.Pack(json));

        await AssertBlamedAsync(2);
    }

    [TestCase("not gzip at all, but long enough for a header")]
    [TestCase("\u001f", TestName = "VerifyAsync_NamesTheShard_WhenItIsNotGzip, half its first two bytes")]
    public async Task VerifyAsync_NamesTheShard_WhenItIsNotGzip(string text)
    {
        _feed.Overwrite(_feed.Shard(2), Encoding.UTF8.GetBytes(text));

        await AssertBlamedAsync(2);
    }

    [Test]
    public async Task VerifyAsync_GoesOn_AfterABrokenShard()
    {
        _feed.Overwrite(_feed.Shard(1), Gzip.Pack("garbage"));
        _feed.Delete(_feed.Shard(3));

        var verdict = await _feed.VerifyAsync(isRecorded);

        Assert.That(Told(verdict), Has.Some.StartsWith(_feed.Shard(1)).And.Some.StartsWith(_feed.Shard(3)));
        Assert.That(Told(verdict), Has.None.StartsWith(_feed.Shard(2)));
    }

    [Test]
    public async Task VerifyAsync_GoesOn_AfterAShardThatTheDiskDoesNotGive()
    {
        _feed.Delete(_feed.Shard(2));
        File.CreateSymbolicLink(_feed.PathOf(_feed.Shard(2)), _feed.PathOf(_feed.Shard(2)));

        var verdict = await _feed.VerifyAsync(isRecorded);

        Assert.That(Codes(verdict), Is.EqualTo(new[] { "shard_unreadable" }));
        Assert.That((verdict.Shards, verdict.Records), Is.EqualTo((2, 20L)));
    }

    [Test]
    public async Task VerifyAsync_ReadsALargeRecord()
    {
        using var feed = await PublishedFeed.CreateAsync(shards: 1);
        feed.Overwrite(feed.Shard(1), Gzip.Pack($$"""{"data":[{"entity_id":"1","name":"{{new string('n', 300_000)}}"},{"entity_id":"2"}]}"""));

        var verdict = await feed.VerifyAsync(isRecorded: false);

        Assert.That(Codes(verdict), Has.All.StartsWith("record_rule:"));
        Assert.That(verdict.Records, Is.EqualTo(2));
    }

    [Test]
    public async Task VerifyAsync_TellsOfARuleTenTimes_AndThenHowOftenMore()
    {
        var records = Enumerable.Range(11, 25).Select(id => $$$"""{"entity_id":"{{{id}}}","name":"Studio","telephone":"030 1","location":{"unstructured_address":"Torstraße 1"}}""");
        _feed.Overwrite(_feed.Shard(3), Gzip.Pack($$"""{"data":[{{string.Join(',', records)}}]}"""));

        var verdict = await _feed.VerifyAsync(isRecorded: false);

        var found = verdict.Problems.Where(problem => problem.Code == "record_rule:telephone_unusable").ToList();
        Assert.That(found, Has.Count.EqualTo(FeedVerdict.MostAlike + 1).And.All.Property(nameof(FeedFinding.About)).EqualTo(_feed.Shard(3)));
        Assert.That(found[9].Message, Is.EqualTo($"{_feed.Shard(3)} record 10 (entity_id '20'): telephone '030 1' is not + and digits"));
        Assert.That((found[9].Record, found[9].EntityId), Is.EqualTo((10L, "20")));
        Assert.That(found[10].Message, Is.EqualTo($"{_feed.Shard(3)} has 15 more of these (record_rule:telephone_unusable)"));
        // And ten ids that the shard before has.
        Assert.That(verdict.ProblemCount, Is.EqualTo(25 + 10));
    }

    [Test]
    public async Task VerifyAsync_SaysNothing_ThatATerminalObeys()
    {
        const string Hostile = """\u001b[31m\n{\u0022severity\u0022:1}\u202e\u2028\u0007\u009b""";
        _feed.Overwrite(_feed.Shard(3), Gzip.Pack("""{"data":[{"entity_id":"HOSTILE","name":"HOSTILE","telephone":"HOSTILE","url":"HOSTILE","HOSTILE":1,"location":{"latitude":"HOSTILE","address":{"country":"HOSTILE"}}}]}""".Replace("HOSTILE", Hostile, StringComparison.Ordinal)));

        var verdict = await _feed.VerifyAsync(isRecorded);

        Assert.That(verdict.Problems.Count(), Is.GreaterThan(8));
        var told = string.Concat(verdict.Findings.Select(finding => finding.Message + finding.EntityId + finding.Code));
        Assert.That(told.Where(character => char.IsControl(character) || character is '\u202E' or '\u2028'), Is.Empty);
    }

    [TestCase("""{"data":[{"entity_id":"25","entity_id":"26"}]}""", "record_rule:member_twice")]
    [TestCase("""{"data":[{"name":"no id"}]}""", "record_rule:entity_id_missing")]
    [TestCase("""{"data":[{"entity_id":25}]}""", "record_rule:entity_id_type")]
    [TestCase("""{"data":[]}""", "shard_empty")]
    [TestCase("""{"data":null}""", "json_wrong_shape")]
    [TestCase("\uFEFF{\"data\":[]}", "byte_order_mark")]
    public async Task VerifyAsync_GivesEachFindingItsCode(string text, string code)
    {
        _feed.Overwrite(_feed.Shard(3), Gzip.Pack(text));

        var verdict = await _feed.VerifyAsync(isRecorded);

        Assert.That(Codes(verdict), Has.Some.EqualTo(code));
        Assert.That(Codes(verdict), isRecorded ? Has.Some.EqualTo("shard_length_differs") : Has.None.StartsWith("shard_length"));
        Assert.That(verdict.Problems, Has.All.Property(nameof(FeedFinding.About)).EqualTo(_feed.Shard(3)));
    }

    [Test]
    public async Task VerifyAsync_ComparesTheRecordsWithTheLedgers_ShardByShard()
    {
        var shards = _feed.Recorded.Shards.ToList();
        shards[0] = shards[0] with { Records = 11 };
        shards[1] = shards[1] with { Records = 9 };
        _feed.Recorded = _feed.Recorded with { Shards = shards };

        var verdict = await _feed.VerifyAsync(isRecorded);

        Assert.That(Told(verdict), isRecorded
            ? Is.EqualTo(new[] { $"{_feed.Shard(1)} holds 10 records, but run 12 recorded 11", $"{_feed.Shard(2)} holds 10 records, but run 12 recorded 9" })
            : Is.Empty);
    }

    [Test]
    public async Task VerifyAsync_LooksAtAFeedWithANameOfItsOwn_AsItsFirstRecordIs()
    {
        using var feed = await PublishedFeed.CreateAsync(shards: 1);
        feed.Overwrite(feed.Shard(1), Gzip.Pack("""{"data":[{"entity_id":"1","link_id":"1","url":"https://a.example","actions":[{"appointment_info":{}}]}]}"""));
        var asEntity = await feed.VerifyAsync(isRecorded: false);
        feed.EditBoth(manifest => manifest with { Name = "ours" });
        var asItIs = await feed.VerifyAsync(isRecorded: false);

        Assert.That(Codes(asEntity), Has.Some.EqualTo("record_rule:name_missing"));
        Assert.That(Codes(asItIs), Has.None.StartsWith("record_rule:"));
    }

    private async Task AssertBlamedAsync(int shard, string? saying = null)
    {
        var verdict = await _feed.VerifyAsync(isRecorded);

        Assert.That(Told(verdict), Has.Some.StartsWith(_feed.Shard(shard)));
        Assert.That(saying is null || Told(verdict).Exists(problem => problem.Contains(saying, StringComparison.Ordinal)), string.Join('\n', Told(verdict)));
    }
}
