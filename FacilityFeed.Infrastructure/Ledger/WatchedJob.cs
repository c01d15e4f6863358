namespace FacilityFeed.Infrastructure.Ledger;

/// <summary>What a job of a run makes.</summary>
public enum WatchedKind
{
    Chunk,
    Plan,
    Manifest,
}

/// <summary>What keeps a job from getting on.</summary>
public enum JobTrouble
{
    /// <summary>Its attempt has not said for long that it lives.</summary>
    Silent,

    /// <summary>It left its queue, or was fetched from it, and no attempt has begun. Normal for a moment.</summary>
    NotBegun,

    /// <summary>Hangfire has no such job: it expired or was removed.</summary>
    Lost,

    /// <summary>Hangfire thinks that it succeeded, and the ledger does not.</summary>
    Ended,

    /// <summary>Hangfire gave it up, and the ledger was not told.</summary>
    Failed,

    /// <summary>A person deleted it, and the ledger was not told.</summary>
    Deleted,
}

/// <summary>A job that an active run waits for, and that may need a repair.</summary>
public sealed record WatchedJob
{
    public WatchedKind Kind { get; init; }

    public JobTrouble Trouble { get; init; }

    public long RunId { get; init; }

    public string Feed { get; init; } = "";

    public int ChunkCount { get; init; }

    public int Number { get; init; }

    public long FirstId { get; init; }

    public long LastId { get; init; }

    public long PlannedRows { get; init; }

    public string? JobId { get; init; }

    public int Attempt { get; init; }

    /// <summary>As it was seen: one that has moved since is no longer in trouble.</summary>
    public DateTime? HeartbeatAt { get; init; }

    /// <summary>Hangfire's reason for the job's state.</summary>
    public string? Reason { get; init; }

    /// <summary>The chunk, plan or manifest, for messages.</summary>
    public string What => Kind == WatchedKind.Chunk ? $"chunk {Number}" : Kind.ToString().ToLowerInvariant();
}
