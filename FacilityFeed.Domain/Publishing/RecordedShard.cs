using FacilityFeed.Domain.Storing;

namespace FacilityFeed.Domain.Publishing;

/// <summary>What the ledger recorded of one shard.</summary>
/// <param name="Stored">The object.</param>
/// <param name="Records">Records in it.</param>
public sealed record RecordedShard(StoredObject Stored, long Records);
