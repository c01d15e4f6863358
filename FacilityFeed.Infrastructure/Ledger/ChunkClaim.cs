using FacilityFeed.Domain.Planning;

namespace FacilityFeed.Infrastructure.Ledger;

/// <summary>An attempt that was taken: the right to work on a chunk until a newer attempt is.</summary>
public sealed record ChunkClaim
{
    public long ChunkId { get; init; }

    public long RunId { get; init; }

    public int Number { get; init; }

    public long FirstId { get; init; }

    public long LastId { get; init; }

    public long PlannedRows { get; init; }

    public int Attempt { get; init; }

    public string Feed { get; init; } = "";

    public string Recipe { get; init; } = "";

    public long GenerationTimestamp { get; init; }

    public ChunkRange Range => new(Number, FirstId, LastId, PlannedRows);
}
