using FacilityFeed.Domain.Ledger;
using FacilityFeed.Domain.Planning;
using FacilityFeed.Domain.Storing;

namespace FacilityFeed.Infrastructure.Ledger;

/// <summary>A chunk as the ledger knows it.</summary>
public sealed record ChunkView
{
    public long Id { get; init; }

    public long RunId { get; init; }

    public int Number { get; init; }

    public long FirstId { get; init; }

    public long LastId { get; init; }

    public long PlannedRows { get; init; }

    public ChunkRange Range => new(Number, FirstId, LastId, PlannedRows);

    public ChunkState State { get; init; }

    public string JobId { get; init; } = "";

    public int Attempt { get; init; }

    public bool IsReopened { get; init; }

    public long? RowsRead { get; init; }

    public long? Records { get; init; }

    public long? Rejected { get; init; }

    /// <summary>Length of the shard before it was compressed.</summary>
    public long? JsonBytes { get; init; }

    public string? ObjectName { get; init; }

    public long? Bytes { get; init; }

    public string? Sha256 { get; init; }

    public string? ETag { get; init; }

    /// <summary>Requests to the store that were sent a second time, over all attempts.</summary>
    public int StoreRetries { get; init; }

    /// <summary>The shard; null when the chunk has none.</summary>
    public StoredObject? Shard => ObjectName is null ? null : new StoredObject(ObjectName, Bytes!.Value, Sha256!, ETag);

    public string? Error { get; init; }

    public RunState RunState { get; init; }
}
