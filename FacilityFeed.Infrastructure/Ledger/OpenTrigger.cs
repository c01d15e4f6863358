using FacilityFeed.Infrastructure.Ledger.Attempts;

namespace FacilityFeed.Infrastructure.Ledger;

/// <summary>A trigger by hand that has come to no end yet, beside what Hangfire knows of its job.</summary>
public sealed record OpenTrigger
{
    public long Id { get; init; }

    public string Feed { get; init; } = "";

    public string? JobId { get; init; }

    public int Attempt { get; init; }

    /// <summary>How often it was given to another job.</summary>
    public int Replacements { get; init; }

    /// <summary>Since when an attempt is at work; null: none is.</summary>
    public DateTime? TakenAt { get; init; }

    /// <summary>Whose attempt it is.</summary>
    public string? Process { get; init; }

    /// <summary>Hangfire's word; null when it has no such job.</summary>
    public string? JobState { get; init; }

    public string? JobReason { get; init; }

    public bool IsQueued { get; init; }

    /// <summary>Whether the job waits in its queue.</summary>
    public bool IsWaiting { get; init; }

    /// <summary>Whether Hangfire's schedule, which its clock goes by, has the job.</summary>
    public bool IsScheduled { get; init; }

    /// <summary>Whether its attempt is at work for longer than any should be.</summary>
    public bool IsSilent { get; init; }

    /// <summary>What keeps it from its run, by Hangfire and by the process that took it.</summary>
    /// <returns>Null for what waits in its queue or for its retry, and for what is at work.</returns>
    public TriggerTrouble? Trouble => JobState switch
    {
        null => TriggerTrouble.Lost,
        "Deleted" => TriggerTrouble.Deleted,
        "Failed" => TriggerTrouble.Failed,
        "Succeeded" => TriggerTrouble.Ended,
        _ when IsWaiting => null,
        "Scheduled" when !IsQueued => IsScheduled ? null : TriggerTrouble.Unscheduled,
        _ when TakenAt is null => TriggerTrouble.NotBegun,
        _ when ProcessIdentity.Parse(Process)?.IsDead() == true => TriggerTrouble.Dead,
        _ => IsSilent ? TriggerTrouble.Silent : null,
    };
}

/// <summary>What keeps a trigger by hand from its run.</summary>
public enum TriggerTrouble
{
    /// <summary>Hangfire has no such job.</summary>
    Lost,

    /// <summary>A person deleted it, and the ledger was not told. For a moment also one that is being deleted.</summary>
    Deleted,

    /// <summary>Hangfire gave it up, and the ledger was not told. For a moment also one that a person requeues.</summary>
    Failed,

    /// <summary>Hangfire thinks that it succeeded, and the ledger knows of no end.</summary>
    Ended,

    /// <summary>It waits for its next try, and Hangfire's schedule does not have it. Normal for a moment.</summary>
    Unscheduled,

    /// <summary>It left its queue, and no attempt has begun. Normal for a moment.</summary>
    NotBegun,

    /// <summary>The process that took it is gone.</summary>
    Dead,

    /// <summary>The attempt has come to no end for long.</summary>
    Silent,
}
