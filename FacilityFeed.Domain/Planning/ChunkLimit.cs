using System.Globalization;
using FacilityFeed.Domain.Feeds;

namespace FacilityFeed.Domain.Planning;

/// <summary>
/// How many chunks a run of a feed may have: as many as its settings say, and no more than its guard takes as shards. A run with more could never be
/// published, however often it is made.
/// </summary>
public static class ChunkLimit
{
    /// <summary>The smaller of the two.</summary>
    public static int Of(FeedDefinition feed) => Math.Min(feed.MaxChunks, feed.Guard.MaxShards);

    /// <summary>What is said where a table has too many rows for the feed's chunk size.</summary>
    /// <returns>Null where it has not.</returns>
    public static string? Warning(FeedDefinition feed, long rows)
    {
        var size = ChunkPlanner.SizeFor(rows, feed.ChunkSize, Of(feed));
        var why = feed.Guard.MaxShards < feed.MaxChunks ? ", and the guard takes no more shards (Guard:MaxShards)" : "";
        return size == feed.ChunkSize
            ? null
            : string.Create(CultureInfo.InvariantCulture, $"{Counted.Of(rows, "row")} in chunks of {feed.ChunkSize:N0} would be more than {Counted.Of(Of(feed), "chunk")}{why}: the chunk size of this run is {size:N0}");
    }
}
