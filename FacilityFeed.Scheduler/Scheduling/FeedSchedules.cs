using FacilityFeed.Infrastructure.Feeds;
using FacilityFeed.Scheduler.Hosting;
using Hangfire;
using Hangfire.Common;
using Hangfire.Storage;

namespace FacilityFeed.Scheduler.Scheduling;

/// <summary>Keeps one recurring job per configured feed, and none of feeds that are gone.</summary>
public sealed class FeedSchedules(FeedCatalog feeds, IRecurringJobManagerV2 recurring, JobStorage storage)
{
    /// <summary>Registers all schedules. Safe to repeat: an unchanged schedule keeps its next time.</summary>
    public void Register()
    {
        foreach (var feed in feeds.All)
        {
            var job = Job.FromExpression<TriggerJob>(trigger => trigger.RunAsync(feed.Key, null!, CancellationToken.None), FeedJobs.CoordinationQueue);
            recurring.AddOrUpdate(feed.RecurringJobId, job, feed.Cron, new RecurringJobOptions { TimeZone = feed.TimeZone });
        }

        RemoveOthers();
    }

    private void RemoveOthers()
    {
        using var connection = storage.GetConnection();
        var known = feeds.All.Select(feed => feed.RecurringJobId).ToHashSet(StringComparer.Ordinal);
        foreach (var stale in connection.GetRecurringJobs().Where(job => !known.Contains(job.Id) && job.Job?.Type == typeof(TriggerJob)))
        {
            recurring.RemoveIfExists(stale.Id);
        }
    }
}
