using FacilityFeed.Domain.Ledger;

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

    public ChunkState State { get; init; }

    public string JobId { get; init; } = "";

    public int Attempt { get; init; }

    public bool IsReopened { get; init; }

    public long? Records { get; init; }

    public string? ObjectName { get; init; }

    public long? Bytes { get; init; }

    public string? Sha256 { get; init; }

    public string? Error { get; init; }

    public RunState RunState { get; init; }
}
