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

    /// <summary>The newest held run before that one.</summary>
    public long? HeldRunId { get; init; }

    /// <summary>How many runs before that one are held.</summary>
    public long HeldRuns { get; init; }

    /// <summary>The newest trigger, when it was skipped.</summary>
    public DateTime? SkippedAt { get; init; }

    public string? SkippedReason { get; init; }

    /// <summary>The newest due time of the schedule that the ledger knows something of, where it led to no run, not even a skipped one.</summary>
    public DateTime? UnmadeDueAt { get; init; }

    public string? UnmadeReason { get; init; }

    /// <summary>Whether it was skipped for the pause, which may be over.</summary>
    public bool IsSkippedByPause => SkippedReason is SkippedByPause or EarlierSkippedByPause;

    internal const string SkippedByPause = "feed was paused";

    private const string EarlierSkippedByPause = "feed is paused";
}
