namespace FacilityFeed.Scheduler.Watching;

/// <summary>How often attempts say that they live, and after how much silence somebody else takes over.</summary>
public sealed record WatchTimes
{
    public static WatchTimes Shipped { get; } = new();

    /// <summary>Between two looks of the watcher.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>An attempt this long silent, by the database's clock, is given up. Several beats, so that one that is late ends nothing.</summary>
    public TimeSpan Silence { get; init; } = TimeSpan.FromSeconds(45);

    /// <summary>
    /// A job that has left its queue begins within a second. Not begun for this long, its worker died in between, or never heard that it has it; on a busy
    /// machine it may only be slow, and then does nothing when it comes, for another has its work.
    /// </summary>
    public TimeSpan Start { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Between two signs of life of an attempt.</summary>
    public TimeSpan Beat { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Between two looks at a feed's alias, which asks the store.</summary>
    public TimeSpan AliasInterval { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>An attempt in which nothing moves for this long is hung, unless it has said what it waits for (<see cref="Domain.Exporting.Headway"/>).</summary>
    public TimeSpan Stall { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>How much longer than it may last a wait is let be: what is told to end gets its time to.</summary>
    public TimeSpan Margin { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long Hangfire leaves a fetched job alone whose process says nothing: for a database fail-over, but not for ever.</summary>
    public TimeSpan Invisibility { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>How long one of Hangfire's lock rows counts. One left by a killed process stops retries and schedules for that long.</summary>
    public TimeSpan LockLease { get; init; } = TimeSpan.FromMinutes(1);
}
