namespace FacilityFeed.Domain.Feeds;

/// <summary>What becomes of a trigger that meets an active run of its feed.</summary>
public enum Overlap
{
    /// <summary>It is recorded as skipped.</summary>
    Skip,

    /// <summary>One waits, and starts when the active run has ended; further ones are skipped.</summary>
    QueueOne,
}
