namespace FacilityFeed.Domain.Publishing;

/// <summary>
/// The limits of one feed's guard. A value at its limit passes. Drop, growth and the baseline speak of records; a limit that is null is off.
/// </summary>
public sealed record GuardRules
{
    /// <summary>Fewest records.</summary>
    public long MinRecords { get; init; } = 1;

    /// <summary>Largest drop against the last published run, in percent of its records.</summary>
    public decimal? MaxDropPercent { get; init; } = 20;

    /// <summary>Largest drop against the last published run, in records.</summary>
    public long? MaxDropCount { get; init; }

    /// <summary>Most times the records of the last published run.</summary>
    public decimal? MaxGrowthFactor { get; init; } = 5;

    /// <summary>Below so many records in the last published run, drop and growth are not judged; below so many planned rows, drift is not.</summary>
    public long SmallFeed { get; init; } = 20;

    /// <summary>Most rejected records, in percent of the rows read.</summary>
    public decimal? MaxRejectPercent { get; init; } = 10;

    /// <summary>Most rows that came or went between plan and reading, in percent of the planned rows.</summary>
    public decimal? MaxDriftPercent { get; init; } = 10;

    /// <summary>
    /// Largest shard as stored, in bytes. The partner takes files under 200 MB after compression:
    /// https://developers.google.com/actions-center/verticals/events/reference/tutorials/sharding
    /// </summary>
    public long MaxShardBytes { get; init; } = 199_999_999;

    /// <summary>Largest shard before compression, in bytes; the partner takes at most 2 GB.</summary>
    public long MaxShardJsonBytes { get; init; } = 2_000_000_000;

    /// <summary>More shards than this are warned of: the partner wants to be asked first.</summary>
    public int WarnShards { get; init; } = 20;

    /// <summary>Most shards.</summary>
    public int MaxShards { get; init; } = 1000;
}
