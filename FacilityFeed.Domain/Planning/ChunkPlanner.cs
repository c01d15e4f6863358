namespace FacilityFeed.Domain.Planning;

/// <summary>Cuts a key snapshot into chunks by key jumps: linear in the table, nothing of it in memory.</summary>
public static class ChunkPlanner
{
    /// <summary>Cuts <paramref name="keys"/> into ranges of <paramref name="chunkSize"/> rows.</summary>
    /// <param name="keys">The snapshot to cut.</param>
    /// <param name="chunkSize">Rows in a chunk, at least 1; raised when more than <paramref name="maxChunks"/> would be needed.</param>
    /// <param name="maxChunks">Most ranges allowed, at least 1.</param>
    /// <param name="cancellationToken">Stops the planning.</param>
    /// <exception cref="FeedRejectedException">A chunk would need more rows than one may have.</exception>
    public static async Task<ChunkPlan> PlanAsync(IKeySnapshot keys, int chunkSize, int maxChunks, CancellationToken cancellationToken)
    {
        var size = SizeFor(keys.Count, chunkSize, maxChunks);
        var ranges = new List<ChunkRange>();
        var fromId = keys.FirstId;
        var rowsLeft = keys.Count;

        while (rowsLeft > 0)
        {
            // The last range ends at the snapshot's largest key, however few rows it holds.
            var lastId = rowsLeft > size ? await keys.JumpAsync(fromId, size, cancellationToken) ?? keys.LastId : keys.LastId;
            var rows = lastId == keys.LastId ? rowsLeft : size;
            ranges.Add(new ChunkRange(ranges.Count + 1, fromId, lastId, rows));
            rowsLeft -= rows;
            if (rowsLeft > 0)
            {
                fromId = lastId + 1;
            }
        }

        return new ChunkPlan(size, ranges);
    }

    /// <summary>Rows in a chunk: <paramref name="chunkSize"/>, or the fewest that need no more than <paramref name="maxChunks"/>.</summary>
    /// <exception cref="FeedRejectedException">A chunk would need more rows than one may have.</exception>
    public static int SizeFor(long rows, int chunkSize, int maxChunks)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(chunkSize, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxChunks, 1);
        var smallestAllowed = (rows + maxChunks - 1) / maxChunks;
        return smallestAllowed > int.MaxValue
            ? throw new FeedRejectedException($"{Counted.Of(rows, "row")} in at most {Counted.Of(maxChunks, "chunk")} would be {Counted.Of(smallestAllowed, "row")} a chunk, and a chunk has at most {Counted.Of(int.MaxValue, "row")}: raise the feed's MaxChunks, or its Guard:MaxShards where that is smaller")
            : (int)Math.Max(chunkSize, smallestAllowed);
    }
}
