namespace FacilityFeed.Infrastructure.Ledger;

/// <summary>What the ledger knows of how fresh a feed is, and of what keeps a further run from being started. Times are UTC.</summary>
public sealed record FeedAge
{
    public string Feed { get; init; } = "";

    /// <summary>When this was read, by the clock that all these times are of: the database's.</summary>
    public DateTime ReadAt { get; init; }

    /// <summary>When its first run was asked for.</summary>
    public DateTime? FirstAt { get; init; }

    /// <summary>When it was last published or found unchanged.</summary>
    public DateTime? GoodAt { get; init; }

    /// <summary>The schedule as it was registered last; null: none was.</summary>
    public string? Cron { get; init; }

    /// <summary>Id of its time zone.</summary>
    public string? Zone { get; init; }

    public bool IsPaused { get; init; }

    /// <summary>Whether a run of it is at work.</summary>
    public bool IsActive { get; init; }

    /// <summary>Whether a run of it waits for a person.</summary>
    public bool IsHeld { get; init; }

    /// <summary>Whether a run of it is asked for already: by hand, or after the end of the one before.</summary>
    public bool IsAskedFor { get; init; }

    /// <summary>When a person last decided against a run of it.</summary>
    public DateTime? WithdrawnAt { get; init; }

    /// <summary>When a run of it last failed, since <see cref="GoodAt"/>.</summary>
    public DateTime? FailedAt { get; init; }

    /// <summary>How many further runs were started since <see cref="GoodAt"/>.</summary>
    public int Further { get; init; }

    /// <summary>How many of those have failed.</summary>
    public int FurtherFailed { get; init; }
}
