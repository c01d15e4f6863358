namespace FacilityFeed.Scheduler.Watching;

/// <summary>How often attempts say that they live, and after how much silence somebody else takes over.</summary>
public sealed record WatchTimes
{
    public static WatchTimes Shipped { get; } = new();

    /// <summary>Between two looks of the watcher.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>An attempt this long silent, by the database's clock, is given up. Several beats, so that one that is late ends nothing.</summary>
    public TimeSpan Silence { get; init; } = TimeSpan.FromSeconds(45);

    /// <summary>Between two signs of life of an attempt.</summary>
    public TimeSpan Beat { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Between two looks at a feed's alias, which asks the store.</summary>
    public TimeSpan AliasInterval { get; init; } = TimeSpan.FromMinutes(1);
}
