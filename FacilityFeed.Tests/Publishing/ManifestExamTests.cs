using System.Text;
using FacilityFeed.Domain.Storing;
using static FacilityFeed.Tests.Publishing.Verdicts;

namespace FacilityFeed.Tests.Publishing;

/// <summary>All that may be wrong with a manifest, each with its code.</summary>
public sealed class ManifestExamTests
{
    private const string Shards = "\"reservewithgoogle.entity-1750000000_0001.json.gz\",\"reservewithgoogle.entity-1750000000_0002.json.gz\",\"reservewithgoogle.entity-1750000000_0003.json.gz\"";

    private PublishedFeed _feed = null!;

    [SetUp]
    public async Task PublishAsync() => _feed = await PublishedFeed.CreateAsync();

    [TearDown]
    public void Remove() => _feed.Dispose();

    [TestCase("hello", "manifest_broken")]
    [TestCase("[1]", "manifest_broken")]
    [TestCase("""{"generation_timestamp":1750000000""", "manifest_broken")]
    [TestCase("""{"generation_timestamp":1750000000,"name":"\ud800","data_file":["a"]}""", "manifest_broken")]
    [TestCase("\uFEFF{}", "manifest_byte_order_mark")]
    [TestCase("{}", "manifest_member_missing", "manifest_member_missing", "manifest_member_missing")]
    [TestCase("""{"generation_timestamp":"1750000000","name":5,"data_file":"a","more":1}""", "manifest_member_unknown", "manifest_member_type", "manifest_member_type", "manifest_member_type")]
    [TestCase("""{"generation_timestamp":1750000000.5,"name":"","data_file":[]}""", "manifest_member_type", "manifest_name_empty", "manifest_list_empty")]
    [TestCase("""{"generation_timestamp":null,"name":null,"data_file":null}""", "manifest_member_type", "manifest_member_type", "manifest_member_type")]
    [TestCase("""{"generation_timestamp":1750000000,"name":"n","data_file":["/a","../b","c\\d","","e\u0007",null]}""", "manifest_file_not_relative", "manifest_file_not_relative", "manifest_file_not_relative", "manifest_file_not_relative", "manifest_file_not_relative", "manifest_member_type")]
    public async Task VerifyAsync_SaysAllThatIsWrong_WhenItIsNoManifest(string text, params string[] codes)
    {
        _feed.Overwrite(ObjectNames.Alias, Encoding.UTF8.GetBytes(text));

        var verdict = await _feed.VerifyAsync(isRecorded: false);

        Assert.That(Codes(verdict), Is.EqualTo(codes));
        Assert.That(Told(verdict), Has.All.StartsWith("metadata.json is not a manifest: "));
        Assert.That(verdict.Shards, Is.Zero);
    }

    [Test]
    public async Task VerifyAsync_SaysSo_WhenAManifestIsNotUtf8()
    {
        _feed.Overwrite(ObjectNames.Alias, [.. "{\"name\":\""u8, 0xFF, .. "\"}"u8]);

        Assert.That(Codes(await _feed.VerifyAsync(isRecorded: false)), Is.EqualTo(new[] { "manifest_not_utf8" }));
    }

    [TestCase($$$"""{"generation_timestamp":1750000000,"name":"reservewithgoogle.entity","data_file":[{{{Shards}}}],"more":{}}""", "manifest_member_unknown")]
    [TestCase($$"""{"generation_timestamp":1750000000,"name":"other","name":"reservewithgoogle.entity","data_file":[{{Shards}}]}""", "manifest_member_twice")]
    [TestCase($$"""{"generation_timestamp":1750000000,"name":"reservewithgoogle.entity","data_file":[{{Shards}},"reservewithgoogle.entity-1750000000_0002.json.gz"]}""", "manifest_file_twice")]
    [TestCase($$"""{"generation_timestamp":1750000000,"name":"reservewithgoogle.entity","data_file":[{{Shards}},"../metadata.json"]}""", "manifest_file_not_relative")]
    public async Task VerifyAsync_LooksAtTheShardsToo_WhenAManifestIsUsableThoughWrong(string text, string code)
    {
        _feed.Overwrite(ObjectNames.Alias, Encoding.UTF8.GetBytes(text));
        _feed.Overwrite(PublishedFeed.ManifestName, Encoding.UTF8.GetBytes(text));

        var verdict = await _feed.VerifyAsync(isRecorded: false);

        Assert.That(Codes(verdict), Is.EqualTo(new[] { code }));
        Assert.That((verdict.Shards, verdict.Records), Is.EqualTo((3, 30L)));
    }

    [TestCase(1_750_000_000_000, "looks like milliseconds")]
    [TestCase(1_750_100_000, "between 2001-01-01 and 2025-06-16")]
    [TestCase(1, "between 2001-01-01")]
    [TestCase(-1_750_000_000, "between 2001-01-01")]
    [TestCase(long.MaxValue, "between 2001-01-01")]
    public async Task VerifyAsync_SaysSo_WhenTheTimestampCannotBe(long timestamp, string message)
    {
        _feed.EditBoth(manifest => manifest with { GenerationTimestamp = timestamp });

        var verdict = await _feed.VerifyAsync(isRecorded: false);

        Assert.That(verdict.Problems.Single(problem => problem.Code == "manifest_timestamp_range").Message, Does.Contain($"generation_timestamp is {timestamp}").And.Contain(message));
    }

    [TestCase("feed.json", "manifest_extension_wrong", "manifest_name_wrong")]
    [TestCase("entity_1750000000.filesetdesc.json", "manifest_name_wrong")]
    public async Task VerifyAsync_SaysSo_WhenAManifestIsCalledOtherwise(string name, params string[] codes)
    {
        _feed.Overwrite(name, _feed.Read(PublishedFeed.ManifestName));

        Assert.That(Codes(await _feed.VerifyAsync(isRecorded: false, name)), Is.EqualTo(codes));
    }

    [TestCase("reservewithgoogle.entity-1750000000_0004.json.gzip")]
    [TestCase("reservewithgoogle.entity-1750000000_0004.csv")]
    public async Task VerifyAsync_SaysSo_WhenAShardHasAnotherExtension(string added)
    {
        _feed.Overwrite(added, "{}"u8.ToArray());
        _feed.EditBoth(manifest => manifest with { DataFiles = [.. manifest.DataFiles, added] });

        Assert.That(Codes(await _feed.VerifyAsync(isRecorded: false)), Has.Some.EqualTo("shard_name_wrong"));
    }
}
