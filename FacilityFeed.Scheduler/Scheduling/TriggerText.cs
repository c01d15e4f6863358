using FacilityFeed.Infrastructure.Ledger.Schedules;

namespace FacilityFeed.Scheduler.Scheduling;

/// <summary>What a trigger led to, in the words of its job's page.</summary>
internal static class TriggerText
{
    /// <param name="feed">The feed.</param>
    /// <param name="triggered">What it led to.</param>
    /// <param name="due">The time of the schedule that the trigger belongs to; null: none.</param>
    public static string Of(string feed, Triggered triggered, DateTime? due = null) => triggered.Kind switch
    {
        TriggerKind.Skipped => $"run {triggered.RunId} skipped: another run of the feed is active",
        TriggerKind.Paused => $"run {triggered.RunId} skipped: the feed is paused; ./run resume {feed} lets runs start again",
        TriggerKind.Queued => $"waits for the end of run {triggered.RunId}, then starts a run",
        TriggerKind.Taken => $"starts no run: its time {Occurrence.Text(due!.Value)} {triggered.Taken!.Outcome}",
        _ => Of(triggered.RunId),
    };

    public static string Of(long runId) => $"run {runId}";
}
