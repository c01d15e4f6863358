using FacilityFeed.Domain.Feeds;
using FacilityFeed.Infrastructure.Feeds;
using FacilityFeed.Infrastructure.Ledger;
using FacilityFeed.Infrastructure.Ledger.Schedules;
using FacilityFeed.Scheduler.Hosting;
using FacilityFeed.Scheduler.Jobs;
using Hangfire;
using Hangfire.Common;
using Hangfire.Storage;

namespace FacilityFeed.Scheduler.Scheduling;

/// <summary>Keeps one recurring job per configured feed. Those of other feeds stay until a person has them forgotten.</summary>
public sealed partial class FeedSchedules(FeedCatalog feeds, IRecurringJobManagerV2 recurring, RecurringEntries entries, FeedOccurrences occurrences, ScheduleLedger schedules, JobStorage storage, LivingServers living, WatchLedger ledger, TimeProvider time, ILogger<FeedSchedules> log)
{
    /// <summary>What is wrong with a schedule that has no next time.</summary>
    public const string Disabled = "was disabled";

    private const string OfEarlierBuild = "was registered by an earlier build, in a queue of its own";

    private const string OutOfOrder = "was not going to come due at its next time";
    private const string Other = "had another cron or time zone than was registered last";

    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(15);

    /// <summary>Registers all schedules. Safe to repeat: an unchanged schedule keeps its next time.</summary>
    public void Register()
    {
        foreach (var feed in feeds.All)
        {
            Register(feed);
        }

        SayOthers();
    }

    /// <summary>Registers one feed's schedule: in the ledger first, so that no time comes due that it does not know.</summary>
    public void Register(FeedDefinition feed)
    {
        WriteDown(feed);
        Put(feed, feed.Cron, feed.TimeZone);
    }

    /// <summary>Registers one feed's schedule in the ledger alone.</summary>
    public void WriteDown(FeedDefinition feed)
    {
        if (occurrences.Register(feed, () => BeginningOf(feed)) is { } before)
        {
            SayChanged(feed, before);
        }
    }

    /// <summary>
    /// Registers one feed's schedule anew as it was registered last, and writes into the entry that it was, for a person who deleted it would not know.
    /// Hangfire leaves one that it has disabled as it is when it is only registered again. A time that it forgets so is the ledger's.
    /// </summary>
    public void Renew(FeedDefinition feed, string why)
    {
        if (why == OutOfOrder)
        {
            // Its fields are whole, and so is its next time: also one that was missed meanwhile.
            entries.PutInOrder(feed.RecurringJobId, _patience);
        }
        else if (why == OfEarlierBuild)
        {
            // Either build would take its triggers, and only this one may begin the runs. It keeps its next time.
            PutAsRegistered(feed);
            return;
        }
        else
        {
            if (why != Other)
            {
                recurring.RemoveIfExists(feed.RecurringJobId);
            }

            PutAsRegistered(feed);
        }

        var renewal = new Renewal(time.GetUtcNow().UtcDateTime, why).ToString();
        entries.Set(feed.RecurringJobId, Renewal.Field, _patience, (_, _) => renewal);
    }

    /// <summary>
    /// The feeds whose schedules are gone, disabled, another's or never come due, each with what is wrong. One that failed is none of them while Hangfire
    /// will try it again.
    /// </summary>
    public IReadOnlyList<(FeedDefinition Feed, string Why)> FindBroken()
    {
        // Before the entries: one that goes on meanwhile is then only ever ahead of its score.
        var scores = ledger.ListDueScores([.. feeds.All.Select(feed => feed.RecurringJobId)]);
        using var connection = storage.GetConnection();
        var known = connection.GetRecurringJobs().Where(job => !job.Removed).ToDictionary(job => job.Id, StringComparer.Ordinal);
        return [.. feeds.All.Select(feed => (feed, Judge(known.GetValueOrDefault(feed.RecurringJobId), scores, schedules.Find(feed.Key)))).Where(judged => judged.Item2 is not null)!];
    }

    /// <summary>
    /// The recurring jobs that are of no feed of this service and cannot be read, each with the reason, of which <see cref="RecurringFields.IsZoneUnknownHere"/>
    /// is one. Hangfire is kept from them.
    /// </summary>
    public IReadOnlyList<(string Id, string Why)> FindUnreadable()
    {
        using var connection = storage.GetConnection();
        var known = feeds.All.Select(feed => feed.RecurringJobId).ToHashSet(StringComparer.Ordinal);
        return [.. connection.GetRecurringJobs().Where(job => !known.Contains(job.Id) && IsUnreadable(job)).Select(job => (job.Id, FirstLine(job.Error)))];
    }

    private static bool IsUnreadable(RecurringJobDto job) => job.Error?.StartsWith(RecurringFields.Unreadable, StringComparison.Ordinal) == true;

