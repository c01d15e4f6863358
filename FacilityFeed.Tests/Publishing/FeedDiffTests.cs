using System.Globalization;
using CsCheck;
using FacilityFeed.Domain.Publishing;
using FacilityFeed.Domain.Writing;

namespace FacilityFeed.Tests.Publishing;

public sealed class FeedDiffTests
{
    private PublishedFeed _feed = null!;

    [SetUp]
    public async Task PublishAsync() => _feed = await PublishedFeed.CreateAsync(Compression.None);

    [TearDown]
    public void Remove() => _feed.Dispose();

    [Test]
    public void CompareAsync_CountsWhatADictionaryCounts_HoweverBothAreCut()
    {
        var feed = Gen.Dictionary(Gen.Long[-30, 30], Gen.Int[1, 3])[0, 40];
        feed.Select(feed, Gen.Int[1, 12], Gen.Int[1, 12], Gen.Int[0, 3].Select(at => new[] { "", "f-", "v2", "-" }[at])).Sample((earlier, later, cut, otherCut, prefix) =>
        {
            var difference = new FeedDiff(_feed.Store, prefix).CompareAsync(Write("earlier", earlier, cut, prefix), Write("later", later, otherCut, prefix), CancellationToken.None).GetAwaiter().GetResult();

            var both = earlier.Keys.Intersect(later.Keys).ToList();
            Assert.That((difference.Added, difference.Removed, difference.Changed, difference.Same), Is.EqualTo((
                (long)later.Keys.Except(earlier.Keys).Count(), (long)earlier.Keys.Except(later.Keys).Count(), (long)both.Count(key => earlier[key] != later[key]), (long)both.Count(key => earlier[key] == later[key]))));
            Assert.That(difference.AddedSamples.Select(sample => sample.EntityId), Is.EqualTo(First(later.Keys.Except(earlier.Keys), prefix)));
            Assert.That(difference.RemovedSamples.Select(sample => sample.EntityId), Is.EqualTo(First(earlier.Keys.Except(later.Keys), prefix)));
            Assert.That(difference.ChangedSamples.Select(sample => sample.EntityId), Is.EqualTo(First(both.Where(key => earlier[key] != later[key]), prefix)));
        }, iter: 150, threads: 1);
    }

    [Test]
    public async Task CompareAsync_ShowsWhatDiffers()
    {
        Write("one.json", """{"entity_id":"1","name":"A","telephone":"+491","location":{"latitude":1,"address":{"locality":"Köln"}},"tags":["a","b"],"none":{}}""");
        Write("two.json", """{"entity_id":"1","name":"\u0041","url":"https://a.example","location":{"latitude":1.5,"address":{"locality":"K\u0000ln"}},"tags":["a"]}""");

        var difference = await CompareAsync("one.json", "two.json");

        Assert.That(difference.ChangedSamples.Single().Members, Is.EqualTo(new ChangedMember[]
        {
            new("url", null, "\"https://a.example\""),
            new("location.latitude", "1", "1.5"),
            new("location.address.locality", "\"Köln\"", "\"K\\u0000ln\""),
            new("telephone", "\"+491\"", null),
            new("tags[1]", "\"b\"", null),
            new("none", "{}", null),
        }));
    }

    [Test]
    public async Task CompareAsync_ShowsTenMembersOfARecordAtMost()
    {
        Write("one.json", """{"entity_id":"1"}""");
        Write("two.json", $$"""{"entity_id":"1","tags":[{{string.Join(',', Enumerable.Range(0, 1_000))}}]}""");

        Assert.That((await CompareAsync("one.json", "two.json")).ChangedSamples.Single().Members, Has.Count.EqualTo(10));
    }

    [Test]
    public async Task CompareAsync_NamesARecordByItsNameOrItsLink()
    {
        Write("one.json", """{"entity_id":"1","name":"Studio\u202e 1","url":"u"},{"entity_id":"2","url":"https://a.example/2"},{"entity_id":"3"}""");
        Write("two.json", "");

        var difference = await CompareAsync("one.json", "two.json");

        Assert.That(difference.RemovedSamples, Is.EqualTo(new SampleRecord[] { new("1", "Studio\\u202E 1"), new("2", "https://a.example/2"), new("3", "") }));
    }

    [Test]
    public async Task CompareAsync_SaysChanged_WhenOnlyTheWritingIs()
    {
        Write("one.json", """{"entity_id":"1","name":"A"}""");
        Write("two.json", """{"name":"A","entity_id":"1"}""");

        var difference = await CompareAsync("one.json", "two.json");

        Assert.That((difference.Changed, difference.ChangedSamples.Single().Members), Is.EqualTo((1L, Array.Empty<ChangedMember>())));
    }

    [TestCase("""{"entity_id":"1"},{"entity_id":"1"}""", "entity_id_late", "has entity_id '1' after key 1")]
    [TestCase("""{"entity_id":"2"},{"entity_id":"1"}""", "entity_id_late", "has entity_id '1' after key 2")]
    [TestCase("""{"entity_id":"f-1"}""", "entity_id_no_key", "has entity_id 'f-1', which is not a key")]
    [TestCase("""{"name":"x"}""", "entity_id_no_key", "has entity_id ''")]
    [TestCase("""{]""", "json_broken", "cannot be read")]
    public void CompareAsync_NamesTheShard_WhenItIsNotOurs(string records, string code, string message)
    {
        Write("one.json", """{"entity_id":"1"}""");
        Write("two.json", records);

        Assert.That(() => CompareAsync("one.json", "two.json"), Throws.TypeOf<FeedFormatException>()
            .With.Property(nameof(FeedFormatException.Code)).EqualTo(code).And.Message.Contains($"two.json {message}"));
    }

    [Test]
    public void CompareAsync_NamesTheShard_WhenItIsGone()
    {
        Write("one.json", "");

        Assert.That(() => CompareAsync("one.json", "gone.json"), Throws.TypeOf<FeedFormatException>()
            .With.Property(nameof(FeedFormatException.Code)).EqualTo("shard_missing").And.Message.EqualTo($"{_feed.PathOf("gone.json")} cannot be read: it is not in the store"));
    }

    private Task<FeedDifference> CompareAsync(string earlier, string later) => new FeedDiff(_feed.Store, "").CompareAsync([earlier], [later], CancellationToken.None);

    private void Write(string name, string records) => _feed.Overwrite(name, System.Text.Encoding.UTF8.GetBytes($$"""{"data":[{{records}}]}"""));

    /// <summary>Writes a feed of these keys and versions in shards of so many records.</summary>
    private List<string> Write(string name, Dictionary<long, int> records, int cut, string prefix) =>
        [.. records.OrderBy(record => record.Key).Chunk(cut).Select((chunk, at) =>
        {
            var shard = $"{name}-{at}.json";
            Write(shard, string.Join(',', chunk.Select(record => $$"""{"entity_id":"{{prefix}}{{record.Key}}","name":"version {{record.Value}}"}""")));
            return shard;
        })];

    private static IEnumerable<string> First(IEnumerable<long> keys, string prefix) =>
        keys.Order().Take(FeedDifference.MostSamples).Select(key => prefix + key.ToString(CultureInfo.InvariantCulture));
}
