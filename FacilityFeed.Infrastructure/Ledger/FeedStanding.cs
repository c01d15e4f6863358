using FacilityFeed.Domain.Ledger;

namespace FacilityFeed.Infrastructure.Ledger;

/// <summary>How a feed stands, for a person who looks at its schedule. Times are UTC.</summary>
public sealed record FeedStanding
{
    public DateTime? PausedAt { get; init; }

    public string? PausedBy { get; init; }

    /// <summary>The newest run that is not skipped.</summary>
    public long? RunId { get; init; }

    public RunState? RunState { get; init; }

    /// <summary>The newest trigger, when it was skipped.</summary>
    public DateTime? SkippedAt { get; init; }

    public string? SkippedReason { get; init; }
}
