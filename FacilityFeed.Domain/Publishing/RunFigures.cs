namespace FacilityFeed.Domain.Publishing;

/// <summary>What the guard judges a finished run by.</summary>
public sealed record RunFigures
{
    /// <summary>Rows when the run was planned.</summary>
    public required long PlannedRows { get; init; }

    /// <summary>Rows read.</summary>
    public required long RowsRead { get; init; }

    /// <summary>Records written.</summary>
    public required long Records { get; init; }

    /// <summary>Records rejected.</summary>
    public required long Rejected { get; init; }

    /// <summary>Shards made.</summary>
    public required int Shards { get; init; }

    /// <summary>Bytes of the largest shard as it is stored.</summary>
    public required long LargestShard { get; init; }

    /// <summary>Bytes of the largest shard before compression.</summary>
    public required long LargestJson { get; init; }

    /// <summary>Records of the last published feed; null when there is none.</summary>
    public required long? Before { get; init; }
}
