namespace FacilityFeed.Infrastructure.Ledger;

/// <summary>A trigger that met an active run and waits for its end.</summary>
public sealed record PendingTrigger
{
    public string Feed { get; init; } = "";

    public string RunKey { get; init; } = "";

    public string Origin { get; init; } = "";

    /// <summary>The time of the feed's schedule that it belongs to, UTC; null: none.</summary>
    public DateTime? DueAt { get; init; }
}
