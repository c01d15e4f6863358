namespace FacilityFeed.Domain.Publishing;

/// <summary>What the ledger recorded of a published run.</summary>
/// <param name="RunId">The run.</param>
/// <param name="ManifestSha256">SHA-256 of its manifest, lower-case hex.</param>
/// <param name="Shards">Its shards, in chunk order.</param>
public sealed record RecordedFeed(long RunId, string ManifestSha256, IReadOnlyList<RecordedShard> Shards)
{
    /// <summary>Records in all of them.</summary>
    public long Records => Shards.Sum(shard => shard.Records);
}
