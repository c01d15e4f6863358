namespace FacilityFeed.Domain.Writing;

/// <summary>How a shard is compressed.</summary>
public enum Compression
{
    /// <summary>Each shard is one gzip member; its name ends in <c>.json.gz</c>.</summary>
    Gzip,

    /// <summary>Plain JSON; the name ends in <c>.json</c>.</summary>
    None,
}
