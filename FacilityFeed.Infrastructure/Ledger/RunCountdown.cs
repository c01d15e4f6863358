using FacilityFeed.Domain.Ledger;

namespace FacilityFeed.Infrastructure.Ledger;

/// <summary>A run just after one of its chunks was settled.</summary>
public sealed record RunCountdown
{
    public long RunId { get; init; }

    public string Feed { get; init; } = "";

    /// <summary>Chunks not settled yet. Exactly one settlement sees zero.</summary>
    public int Remaining { get; init; }

    public RunState State { get; init; }

    /// <summary>Whether this was the last chunk of a run that still wants its manifest.</summary>
    public bool IsComplete => Remaining == 0 && State == RunState.Running;
}
