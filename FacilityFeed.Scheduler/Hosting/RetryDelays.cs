namespace FacilityFeed.Scheduler.Hosting;

/// <summary>When a job that failed is tried again, and for how long.</summary>
/// <param name="Seconds">Before the first retry, the second, and so on; the last one also before all that follow.</param>
/// <param name="Retries">Most tries after the first one.</param>
/// <param name="Patience">After this long since its first failure a job that has had <see cref="LeastRetries"/> is given up, however many are left: attempts may be long. Null: only their number counts.</param>
public sealed record RetryDelays(IReadOnlyList<int> Seconds, int Retries = RetryDelays.LeastRetries, TimeSpan? Patience = null)
{
    /// <summary>Tries after the first one that every job has, however long they take.</summary>
    public const int LeastRetries = 5;

    /// <summary>
    /// Never further apart than half a minute: when what was away is back, no job waits longer than that. 10 s + 30 s + 84 times 30 s are 43 minutes.
    /// </summary>
    public static RetryDelays Shipped { get; } = new([10, 30], 86, TimeSpan.FromMinutes(43));
}
