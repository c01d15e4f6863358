using FacilityFeed.Domain.Feeds;
using FacilityFeed.Infrastructure.Feeds;
using FacilityFeed.Scheduler.Hosting;
using Hangfire;
using Hangfire.Common;
using Hangfire.Storage;

namespace FacilityFeed.Scheduler.Scheduling;

/// <summary>Keeps one recurring job per configured feed, and none of feeds that are gone.</summary>
public sealed partial class FeedSchedules(FeedCatalog feeds, IRecurringJobManagerV2 recurring, RecurringEntries entries, JobStorage storage, LivingServers living, TimeProvider time, ILogger<FeedSchedules> log)
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(15);

    /// <summary>Registers all schedules. Safe to repeat: an unchanged schedule keeps its next time.</summary>
    public void Register()
    {
        foreach (var feed in feeds.All)
        {
            Register(feed);
        }

        RemoveOthers();
    }

    /// <summary>Registers one feed's schedule.</summary>
    public void Register(FeedDefinition feed)
    {
        var job = Job.FromExpression<TriggerJob>(trigger => trigger.RunAsync(feed.Key, null!, CancellationToken.None), feed.CoordinationQueue);
        recurring.AddOrUpdate(feed.RecurringJobId, job, feed.Cron, new RecurringJobOptions { TimeZone = feed.TimeZone });
    }

    /// <summary>
    /// Registers one feed's schedule anew, and writes into the entry that it was, for a person who deleted it would not know.
    /// Hangfire leaves one that it has disabled as it is when it is only registered again.
    /// </summary>
    public void Renew(FeedDefinition feed, string why)
    {
        recurring.RemoveIfExists(feed.RecurringJobId);
        Register(feed);
        var renewal = new Renewal(time.GetUtcNow().UtcDateTime, why).ToString();
        entries.Set(feed.RecurringJobId, Renewal.Field, _patience, (_, _) => renewal);
    }

    /// <summary>The feeds whose schedules are gone or disabled, each with what is wrong.</summary>
    public IReadOnlyList<(FeedDefinition Feed, string Why)> FindBroken()
    {
        using var connection = storage.GetConnection();
        var known = connection.GetRecurringJobs().Where(job => !job.Removed).ToDictionary(job => job.Id, StringComparer.Ordinal);
        return [.. feeds.All.Select(feed => (feed, Judge(known.GetValueOrDefault(feed.RecurringJobId)))).Where(judged => judged.Item2 is not null)!];
    }

    private static string? Judge(RecurringJobDto? job) => job switch
    {
        null => Renewal.Deleted,
        // Its first line: the others are a stack.
        { Error: { } error } => $"had failed ({error.Split('\n', 2)[0].Trim()})",
        { NextExecution: null } => "was disabled",
        _ => null,
    };

    private void RemoveOthers()
    {
        using var connection = storage.GetConnection();
        var known = feeds.All.Select(feed => feed.RecurringJobId).ToHashSet(StringComparer.Ordinal);
        var served = living.Queues();
        foreach (var stale in connection.GetRecurringJobs().Where(job => !known.Contains(job.Id) && job.Job?.Type == typeof(TriggerJob)))
        {
            // Another service on this state may have feeds that this one does not: their schedules are not ours to remove.
            if (served.Overlaps([FeedDefinition.QueueOf(stale.Id), .. FeedDefinition.EarlierQueuesOf(stale.Id)]))
            {
                LogKept(stale.Id);
            }
            else
            {
                recurring.RemoveIfExists(stale.Id);
                LogRemoved(stale.Id);
            }
        }
    }

    [LoggerMessage(1006, LogLevel.Warning, "The schedule of feed {Feed} was removed: no feed of that key is configured, and nobody else works on it")]
    private partial void LogRemoved(string feed);

    [LoggerMessage(1007, LogLevel.Warning, "The schedule of feed {Feed} was kept: it is not configured here, but another service works on it")]
    private partial void LogKept(string feed);
}
