namespace FacilityFeed.Tests.Faults;

/// <summary>How long a recovery may take, with the shipped times. Shortened times assert no time.</summary>
internal static class FaultLimits
{
    /// <summary>After a process was killed, told to stop or stopped.</summary>
    public static readonly TimeSpan Killed = TimeSpan.FromSeconds(75);

    /// <summary>After the return of a database, a store or a disk, however long it was away.</summary>
    public static readonly TimeSpan Away = TimeSpan.FromSeconds(60);

    /// <summary>After replies to COMMIT were lost.</summary>
    public static readonly TimeSpan RepliesLost = TimeSpan.FromSeconds(120);

    /// <summary>After a worker hung.</summary>
    public static readonly TimeSpan Hung = TimeSpan.FromMinutes(11);
}