    private static string? Judge(RecurringJobDto? job, IReadOnlyDictionary<string, double> scores, StoredSchedule? schedule) => job switch
    {
        null => Renewal.Deleted,
        _ when IsUnreadable(job) => FirstLine(job.Error),
        // Of a lower protocol alone: two builds would take it from each other for ever.
        { Job.Queue: { } queue } when queue == FeedQueues.EarlierCoordination(job.Id) => OfEarlierBuild,
        { NextExecution: null, Error: { } error } => $"{Disabled} ({FirstLine(error)})",
        { NextExecution: null } => Disabled,
        _ when schedule?.DueTimes is not null && !(Same(job.Cron, schedule.Cron) && Same(job.TimeZoneId, schedule.Zone)) => Other,
        { NextExecution: { } next } when scores.TryGetValue(job.Id, out var score) && !IsInOrder(score, next) => OutOfOrder,
        _ => null,
    };

    // Hangfire asks for those from zero to now. A number that is none is neither.
    private static bool IsInOrder(double score, DateTime next) => score >= 0 && score <= JobHelper.ToTimestamp(next) + 60;

    // The others are a stack.
    private static string FirstLine(string error) => error.Split('\n', 2)[0].Trim();

    private static bool Same(string? one, string other) => other.Equals(one, StringComparison.OrdinalIgnoreCase);

    private void Put(FeedDefinition feed, string cron, TimeZoneInfo zone)
    {
        var job = Job.FromExpression<TriggerJob>(trigger => trigger.RunAsync(feed.Key, null!, CancellationToken.None), FeedQueues.Coordination(feed.Key));
        recurring.AddOrUpdate(feed.RecurringJobId, job, cron, new RecurringJobOptions { TimeZone = zone });
    }

    // Where two services differ, the last registration counts: a repair is none.
    private void PutAsRegistered(FeedDefinition feed)
    {
        if (schedules.Find(feed.Key) is { DueTimes: not null } schedule)
        {
            Put(feed, schedule.Cron, TimeZoneInfo.FindSystemTimeZoneById(schedule.Zone));
        }
        else
        {
            Register(feed);
        }
    }

    /// <summary>From when the times of a schedule count that the ledger does not know: an entry of an earlier version goes on where it was, as it would by Hangfire.</summary>
    private DateTime BeginningOf(FeedDefinition feed)
    {
        var now = time.GetUtcNow().UtcDateTime;
        var entry = entries.Read(feed.RecurringJobId);
        if (Same(entry?.GetValueOrDefault("Cron"), feed.Cron) && Same(entry?.GetValueOrDefault("TimeZoneId"), feed.TimeZone.Id))
        {
            var last = entry?.GetValueOrDefault(RecurringEntries.LastExecutionField);
            var from = string.IsNullOrEmpty(last) ? entry?.GetValueOrDefault("CreatedAt") : last;
            if (!string.IsNullOrEmpty(from) && JobHelper.DeserializeDateTime(from) is var known && known < now)
            {
                return string.IsNullOrEmpty(last) ? known.AddSeconds(-1) : known;
            }
        }

        return now.AddSeconds(-1);
    }

    private void SayChanged(FeedDefinition feed, StoredSchedule before)
    {
        if (IsServed(feed.Key))
        {
            LogDiffers(feed.Key, before.Cron, before.Zone, feed.Cron, feed.TimeZone.Id);
        }
        else
        {
            LogChanged(feed.Key, before.Cron, before.Zone, feed.Cron, feed.TimeZone.Id);
        }
    }

    private bool IsServed(string feed) => living.Queues().Overlaps(FeedQueues.All(feed));

    // Another service on this state may have feeds that this one does not, and may be down at this moment: their schedules are not ours to remove.
    private void SayOthers()
    {
        using var connection = storage.GetConnection();
        var known = feeds.All.Select(feed => feed.RecurringJobId).ToHashSet(StringComparer.Ordinal);
        foreach (var other in connection.GetRecurringJobs().Where(job => !known.Contains(job.Id) && job.Job?.Type == typeof(TriggerJob)))
        {
            if (IsServed(other.Id))
            {
                LogKept(other.Id);
            }
            else
            {
                LogOrphan(other.Id);
            }
        }
    }

    [LoggerMessage(1006, LogLevel.Warning, "The schedule of feed {Feed} was kept, though it is not configured here and nobody works on it at this moment. If it is gone for good: ./run forget {Feed}")]
    private partial void LogOrphan(string feed);

    [LoggerMessage(1007, LogLevel.Warning, "The schedule of feed {Feed} was kept: it is not configured here, but another service works on it")]
    private partial void LogKept(string feed);

    [LoggerMessage(1012, LogLevel.Warning, "The schedule of feed {Feed} was '{Before}' ({ZoneBefore}), and is '{Cron}' ({Zone}) from now on. Its times that were open end as 'schedule changed'")]
    private partial void LogChanged(string feed, string before, string zoneBefore, string cron, string zone);

    [LoggerMessage(1013, LogLevel.Warning, "The schedule of feed {Feed} was '{Before}' ({ZoneBefore}), and is '{Cron}' ({Zone}) from now on, for the last registration counts; but another service works on the feed, or did a moment ago. If it is configured otherwise, give both the same Cron and TimeZone")]
    private partial void LogDiffers(string feed, string before, string zoneBefore, string cron, string zone);
}
