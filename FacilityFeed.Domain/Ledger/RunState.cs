namespace FacilityFeed.Domain.Ledger;

/// <summary>What is true of a run now. The names are stored, in lower case: never rename one.</summary>
public enum RunState
{
    /// <summary>Triggered; holds the feed's one active place; its chunks are not known yet.</summary>
    Planning,

    /// <summary>All chunk jobs exist; waits for every chunk to be settled.</summary>
    Running,

    /// <summary>Everything is proven; the manifest is being written. Can no longer be cancelled.</summary>
    Publishing,

    /// <summary>The manifest is written and the alias points to it.</summary>
    Published,

    /// <summary>Equal to what is published already; nothing was written.</summary>
    Unchanged,

    /// <summary>Complete, but the guard refused it; waits for a person.</summary>
    Held,

    /// <summary>At least one chunk, the plan or the manifest could not be made.</summary>
    Failed,

    /// <summary>Stopped by a person.</summary>
    Cancelled,

    /// <summary>Was held or failed when a later run was published.</summary>
    Superseded,

    /// <summary>Was held, and a person decided against it.</summary>
    Discarded,

    /// <summary>Never began: another run of the feed was active.</summary>
    Skipped,
}
