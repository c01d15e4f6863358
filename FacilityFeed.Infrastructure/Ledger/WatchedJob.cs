using FacilityFeed.Domain;
using FacilityFeed.Infrastructure.Ledger.Attempts;

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

    /// <summary>Its attempt is at work, and says so. No trouble, unless its process is gone.</summary>
    AtWork,

    /// <summary>The process that took its attempt, or fetched it, is known to be gone.</summary>
    Dead,

    /// <summary>It left its queue, or was fetched from it, and no attempt has begun. Normal for a moment.</summary>
    NotBegun,

    /// <summary>Hangfire has no such job: it expired or was removed.</summary>
    Lost,

    /// <summary>It waited for its next try, which is overdue, and Hangfire's schedule does not have it.</summary>
    Unscheduled,

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

    /// <summary>How often Hangfire gave this work up without the ledger's word and it went to a new job, since it was planned or redriven.</summary>
    public int Replacements { get; init; }

    /// <summary>How many attempts at it ended without a word since then.</summary>
    public int Losses { get; init; }

    /// <summary>Whether an attempt had begun, and has ended without a word.</summary>
    public bool IsLoss => Trouble is not (JobTrouble.Failed or JobTrouble.Deleted) && HeartbeatAt is not null;

    /// <summary>The server that did not know what an earlier job for this work calls, as Hangfire names it; null: none said so.</summary>
    public string? RefusedBy { get; init; }

    /// <summary>Who took its attempt (<see cref="AttemptOwner"/>); null where that is not kept.</summary>
    public string? Process { get; init; }

    /// <summary>The job server that fetched it and moved it to work (<see cref="JobServerName"/>); null where that is not certain.</summary>
    public string? Worker { get; init; }

    /// <summary>Whether it is certain that nobody works on it any more.</summary>
    internal bool IsOrphan => Trouble switch
    {
        JobTrouble.AtWork or JobTrouble.Silent => AttemptOwner.IsDead(Process, JobId, Attempt),
        JobTrouble.NotBegun => JobServerName.IsOfTheDead(Worker),
        _ => false,
    };

    /// <summary>Hangfire's reason for the job's state, and what it threw or was thrown.</summary>
    public string? Reason { get; init; }

    public string? Error { get; init; }

    /// <summary>Full name of the error's type.</summary>
    public string? ErrorType { get; init; }

    /// <summary>The server that put the job in its state, as Hangfire names it.</summary>
    public string? Server { get; init; }

    /// <summary>
    /// Whether the job was given up because a server does not know what it calls. Hangfire says so itself; our own filter says in its place what is
    /// unknown, and has no other error that fails a job without the ledger's word. "Failed to change state to ..." is Hangfire's bookkeeping, whatever the error.
    /// </summary>
    public bool IsRefused => Trouble == JobTrouble.Failed && Reason?.StartsWith("Failed to change state", StringComparison.Ordinal) != true
        && (Reason?.EndsWith("target method was not found.", StringComparison.Ordinal) == true || ErrorType == typeof(FeedRejectedException).FullName);

    /// <summary>Why Hangfire gave the job up: its own reason, and the error. It stands in a row that anybody may have written.</summary>
    public string GivenUpWhy => ForeignText.InOneLine((Reason, Error) switch
    {
        (null, null) => "it kept no reason",
        ({ } reason, { } error) when reason != error => $"{reason} ({error})",
        var (reason, error) => reason ?? error!,
    });

    /// <summary>The chunk, plan or manifest, for messages.</summary>
    public string What => Kind == WatchedKind.Chunk ? $"chunk {Number}" : Kind.ToString().ToLowerInvariant();
}
