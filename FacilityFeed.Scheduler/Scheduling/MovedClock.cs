namespace FacilityFeed.Scheduler.Scheduling;

/// <summary>The database's clock beside a process's own that somebody moves.</summary>
internal static class MovedClock
{
    /// <summary>A moment of the database's clock, moved as this process's clock was: not at all, unless a test moves it.</summary>
    public static DateTime MovedBy(this TimeProvider time, DateTime readAt) => time == TimeProvider.System ? readAt : readAt + (time.GetUtcNow() - TimeProvider.System.GetUtcNow());
}
