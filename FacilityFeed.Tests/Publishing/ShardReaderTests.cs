using System.Globalization;
using System.Text;
using System.Text.Json;
using CsCheck;
using FacilityFeed.Domain.Publishing;
using FacilityFeed.Domain.Writing;
using FacilityFeed.Tests.Support;

namespace FacilityFeed.Tests.Publishing;

public sealed class ShardReaderTests
{
    // A member without data, as some packers end a file: nothing is lost by it, but a reader of one member refuses it.
    private static readonly byte[] _emptyMember = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0];

    [Test]
    public async Task ReadAsync_GivesEachRecordAsItIs([Values] Compression compression)
    {
        var rows = Enumerable.Range(1, 3000).Select(id => Rows.Full(id)).ToList();
        var shard = Rows.Shard(compression, rows);

        var (records, _) = await ReadAsync(shard, compression == Compression.Gzip);

        Assert.That(records, Has.Count.EqualTo(3000));
        Assert.That(records.Select(record => record.Id), Is.EqualTo(rows.Select(row => row.Id.ToString(CultureInfo.InvariantCulture))));
        var joined = $$"""{"data":[{{string.Join(',', records.Select(record => record.Text))}}]}""";
        Assert.That(joined, Is.EqualTo(Encoding.UTF8.GetString(Rows.Shard(Compression.None, rows))));
    }

    [Test]
    public void ReadAsync_GivesWhatAParserGives_WhateverTheLengthsAndTheSpaces() =>
        Gen.Int[0, 200_000].Array[0, 6].Select(Gen.Int[0, 70_000], Gen.Bool).Sample((lengths, spaces, isGzip) =>
        {
            var records = lengths.Select((length, at) => $$"""{"entity_id":"{{at}}","name":"{{new string('ü', length)}}"}""").ToList();
            var json = $$"""{ "data" :{{new string(' ', spaces)}}[{{string.Join(",\n", records)}}] }{{new string('\n', spaces)}}""";
            var bytes = isGzip ? Gzip.Pack(json) : Encoding.UTF8.GetBytes(json);

            var (read, unpacked) = ReadAsync(bytes, isGzip).GetAwaiter().GetResult();

            Assert.That(read.Select(record => record.Text), Is.EqualTo(records));
            Assert.That(unpacked, Is.EqualTo(Encoding.UTF8.GetByteCount(json)));
        }, iter: 60, threads: 1);

    [TestCase(" ", "json_broken")]
    [TestCase("garbage", "json_broken")]
    [TestCase("{", "json_broken")]
    [TestCase("null", "json_wrong_shape")]
    [TestCase("[]", "json_wrong_shape")]
    [TestCase("{}", "json_wrong_shape")]
    [TestCase("""{"data":null}""", "json_wrong_shape")]
    [TestCase("""{"data":{"entity_id":"11"}}""", "json_wrong_shape")]
    [TestCase("""{"data":[11]}""", "json_wrong_shape")]
    [TestCase("""{"data":[[{"entity_id":"11"}]]}""", "json_wrong_shape")]
    [TestCase("""{"data":[{"entity_id":"11"}],"data":[]}""", "json_wrong_shape")]
    [TestCase("""{"data":[{"entity_id":"11"}],"more":1}""", "json_wrong_shape")]
    [TestCase("""{"data":[{"entity_id":"11"},]}""", "json_broken")]
    [TestCase("""{"data":[{"entity_id":"11"}]}{"data":[]}""", "json_broken")]
    [TestCase("""{"data":[{"entity_id":"11"}]""", "json_broken")]
    [TestCase("""{"data":[{"entity_id":"\ud800"}]}""", "not_unicode")]
    [TestCase("""{"data":[{"entity_id":"1","location":{"\udc00":1}}]}""", "not_unicode")]
    [TestCase("\uFEFF{\"data\":[]}", "byte_order_mark")]
    public void ReadAsync_SaysWhatIsWrong_WhenItIsNoShard(string text, string code)
    {
        AssertRefused(Gzip.Pack(text), code);
        AssertRefused(Encoding.UTF8.GetBytes(text), code, isGzip: false);
    }

    [TestCase("{\"data\":[{\"a\":tru\u001B\n}]}", "'tru\\u001B\\u000A}]}' is an invalid JSON literal", TestName = "ReadAsync_QuotesNothing_ThatATerminalObeys, a literal")]
    [TestCase("{\"data\":[{\"a\":1\u001B[31m}]}", "0x1B", TestName = "ReadAsync_QuotesNothing_ThatATerminalObeys, a number")]
    public void ReadAsync_QuotesNothing_ThatATerminalObeys(string text, string quoted) =>
        Assert.That(() => ReadAsync(Encoding.UTF8.GetBytes(text), isGzip: false), Throws.TypeOf<FeedFormatException>()
            .With.Message.Contains(quoted).And.Message.Not.Contains("\u001B").And.Message.Not.Contains("\n"));

    [Test]
    public void ReadAsync_SaysSo_WhenTextIsNotUtf8() =>
        AssertRefused([.. """{"data":[{"entity_id":"11","name":"A"""u8, 0xFF, .. "\"}]}"u8], "not_utf8", isGzip: false);

    [Test]
    public void ReadAsync_SaysSo_WhenARecordHasNoEnd() =>
        AssertRefused([.. """{"data":[{"name":"A"""u8, .. Enumerable.Repeat((byte)'a', ShardReader.LargestRecordBytes)], "record_too_large", isGzip: false);

    [TestCase("""{"data":[{"name":"none"}]}""")]
    [TestCase("""{"data":[{"entity_id":11,"name":"x"}]}""")]
    [TestCase("""{"data":[{"entity_id":["11"]}]}""")]
    [TestCase("""{"data":[{"location":{"entity_id":"11"}}]}""")]
    public async Task ReadAsync_GivesNoId_WhenThereIsNoneThatIsAText(string text)
    {
        var (records, _) = await ReadAsync(Encoding.UTF8.GetBytes(text), isGzip: false);

        Assert.That(records.Single().Id, Is.Null);
    }

    [Test]
    public async Task ReadAsync_TakesEveryGzipHeader()
    {
        var packed = Gzip.Pack("""{"data":[{"entity_id":"1"}]}""");
        byte[] header = [0x1F, 0x8B, 8, 2 | 4 | 8 | 16, 0, 0, 0, 0, 0, 3, 3, 0, 1, 2, 3, .. "name\0"u8, .. "remark\0"u8, 0, 0];

        var (records, _) = await ReadAsync([.. header, .. packed[10..]], isGzip: true);

        Assert.That(records, Has.Count.EqualTo(1));
    }

    [Test]
    public void ReadAsync_SaysSo_WhenMembersFollowTheFirst([Values(1, 10, 20_000)] int records)
    {
        var shard = Shard(records);

        AssertRefused([.. shard, .. shard], "gzip_second_member");
        AssertRefused([.. shard, .. _emptyMember], "gzip_second_member");
        AssertRefused([.. _emptyMember, .. shard], "gzip_second_member");
    }

    [Test]
    public void ReadAsync_SaysSo_WhenBytesFollow([Values(1, 10, 20_000)] int records, [Values(1, 2, 7, 8, 9, 100, 70_000)] int surplus, [Values(0, (int)'x')] byte value) =>
        AssertRefused([.. Shard(records), .. Enumerable.Repeat(value, surplus)], "gzip_trailing_bytes");

    [Test]
    public void ReadAsync_SaysSo_WhenTheLastBytesFollowOnceMore([Values(1, 10, 20_000)] int records) =>
        AssertRefused([.. Shard(records), .. Shard(records)[^Gzip.TrailerBytes..]], "gzip_trailing_bytes");

    [Test]
    public void ReadAsync_SaysSo_WhereverItIsCutOff()
    {
        var shard = Shard(10);

        for (var length = 0; length < shard.Length; length++)
        {
            AssertRefused(shard[..length], "gzip_cut_off");
        }
    }

    [Test]
    public void ReadAsync_SaysSo_WhicheverBitOfTheTrailerIsWrong([Range(1, Gzip.TrailerBytes)] int fromEnd)
    {
        var shard = Shard(10);
        shard[^fromEnd] ^= 0x10;

        AssertRefused(shard, "gzip_checksum_differs");
    }

    [Test]
    public async Task ReadAsync_ComplainsOrGivesTheSame_WhicheverBitOfTheDataIsWrong()
    {
        var shard = Shard(10);
        var (records, _) = await ReadAsync(shard, isGzip: true);
        var refused = 0;
        for (var bit = 10 * 8; bit < shard.Length * 8; bit++)
        {
            var changed = shard.ToArray();
            changed[bit / 8] ^= (byte)(1 << (bit % 8));
            try
            {
                // Some texts can be packed in two ways, and the last bits mean nothing.
                Assert.That((await ReadAsync(changed, isGzip: true)).Records, Is.EqualTo(records), $"bit {bit}");
            }
            catch (FeedFormatException)
            {
                refused++;
            }
        }

        Assert.That(refused, Is.GreaterThan((shard.Length - 14) * 8));
    }

    [TestCase("not gzip at all, but long enough for a header")]
    [TestCase("""{"data":[{"entity_id":"11"}]}""")]
    public void ReadAsync_SaysSo_WhenItIsNotGzip(string text) => AssertRefused(Encoding.UTF8.GetBytes(text), "gzip_missing");

    [TestCase(2, 7, TestName = "ReadAsync_SaysSo_WhenItIsPackedInAnotherWay")]
    [TestCase(3, 32, TestName = "ReadAsync_SaysSo_WhenAFlagHasNoMeaning")]
    public void ReadAsync_SaysSo_WhenTheHeaderIsNoneThatWeKnow(int at, byte value)
    {
        var shard = Shard(10);
        shard[at] = value;

        AssertRefused(shard, "gzip_missing");
    }

    private static byte[] Shard(int records) => Rows.Shard(Compression.Gzip, Enumerable.Range(1, records).Select(id => Rows.Full(id)));

    private static void AssertRefused(byte[] stored, string code, bool isGzip = true) =>
        Assert.That(() => ReadAsync(stored, isGzip), Throws.TypeOf<FeedFormatException>().With.Property(nameof(FeedFormatException.Code)).EqualTo(code));

    private static async Task<(List<(string? Id, string Text)> Records, long JsonBytes)> ReadAsync(byte[] stored, bool isGzip)
    {
        await using var reader = new ShardReader(new MemoryStream(stored), isGzip);
        var records = new List<(string?, string)>();
        while (await reader.ReadAsync(CancellationToken.None))
        {
            using var document = JsonDocument.Parse(reader.Record);
            records.Add((reader.EntityId, Encoding.UTF8.GetString(reader.Record.Span)));
        }

        Assert.That(reader.Records, Is.EqualTo(records.Count));
        return (records, reader.JsonBytes);
    }
}
