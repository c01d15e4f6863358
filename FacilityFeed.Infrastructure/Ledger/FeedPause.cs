namespace FacilityFeed.Infrastructure.Ledger;

/// <summary>A feed whose schedule starts no run. The time is UTC.</summary>
public sealed record FeedPause
{
    public string Feed { get; init; } = "";

    public DateTime PausedAt { get; init; }

    public string PausedBy { get; init; } = "";
}
