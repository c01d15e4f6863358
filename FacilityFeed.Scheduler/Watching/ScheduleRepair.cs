using FacilityFeed.Scheduler.Scheduling;

namespace FacilityFeed.Scheduler.Watching;

/// <summary>Registers schedules again that Hangfire has disabled, which it does after a few failures, or that are gone.</summary>
public sealed class ScheduleRepair(FeedSchedules schedules, RepairNotes notes) : IRepair
{
    // One that never comes due looks disabled for ever; it is registered once and left in peace.
    private readonly HashSet<string> _tried = new(StringComparer.Ordinal);

    public string Subject => "the schedules";

    public Task RepairAsync(bool isWakening, CancellationToken cancellationToken)
    {
        var broken = schedules.FindBroken();
        _tried.IntersectWith(broken.Select(schedule => schedule.Feed.Key));
        foreach (var (feed, why) in broken.Where(schedule => _tried.Add(schedule.Feed.Key)))
        {
            schedules.Renew(feed, why);
            notes.Log($"the schedule of feed {feed.Key} {why}; it was registered again");
        }

        return Task.CompletedTask;
    }
}
