using FacilityFeed.Domain.Ledger;

namespace FacilityFeed.Infrastructure.Ledger;

/// <summary>A failed or held job of which nothing can come any more.</summary>
public sealed record ObsoleteJob
{
    public string JobId { get; init; } = "";

    /// <summary>Hangfire's word, as it was seen.</summary>
    public string JobState { get; init; } = "";

    public long RunId { get; init; }

    public RunState RunState { get; init; }

    public string? RunReason { get; init; }

    /// <summary>A later run of the feed that is good.</summary>
    public long? LaterRunId { get; init; }

    public RunState? LaterRunState { get; init; }

    /// <summary>The job that has taken its place; its own id when none has.</summary>
    public string? CurrentJob { get; init; }

    /// <summary>Why, for the person who looks at the job.</summary>
    public string Why => RunState switch
    {
        RunState.Cancelled or RunState.Discarded => Withdrawn(RunId, RunState, RunReason),
        RunState.Publishing or RunState.Published when JobState != "Failed" && IsReplaced => $"Run {RunId} was published anyway, by job {CurrentJob}",
        _ when LaterRunId is { } later && later != RunId => $"{Later(later)} after run {RunId}",
        RunState.Superseded => $"Run {RunId} is superseded: {RunReason}",
        _ when IsReplaced && CurrentJob is not null => $"Run {RunId} is {StateName.Of(RunState)}: job {CurrentJob} was given this work",
        _ when LaterRunId is { } later => $"{Later(later)} since",
        _ => $"Run {RunId} is {StateName.Of(RunState)}",
    };

    /// <summary>Why nothing can come of a run that a person decided against.</summary>
    public static string Withdrawn(long runId, RunState state, string? reason) => $"Run {runId} was {reason ?? StateName.Of(state)}";

    private bool IsReplaced => CurrentJob != JobId;

    private string Later(long later) => LaterRunState == RunState.Unchanged ? $"Run {later} found nothing changed" : $"Run {later} was published";
}
