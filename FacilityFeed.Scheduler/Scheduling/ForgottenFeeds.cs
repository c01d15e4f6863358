using FacilityFeed.Domain;
using FacilityFeed.Infrastructure.Feeds;
using FacilityFeed.Infrastructure.Ledger.Schedules;
using FacilityFeed.Scheduler.Hosting;
using FacilityFeed.Scheduler.Jobs;
using FacilityFeed.Scheduler.Operating;
using Hangfire;
using Hangfire.Storage;

namespace FacilityFeed.Scheduler.Scheduling;

/// <summary>Removes the schedule of a feed that is gone for good, which only a person knows: another service may be down, and come back.</summary>
public sealed class ForgottenFeeds(FeedCatalog feeds, FeedOccurrences occurrences, ScheduleLedger ledger, IRecurringJobManagerV2 recurring, JobStorage storage, LivingServers living)
{
    /// <summary>Forgets the schedule of a feed that nobody has. Its runs stay in the ledger.</summary>
    public ControlResult Forget(string feed)
    {
        if (feeds.All.Any(known => known.Key == feed))
        {
            return ControlResult.Refused($"feed {feed} is configured here, and would be registered again at the next start. Take Feeds:{feed} out of the settings or set Feeds:{feed}:Enabled=false, restart the service, then forget it");
        }

        if (ServedQueue(feed) is { } queue)
        {
            return ControlResult.Refused($"another service works on feed {feed} ({living.Describe(queue)}). Stop it or take the feed out of its settings, then forget it");
        }

        if (!HasEntry(feed) && ledger.Find(feed) is null)
        {
            return ControlResult.Refused($"there is no schedule of a feed {GivenText.Quoted(feed)}: the dashboard's page of recurring jobs shows them all");
        }

        // The entry last: forgotten by half, the feed can be forgotten again.
        var forgotten = occurrences.Forget(feed);
        recurring.RemoveIfExists(feed);
        return ControlResult.Done($"feed {feed} is forgotten: its schedule is removed{(forgotten is { Open: > 0 and var open } ? $", and {Counted.Of(open, "time")} of it that had started no run will start none" : "")}"
            + $"{(forgotten is { HasWaited: true } ? "; the run that waited for the end of the active one is not made" : "")}. Its runs stay in the ledger");
    }

    private string? ServedQueue(string feed)
    {
        var served = living.Queues();
        return FeedQueues.All(feed).FirstOrDefault(served.Contains);
    }

    private bool HasEntry(string feed)
    {
        using var connection = storage.GetConnection();
        return connection.GetRecurringJobs([feed]).Any(job => !job.Removed && job.Job?.Type == typeof(TriggerJob));
    }
}
