namespace FacilityFeed.Tests.Faults.Lab;

/// <summary>What a fault needs around it.</summary>
internal sealed record LabPlan
{
    /// <summary>Rows in the source when the run begins; every fifteenth of them is deleted while it runs.</summary>
    public int Rows { get; init; } = 400;

    public int ChunkSize { get; init; } = 10;

    /// <summary>Random hexadecimal digits in each name, so that shards become large and stay large.</summary>
    public int NameBytes { get; init; }

    /// <summary>Whether the source is a server of its own, which may be stopped.</summary>
    public bool HasOwnSource { get; init; }

    /// <summary>Whether the state database has a standby, which may be promoted in its place.</summary>
    public bool HasStandby { get; init; }

    /// <summary>Whether the source is a MariaDB of its own, which may be stopped.</summary>
    public bool HasMariaDb { get; init; }

    /// <summary>Whether the feed goes to S3, through a gateway that may misbehave.</summary>
    public bool IsOnS3 { get; init; }

    /// <summary>Whether answers of the state database may get lost on the way, or be long under way.</summary>
    public bool LosesReplies { get; init; }

    /// <summary>Size of a file system of its own for the spool, in KiB; 0: none.</summary>
    public int SpoolKiB { get; init; }

    /// <summary>Size of a file system of its own for the store, in KiB; 0: none.</summary>
    public int StoreKiB { get; init; }

    /// <summary>Further settings of every service.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();
}
