using System.Runtime.ExceptionServices;
using FacilityFeed.Domain;
using FacilityFeed.Domain.Feeds;
using FacilityFeed.Infrastructure.Feeds;
using FacilityFeed.Infrastructure.Ledger;
using FacilityFeed.Infrastructure.Ledger.Schedules;
using FacilityFeed.Scheduler.Scheduling;

namespace FacilityFeed.Scheduler.Watching;

/// <summary>
/// Makes a time of a schedule late that led to no trigger: Hangfire was disabled, could not write its job, was down, or its job was lost. Of several
/// only the last one; a time that met a paused feed never.
/// </summary>
public sealed partial class OccurrenceRepair(FeedCatalog feeds, ScheduleLedger ledger, FeedOccurrences occurrences, FeedLedger feedLedger, RunTrigger trigger, FeedSchedules schedules, RepairNotes notes, ILogger<OccurrenceRepair> log) : IRepair
{
    private readonly HashSet<(string, string, string)> _said = [];

    public string Subject => "the times of the schedules";

    public async Task RepairAsync(bool isWakening, CancellationToken cancellationToken)
    {
        ExceptionDispatchInfo? first = null;
        var newer = (await feedLedger.ListNewerAsync(feeds.All.Select(feed => feed.Key), cancellationToken)).Select(feed => feed.Feed).ToHashSet(StringComparer.Ordinal);
        // A run of a later build's feed is that build's to begin.
        foreach (var feed in feeds.All.Where(feed => !newer.Contains(feed.Key)))
        {
            try
            {
                cancellationToken.ThrowIfCancellationRequested();
                await RepairAsync(feed);
            }
            catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
            {
                // One feed's trouble does not keep the others' times away.
                first ??= ExceptionDispatchInfo.Capture(failure);
            }
        }

        first?.Throw();
    }

    private async Task RepairAsync(FeedDefinition feed)
    {
        if (ledger.Find(feed.Key) is not { } schedule)
        {
            // Hangfire's entry may be another build's, and is looked after by itself.
            schedules.WriteDown(feed);
            return;
        }

        if (!schedule.IsThatOf(feed) && _said.Add((feed.Key, schedule.Cron, schedule.Zone)))
        {
            LogDiffers(feed.Key, schedule.Cron, schedule.Zone, feed.Cron, feed.TimeZone.Id);
        }

        if (occurrences.FindOverdue(schedule) is not { } due)
        {
            return;
        }

        var paused = await feedLedger.FindPauseAsync(feed.Key);
        if (occurrences.IsLast(feed.Key, due))
        {
            if (due <= paused)
            {
                // It came before the pause, and is made when that is over.
                return;
            }

            if (paused is null && !occurrences.IsPassed(schedule, due))
            {
                await MakeAsync(feed, due);
            }
        }

        if (paused is { } from && schedule.DueTimes!.Newest(schedule.SettledTo, from) is { } before)
        {
            Settle(feed, before, Occurrence.Missed);
        }

        Settle(feed, due, paused is not null ? Occurrence.Paused : Occurrence.Missed);
    }

    private void Settle(FeedDefinition feed, DateTime due, string reason)
    {
        if (occurrences.Settle(feed.Key, due, reason) is > 0 and var open)
        {
            notes.Log($"feed {feed.Key}: {Counted.Of(open, "time")} of its schedule up to {Occurrence.Text(due)} started no run and {(reason == Occurrence.Paused ? "met a paused feed" : "was missed; a later one counts")}");
        }
    }

    private async Task MakeAsync(FeedDefinition feed, DateTime due)
    {
        var triggered = await trigger.TriggerAsync(feed, FeedOccurrences.KeyOf(feed.Key, due), TriggerOrigins.Late, joinsActive: false, due);
        var what = $"the time {Occurrence.Text(due)} of the schedule was missed";
        switch (triggered.Kind)
        {
            case TriggerKind.Begun:
                await notes.AddAsync(triggered.RunId, $"{what}; this run is made late");
                notes.Log($"feed {feed.Key}: {what}; run {triggered.RunId} is made late");
                break;
            case TriggerKind.Queued:
                notes.Log($"feed {feed.Key}: {what}; it waits for the end of run {triggered.RunId}");
                break;
            case TriggerKind.Skipped:
                notes.Log($"feed {feed.Key}: {what}, and run {triggered.RunId} is skipped, for another one is active");
                break;
        }
    }

    [LoggerMessage(6015, LogLevel.Warning, "Feed {Feed}: another service registered the schedule '{Cron}' ({Zone}), which counts, for the last registration does; here it is '{CronHere}' ({ZoneHere}). Give both the same Cron and TimeZone")]
    private partial void LogDiffers(string feed, string cron, string zone, string cronHere, string zoneHere);
}
