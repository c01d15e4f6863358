namespace FacilityFeed.Domain.Ledger;

/// <summary>What is true of a chunk now. The names are stored, in lower case: never rename one.</summary>
public enum ChunkState
{
    /// <summary>Its job exists and no attempt has begun.</summary>
    Planned,

    /// <summary>An attempt works on it, or died doing so.</summary>
    Running,

    /// <summary>Its shard is stored and proven, or it has no records.</summary>
    Done,

    /// <summary>Its job is out of retries, met a permanent error or was deleted.</summary>
    Failed,
}
