using System.Runtime.ExceptionServices;
using FacilityFeed.Domain;
using FacilityFeed.Scheduler.Scheduling;

namespace FacilityFeed.Scheduler.Watching;

/// <summary>
/// Registers schedules again that Hangfire has disabled, which it does after a few failures, that cannot be read, that never come due, or that are gone.
/// The times that they miss so are <see cref="OccurrenceRepair"/>'s.
/// </summary>
public sealed partial class ScheduleRepair(FeedSchedules schedules, RepairNotes notes, ILogger<ScheduleRepair> log) : IRepair
{
    // One that never comes due looks disabled for ever; it is registered once and left in peace.
    private readonly HashSet<string> _disabled = new(StringComparer.Ordinal);
    private readonly HashSet<string> _said = new(StringComparer.Ordinal);

    public string Subject => "the schedules";

    public Task RepairAsync(bool isWakening, CancellationToken cancellationToken)
    {
        ExceptionDispatchInfo? first = null;
        var broken = schedules.FindBroken();
        _disabled.IntersectWith(broken.Where(schedule => schedule.Why == FeedSchedules.Disabled).Select(schedule => schedule.Feed.Key));
        foreach (var (feed, why) in broken.Where(schedule => !_disabled.Contains(schedule.Feed.Key)))
        {
            try
            {
                schedules.Renew(feed, why);
                if (why == FeedSchedules.Disabled)
                {
                    _disabled.Add(feed.Key);
                }

                notes.Log($"the schedule of feed {feed.Key} {why}; it was registered again");
            }
            catch (Exception failure)
            {
                // One that cannot be registered does not keep the others away.
                first ??= ExceptionDispatchInfo.Capture(failure);
            }
        }

        SayUnreadable();
        first?.Throw();
        return Task.CompletedTask;
    }

    private void SayUnreadable()
    {
        var unreadable = schedules.FindUnreadable();
        _said.IntersectWith(unreadable.Select(entry => entry.Id));
        var news = unreadable.Where(entry => _said.Add(entry.Id)).ToLookup(entry => RecurringFields.IsZoneUnknownHere(entry.Why));
        Say([.. news[false]], LogUnreadable);
        Say([.. news[true]], LogZoneUnknown);
    }

    private static void Say(List<(string Id, string Why)> entries, Action<string, string, string> say)
    {
        if (entries is [var (id, why), .. var others])
        {
            say(ShownValue.Of(id, 60), why, others.Count == 0 ? "" : $" So it is with {others.Count} more.");
        }
    }

    [LoggerMessage(6013, LogLevel.Warning, "The recurring job '{Id}' {Why}. It is not run.{Others} No version of this program makes such an entry: look who may write to the state database, then delete it on the dashboard's page of recurring jobs")]
    private partial void LogUnreadable(string id, string why, string others);

    [LoggerMessage(6014, LogLevel.Warning, "The recurring job '{Id}' {Why}. It is not run from here, and left as it is for the service whose feed it is.{Others} If no service has a feed of that name, delete it on the dashboard's page of recurring jobs; if all time zones are unknown here, install their data (tzdata) or mend TZDIR")]
    private partial void LogZoneUnknown(string id, string why, string others);
}
