namespace FacilityFeed.Infrastructure.Ledger;

/// <summary>An attempt at a run's manifest: the right to publish until a newer attempt is taken.</summary>
public sealed record ManifestClaim
{
    public long RunId { get; init; }

    public int Attempt { get; init; }

    public string Feed { get; init; } = "";

    public string Recipe { get; init; } = "";

    public string Name { get; init; } = "";

    public long GenerationTimestamp { get; init; }

    /// <summary>Whether an earlier attempt entered publishing: its manifest may be visible.</summary>
    public bool HasEntered { get; init; }
}
