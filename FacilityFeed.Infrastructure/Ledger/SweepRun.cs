using FacilityFeed.Domain.Ledger;

namespace FacilityFeed.Infrastructure.Ledger;

/// <summary>A run that is over for so long that what nothing names in its store can go.</summary>
public sealed record SweepRun
{
    public long Id { get; init; }

    public string Name { get; init; } = "";

    public RunState State { get; init; }

    public long GenerationTimestamp { get; init; }

    /// <summary>Whether a person may still let it go on: then its manifest may be its last one yet.</summary>
    public bool CanGoOn => State is RunState.Failed or RunState.Held;
}
