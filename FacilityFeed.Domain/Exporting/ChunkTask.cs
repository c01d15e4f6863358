using FacilityFeed.Domain.Feeds;
using FacilityFeed.Domain.Planning;

namespace FacilityFeed.Domain.Exporting;

/// <summary>One attempt at one chunk.</summary>
/// <param name="Feed">The feed's settings.</param>
/// <param name="RunId">The run.</param>
/// <param name="GenerationTimestamp">The run's generation timestamp, Unix seconds; part of the shard's name.</param>
/// <param name="Range">The keys to export.</param>
/// <param name="Attempt">Attempt number, from 1; part of the shard's name from 2 on.</param>
public sealed record ChunkTask(FeedDefinition Feed, long RunId, long GenerationTimestamp, ChunkRange Range, int Attempt)
{
    /// <summary>Names this chunk in every message: feed, run, chunk and keys.</summary>
    public override string ToString() => $"feed {Feed.Key}, run {RunId}, chunk {Range.Number} (ids {Range.FirstId}-{Range.LastId})";
}
