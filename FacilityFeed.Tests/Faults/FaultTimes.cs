using FacilityFeed.Scheduler.Hosting;
using FacilityFeed.Scheduler.Watching;

namespace FacilityFeed.Tests.Faults;

/// <summary>How long everything takes until something gives up: as shipped, or shortened so that each fault can be had in seconds.</summary>
/// <param name="Name">Given to the service's process, which looks it up here.</param>
/// <param name="Watch">The service's times.</param>
/// <param name="Retries">Between a job's tries.</param>
/// <param name="ShortOutage">How long a server is away.</param>
/// <param name="LongOutage">How long it is away when it stays away.</param>
/// <param name="Everything">Until nobody counts a silent process any more: neither the watcher, nor Hangfire's queues and locks, nor its list of servers.</param>
/// <param name="Patience">How long the test waits for anything.</param>
internal sealed record FaultTimes(string Name, WatchTimes Watch, RetryDelays Retries, TimeSpan ShortOutage, TimeSpan LongOutage, TimeSpan Everything, TimeSpan Patience)
{
    /// <summary>How long a server is away that somebody has to be woken for.</summary>
    public TimeSpan VeryLongOutage { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long others hold all of a server's connections.</summary>
    public TimeSpan Crowd { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long a fail-over leaves the database that is asked read-only.</summary>
    public TimeSpan FailOver { get; init; } = TimeSpan.FromSeconds(12);

    /// <summary>Between two times that sessions are ended: this, and up to four times as much.</summary>
    public TimeSpan Peace { get; init; } = TimeSpan.FromSeconds(5);

    public static FaultTimes Shipped { get; } = new("shipped", WatchTimes.Shipped, RetryDelays.Shipped, TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(90), TimeSpan.FromSeconds(190), TimeSpan.FromMinutes(30));

    public static FaultTimes Shortened { get; } = new("shortened", new WatchTimes
    {
        Interval = TimeSpan.FromSeconds(1),
        Silence = TimeSpan.FromSeconds(5),
        Start = TimeSpan.FromSeconds(5),
        Beat = TimeSpan.FromSeconds(1),
        AliasInterval = TimeSpan.FromSeconds(3),
        Stall = TimeSpan.FromSeconds(10),
        Invisibility = TimeSpan.FromSeconds(15),
        LockLease = TimeSpan.FromSeconds(10),
    }, new RetryDelays([1, 2, 3], 60, TimeSpan.FromMinutes(2)), TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(15), TimeSpan.FromSeconds(16), TimeSpan.FromMinutes(3))
    {
        VeryLongOutage = TimeSpan.FromSeconds(30),
        Crowd = TimeSpan.FromSeconds(10),
        FailOver = TimeSpan.FromSeconds(5),
        Peace = TimeSpan.FromSeconds(1),
    };

    public static FaultTimes Named(string name) => new[] { Shipped, Shortened }.Single(times => times.Name == name);
}
