namespace FacilityFeed.Scheduler.Watching;

/// <summary>One thing that the watcher looks after.</summary>
public interface IRepair
{
    /// <summary>What it looks after, for messages.</summary>
    string Subject { get; }

    /// <summary>Looks, and mends what is broken. Changes nothing where all is well.</summary>
    /// <param name="isWakening">The look before was long ago, or failed: what happened since is no evidence against anybody.</param>
    /// <param name="cancellationToken">Stops the look.</param>
    Task RepairAsync(bool isWakening, CancellationToken cancellationToken);
}
