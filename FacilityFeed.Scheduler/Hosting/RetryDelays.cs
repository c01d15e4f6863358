namespace FacilityFeed.Scheduler.Hosting;

/// <summary>Seconds before the first retry of a job, the second, and so on.</summary>
public sealed record RetryDelays(IReadOnlyList<int> Seconds)
{
    public static RetryDelays Shipped { get; } = new([10, 30, 120, 600, 1800]);
}
