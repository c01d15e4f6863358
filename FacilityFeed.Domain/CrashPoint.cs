namespace FacilityFeed.Domain;

/// <summary>The moments of a run between two lasting effects, in their order: at each the process may die, hang or be stopped.</summary>
public enum CrashPoint
{
    /// <summary>The run's row is written, its plan job is not, nothing is committed.</summary>
    RunWritten,

    /// <summary>The run and its plan job are written and not committed.</summary>
    PlanJobWritten,

    /// <summary>The run has begun.</summary>
    RunBegun,

    /// <summary>The plan job has the run.</summary>
    PlanTaken,

    /// <summary>The key ranges are known to this process alone.</summary>
    PlanCut,

    /// <summary>The run has its generation timestamp.</summary>
    RunDated,

    /// <summary>The store has been asked whether the run's names are free, and keeps a mark where it cannot create exclusively.</summary>
    NamesClaimed,

    /// <summary>The chunk jobs are written, run and chunks are not, nothing is committed.</summary>
    ChunkJobsWritten,

    /// <summary>Run, chunks and their jobs are written and not committed.</summary>
    ChunksWritten,

    /// <summary>The run is running.</summary>
    FannedOut,

    /// <summary>An attempt has its chunk.</summary>
    ChunkTaken,

    /// <summary>The first row of a chunk is read.</summary>
    ChunkHalfRead,

    /// <summary>The shard is made, and nothing of it is stored.</summary>
    ShardMade,

    /// <summary>In a folder: an object is written to disk and has no name yet.</summary>
    ObjectUnnamed,

    /// <summary>The shard is stored, and the ledger does not know.</summary>
    ShardStored,

    /// <summary>The chunk is settled and counted down, and not committed.</summary>
    ChunkCounted,

    /// <summary>The last chunk is settled and the manifest job written, and not committed.</summary>
    ManifestJobWritten,

    /// <summary>The chunk is settled, and its job is not.</summary>
    ChunkFinished,

    /// <summary>An attempt has the manifest.</summary>
    ManifestTaken,

    /// <summary>Every shard is proven.</summary>
    ShardsProven,

    /// <summary>The run is publishing.</summary>
    PublishingEntered,

    /// <summary>The manifest is stored.</summary>
    ManifestStored,

    /// <summary>In a folder: the new alias is written to disk and has not replaced the old one.</summary>
    AliasUnnamed,

    /// <summary>The alias is stored, and the ledger does not know.</summary>
    AliasStored,

    /// <summary>The run is published, and its mark is still in the store.</summary>
    RunPublished,

    /// <summary>Everything is done, and the manifest job does not know.</summary>
    MarkRemoved,
}
