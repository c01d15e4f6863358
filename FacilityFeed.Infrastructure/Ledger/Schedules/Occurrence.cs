using System.Globalization;

namespace FacilityFeed.Infrastructure.Ledger.Schedules;

/// <summary>What became of one due time of a feed's schedule, or of a gap of several. Times are UTC.</summary>
public sealed record Occurrence
{
    /// <summary>It met a paused feed.</summary>
    public const string Paused = "paused";

    /// <summary>Its run comes after the end of the active one.</summary>
    public const string Waits = "waits";

    /// <summary>No run was made in time, and none is made for it any more: a later time counts.</summary>
    public const string Missed = "missed";

    /// <summary>A person deleted its trigger before it ran.</summary>
    public const string Deleted = "its trigger was deleted";

    /// <summary>It was open when another cron or time zone took the place of its schedule.</summary>
    public const string ScheduleChanged = "schedule changed";

    /// <summary>It was open when a person let the ledger forget the schedule.</summary>
    public const string Forgotten = "forgotten";

    public string Feed { get; init; } = "";

    /// <summary>The due time; of a gap the last one.</summary>
    public DateTime DueAt { get; init; }

    /// <summary>Of a gap the first due time.</summary>
    public DateTime FirstDueAt { get; init; }

    /// <summary>How many due times this is; one unless it is a gap.</summary>
    public long Count { get; init; } = 1;

    /// <summary>Its run, also one that was skipped.</summary>
    public long? RunId { get; init; }

    /// <summary>Why there is no run.</summary>
    public string? Reason { get; init; }

    /// <summary>What became of it, as the end of a sentence.</summary>
    public string Outcome => Reason == Waits ? "waits for the end of the active run" : RunId is { } run ? $"belongs to run {run}" : $"ended without a run: {Reason}";

    /// <summary>A due time as people read it.</summary>
    public static string Text(DateTime due) => due.ToString(due.Second == 0 ? "yyyy-MM-dd HH:mm" : "yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture) + " UTC";
}
