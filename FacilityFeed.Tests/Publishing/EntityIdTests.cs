using FacilityFeed.Tests.Support;
using static FacilityFeed.Tests.Publishing.Verdicts;

namespace FacilityFeed.Tests.Publishing;

/// <summary>Ids over the shards of a feed: each once, and rising, whatever comes before their keys.</summary>
public sealed class EntityIdTests
{
    private PublishedFeed _feed = null!;

    [SetUp]
    public async Task PublishAsync() => _feed = await PublishedFeed.CreateAsync();

    [TearDown]
    public void Remove() => _feed.Dispose();

    [TestCase("1 9 10|11 20 99|100 101")]
    [TestCase("-12 -3 0|1 5 9|12")]
    [TestCase("f-8 f-9 f-10|f-11|f-100")]
    [TestCase("f--8 f--3|f-0 f-9|f-10")]
    [TestCase("f--8 f--7|f--6|f--5")]
    [TestCase("v2-3 v2-1|v20 v21|v210")]
    [TestCase("v20 v21 v29|v210 v211|v2100")]
    [TestCase("0-9 0-5|00 01|010 011")]
    [TestCase("-9223372036854775808 -1|0|9223372036854775807")]
    [TestCase("9223372036854775806|9223372036854775807|99223372036854775807")]
    [TestCase("7|8|80")]
    public async Task VerifyAsync_FindsNothing_WhenIdsRise(string ids) => Assert.That(await IdFindingsAsync(ids), Is.Empty);

    [TestCase("1 2 2|3|4", "entity_id_twice", "1 has entity_id '2', which is in the feed already (in 1)")]
    [TestCase("1 2|2 3|4", "entity_id_twice", "2 has entity_id '2', which is in the feed already (in 1)")]
    [TestCase("f-1 f-2|f-3|f-1", "entity_id_twice", "3 has entity_id 'f-1', which is in the feed already (in 1)")]
    [TestCase("f--2 f-1|f-3|f--2", "entity_id_twice", "3 has entity_id 'f--2', which is in the feed already (in 1)")]
    [TestCase("1 2 3|4 5|2", "entity_id_late", "3 has entity_id '2', after '5' (in 2), with its place among those of 1")]
    [TestCase("10 20|1 2|30", "entity_id_late", "2 has entity_id '1', after '20' (in 1): a record is there twice, or shards were swapped")]
    [TestCase("f-1 f-2|g-3|f-4", "entity_id_prefix_differs", "2 has entity_id 'g-3', which begins otherwise than those before it, as 'f-2' (in 1)")]
    [TestCase("f-1 f-2|3|f-4", "entity_id_prefix_differs", "2 has entity_id '3'")]
    [TestCase("1 2|eleven|30", "entity_id_no_key", "2 has entity_id 'eleven', which is not a key")]
    [TestCase("1 2|003|4", "entity_id_prefix_differs", "2 has entity_id '003'")]
    [TestCase("1 2|-0|4", "entity_id_prefix_differs", "2 has entity_id '-0'")]
    public async Task VerifyAsync_SaysWhatIsWrongWithAnId(string ids, string code, string message)
    {
        var told = await IdFindingsAsync(ids);

        Assert.That(told[0], Does.StartWith($"{code}: {message}"));
        Assert.That(told, Has.Count.EqualTo(ids == "10 20|1 2|30" ? 2 : 1), "what follows is not blamed for it");
    }

    [Test]
    public async Task VerifyAsync_OnlyNotes_WhenAnIdIsNotUrlSafe()
    {
        Write("ä/1|ä/2|ä/3");

        var verdict = await _feed.VerifyAsync(isRecorded: false);

        Assert.That(Codes(verdict), Has.None.StartsWith("entity_id"));
        Assert.That(Notes(verdict).Count(note => note.Contains("not URL-safe", StringComparison.Ordinal)), Is.EqualTo(3));
    }

    /// <summary>The findings, with the shards by their numbers.</summary>
    private async Task<List<string>> IdFindingsAsync(string ids)
    {
        Write(ids);
        var verdict = await _feed.VerifyAsync(isRecorded: false);
        return [.. verdict.Problems.Where(problem => problem.Code.StartsWith("entity_id", StringComparison.Ordinal)).Select(problem => $"{problem.Code}: {Numbered(problem.Message)}")];
    }

    private string Numbered(string message) => Enumerable.Range(1, 3).Aggregate(message, (text, shard) => text.Replace(_feed.Shard(shard), $"{shard}", StringComparison.Ordinal));

    private void Write(string ids)
    {
        foreach (var (shard, at) in ids.Split('|').Select((shard, at) => (shard, at)))
        {
            _feed.Overwrite(_feed.Shard(at + 1), Gzip.Pack($$"""{"data":[{{string.Join(',', shard.Split(' ').Select(id => $$"""{"entity_id":"{{id}}"}"""))}}]}"""));
        }
    }
}
