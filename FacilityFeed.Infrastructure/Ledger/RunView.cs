using FacilityFeed.Domain.Ledger;

namespace FacilityFeed.Infrastructure.Ledger;

/// <summary>A run as the ledger knows it, with the sums over its chunks. Times are UTC.</summary>
public sealed record RunView
{
    public long Id { get; init; }

    public string Feed { get; init; } = "";

    public string Name { get; init; } = "";

    public string Recipe { get; init; } = "";

    public string Origin { get; init; } = "";

    public RunState State { get; init; }

    public string? Reason { get; init; }

    public long? ActiveRunId { get; init; }

    public DateTime RequestedAt { get; init; }

    public DateTime? FinishedAt { get; init; }

    public DateTime? PublishedAt { get; init; }

    /// <summary>When it first entered publishing: from then on its manifest may be visible, whatever became of the run.</summary>
    public DateTime? EnteredAt { get; init; }

    public long? GenerationTimestamp { get; init; }

    public int? ChunkCount { get; init; }

    public long? PlannedRows { get; init; }

    public int? Remaining { get; init; }

    public string? PlanJobId { get; init; }

    public int PlanAttempt { get; init; }

    public string? ManifestJobId { get; init; }

    public string? Manifest { get; init; }

    public string? ManifestSha256 { get; init; }

    public long ChunksDone { get; init; }

    public long ChunksFailed { get; init; }

    public long Shards { get; init; }

    public long RowsRead { get; init; }

    public long Records { get; init; }

    public long Rejected { get; init; }

    /// <summary>Warnings; a record may have several.</summary>
    public long Warned { get; init; }

    /// <summary>Rows that came, less those that went, between the plan and the reading of the chunks that are done.</summary>
    public long Drift => ChunkCount == ChunksDone ? RowsRead - (PlannedRows ?? 0) : 0;

    public long Bytes { get; init; }

    /// <summary>From the commit of the request to the alias being visible, or to the end.</summary>
    public TimeSpan? Duration => (PublishedAt ?? FinishedAt) - RequestedAt;
}
