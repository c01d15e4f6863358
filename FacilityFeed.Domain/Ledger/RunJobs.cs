namespace FacilityFeed.Domain.Ledger;

/// <summary>A run beside the jobs that work on it, as far as one of them decides how the run looks in the dashboard.</summary>
public sealed record RunJobs
{
    /// <summary>Number of the run.</summary>
    public long RunId { get; init; }

    /// <summary>Key of its feed.</summary>
    public string Feed { get; init; } = "";

    /// <summary>What is true of the run now.</summary>
    public RunState State { get; init; }

    /// <summary>Why it is held or failed, or how the last attempt failed; null otherwise.</summary>
    public string? Reason { get; init; }

    /// <summary>When it was triggered; UTC.</summary>
    public DateTime RequestedAt { get; init; }

    /// <summary>Whether it has anything to publish.</summary>
    public bool HasShards { get; init; }

    /// <summary>The job that cuts it into chunks.</summary>
    public string? PlanJob { get; init; }

    /// <summary>The newest job that makes its manifest; null until all chunks are settled.</summary>
    public string? ManifestJob { get; init; }

    /// <summary>The job of the first chunk that has failed.</summary>
    public string? FailedChunkJob { get; init; }

    /// <summary>The job of the first chunk that is not settled.</summary>
    public string? OpenChunkJob { get; init; }

    /// <summary>
    /// The job whose state says how the run stands: a run that has failed is as red as the job that failed it. Where the job that a state
    /// asks for does not exist (an empty source is held by its plan), it is the last one before it.
    /// </summary>
    /// <returns>Null only for a run that never had a job: a skipped one.</returns>
    public string? DecidingJob => State switch
    {
        RunState.Planning => PlanJob,
        RunState.Running => OpenChunkJob ?? ManifestJob ?? PlanJob,
        RunState.Failed => FailedChunkJob ?? ManifestJob ?? PlanJob,
        RunState.Cancelled => ManifestJob ?? OpenChunkJob ?? PlanJob,
        RunState.Skipped => null,
        // Superseded ones may have failed before they had a manifest job.
        _ => ManifestJob ?? FailedChunkJob ?? PlanJob,
    };
}
