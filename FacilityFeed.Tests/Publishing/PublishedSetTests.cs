using FacilityFeed.Domain;
using FacilityFeed.Domain.Exporting;
using FacilityFeed.Domain.Publishing;
using FacilityFeed.Domain.Writing;
using FacilityFeed.Tests.Support;

namespace FacilityFeed.Tests.Publishing;

public sealed class PublishedSetTests
{
    [Test]
    public async Task CountAsync_CountsTheRecordsOfAllShards([Values] Compression compression)
    {
        using var feed = await PublishedFeed.CreateAsync(compression);

        var headway = new Headway();
        headway.Follow();
        Assert.That(await CountAsync(feed), Is.EqualTo(30));
        Assert.That(headway.Moves, Is.GreaterThan(6));
    }

    [Test]
    public async Task CountAsync_NamesTheShard_WhenOneIsMissing()
    {
        using var feed = await PublishedFeed.CreateAsync();
        feed.Delete(feed.Shard(2));

        AssertUnreadable(feed, "shard_missing");
    }

    [TestCase("""{"data":[{}]""", "json_broken")]
    [TestCase("""{"rows":[{}]}""", "json_wrong_shape")]
    public async Task CountAsync_NamesTheShard_WhenItIsNone(string text, string code)
    {
        using var feed = await PublishedFeed.CreateAsync();
        feed.Overwrite(feed.Shard(2), Gzip.Pack(text));

        AssertUnreadable(feed, code);
    }

    [Test]
    public async Task CountAsync_NamesTheShard_WhenItIsCutOff()
    {
        using var feed = await PublishedFeed.CreateAsync();
        feed.Overwrite(feed.Shard(2), feed.Read(feed.Shard(2))[..^1]);

        AssertUnreadable(feed, "gzip_cut_off");
    }

    [Test]
    public async Task CountAsync_FailsAsThatMayHelpToTryAgain_WhenTheDiskDoes()
    {
        using var feed = await PublishedFeed.CreateAsync(Compression.None);
        feed.Delete(feed.Shard(2));
        // Can be opened, and answers every read with an input/output error.
        File.CreateSymbolicLink(feed.PathOf(feed.Shard(2)), "/proc/self/mem");

        Assert.That(() => CountAsync(feed), Throws.TypeOf<FeedException>().With.Message.StartsWith($"{feed.PathOf(feed.Shard(2))} cannot be read ("));
    }

    private static Task<long> CountAsync(PublishedFeed feed) => PublishedSet.CountAsync(feed.Store, feed.Manifest, CancellationToken.None);

    private static void AssertUnreadable(PublishedFeed feed, string code) =>
        Assert.That(() => CountAsync(feed), Throws.TypeOf<FeedFormatException>()
            .With.Property(nameof(FeedFormatException.Code)).EqualTo(code)
            .And.Message.StartsWith($"{feed.PathOf(feed.Shard(2))} cannot be read: "));
}
