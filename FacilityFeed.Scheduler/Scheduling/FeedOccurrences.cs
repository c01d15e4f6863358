using System.Globalization;
using FacilityFeed.Domain.Feeds;
using FacilityFeed.Infrastructure.Ledger;
using FacilityFeed.Infrastructure.Ledger.Schedules;

namespace FacilityFeed.Scheduler.Scheduling;

/// <summary>
/// Which due time a trigger belongs to, and which due times are still open, by the ledger's schedule and this process's clock. Hangfire says neither: it
/// makes one trigger of several times that were missed, and tells it the present moment.
/// </summary>
public sealed class FeedOccurrences(ScheduleLedger ledger, TimeProvider time)
{
    /// <summary>So long after its due time Hangfire is left alone with a trigger, which it tries every 5 seconds; then the trigger is late.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(60);

    /// <summary>Before a schedule's beginning it is asked no further back; a 29th of February on a Monday comes every 28 years, and once after 40.</summary>
    private const int MostYears = 50;

    /// <summary>
    /// By this process's clock, unless that is ahead of the database's: a machine that was a day ahead for a moment would settle a day of times that have not
    /// come, and they would be nobody's when they do.
    /// </summary>
    /// <param name="readAt">The database's clock a moment ago.</param>
    private DateTime Now(DateTime readAt)
    {
        var (now, known) = (time.GetUtcNow().UtcDateTime, time.MovedBy(readAt));
        return now > known + Grace ? known : now;
    }

    /// <summary>Writes a feed's schedule down as it is configured. One that was another until now ends with all of its times.</summary>
    /// <param name="feed">The feed.</param>
    /// <param name="firstSince">From when the times of a schedule count that was never written down, UTC.</param>
    /// <returns>The one whose place it took; null: none.</returns>
    public StoredSchedule? Register(FeedDefinition feed, Func<DateTime> firstSince)
    {
        using var transaction = LedgerTransaction.Begin();
        StoredSchedule? before = null;
        if (ledger.Find(feed.Key) is not null || !TryAdd(feed, firstSince()))
        {
            before = ledger.Lock(feed.Key);
            if (before?.IsThatOf(feed) != false)
            {
                return null;
            }

            var now = Now(before.ReadAt);
            CloseOpen(before, before.SettledTo, now, Occurrence.ScheduleChanged);
            ledger.Change(feed, now);
        }

        transaction.Complete();
        return before;
    }

    private bool TryAdd(FeedDefinition feed, DateTime since)
    {
        var now = Now(ledger.ReadClock());
        return ledger.TryAdd(feed, since < now ? since : now);
    }

    /// <summary>The due time that a trigger of Hangfire's belongs to.</summary>
    /// <param name="feed">The feed.</param>
    /// <param name="triggered">When it was triggered by the clock of whoever did it, UTC.</param>
    public TriggerTime Find(FeedDefinition feed, DateTime triggered)
    {
        var schedule = ledger.Find(feed.Key);
        var now = Now(schedule?.ReadAt ?? ledger.ReadClock());
        // A clock may be a little ahead of ours. One that is far ahead would take times that have not come.
        var at = triggered > now + Grace ? now : triggered;
        var times = schedule?.DueTimes ?? new DueTimes(feed.Cron, feed.TimeZone);
        var known = schedule is null ? null : times.Newest(schedule.Since, at);
        if (known is null && schedule?.ChangedAt is { } changed)
        {
            return new TriggerTime(null, TriggerOrigins.Schedule, $"its schedule was changed at {Occurrence.Text(changed)}, and that of before ended then");
        }

        // A trigger that waited while the schedule was written down for the first time has a time from before it.
        if ((known ?? times.Newest(at.AddYears(-MostYears), at)) is not { } due)
        {
            return new TriggerTime(null, TriggerOrigins.Schedule, null);
        }

        var isOverdue = now - due > Grace;
        return schedule is not null && isOverdue && times.Newest(due, now) is { } later
            ? new TriggerTime(due, TriggerOrigins.Late, $"its time {Occurrence.Text(due)} was missed, and {Occurrence.Text(later)} counts")
            : new TriggerTime(due, known is not null && at - due > Grace ? TriggerOrigins.Late : TriggerOrigins.Schedule, null);
    }

    /// <summary>The newest due time that should have been settled by now; null: all are.</summary>
    public DateTime? FindOverdue(StoredSchedule schedule) => schedule.DueTimes?.Newest(schedule.SettledTo, Now(schedule.ReadAt) - Grace);

    /// <summary>Whether a later time has come meanwhile, which counts in the place of this one: it is Hangfire's for a while, and has that to itself. Of a cron of every minute none has.</summary>
    public bool IsPassed(StoredSchedule schedule, DateTime due) =>
        schedule.DueTimes?.Newest(due, Now(schedule.ReadAt)) is { } later && schedule.DueTimes.Next(later) is var next && !(next <= later + (2 * Grace));

    /// <summary>Whether nothing has become of a due time, nor of a later one.</summary>
    public bool IsLast(string feed, DateTime due) => ledger.ListAfter(feed, due.AddSeconds(-1)).Count == 0;

    /// <summary>Ends what is open up to a due time, a gap as one row.</summary>
    /// <returns>How many times were open.</returns>
    public long Settle(string feed, DateTime due, string reason)
    {
        using var transaction = LedgerTransaction.Begin();
        // Another schedule ended those of this one, and has other times.
        if (ledger.Lock(feed) is not { } schedule || schedule.SettledTo >= due)
        {
            return 0;
        }

        var closed = CloseOpen(schedule, schedule.SettledTo, due, reason);
        ledger.SettleTo(feed, due);
        transaction.Complete();
        return closed;
    }

    /// <summary>Ends what came due while a feed was paused: it is never made late.</summary>
    public void EndPause(string feed, DateTime pausedAt)
    {
        using var transaction = LedgerTransaction.Begin();
        if (ledger.Lock(feed) is { } schedule)
        {
            CloseOpen(schedule, pausedAt > schedule.SettledTo ? pausedAt : schedule.SettledTo, Now(schedule.ReadAt), Occurrence.Paused);
        }

        transaction.Complete();
    }

    /// <summary>Ends the time of a trigger that a person deleted: it is not made late.</summary>
    /// <param name="feed">The feed.</param>
    /// <param name="seconds">The trigger's moment, in seconds since 1970.</param>
    public void EndDeleted(string feed, long seconds)
    {
        using var transaction = LedgerTransaction.Begin();
        if (ledger.Find(feed) is { DueTimes: { } times } schedule && times.Newest(schedule.Since, MomentOf(seconds)) is { } due && due <= Now(schedule.ReadAt))
        {
            ledger.TryTakeAsync(feed, due, runId: null, Occurrence.Deleted).GetAwaiter().GetResult();
        }

        transaction.Complete();
    }

    /// <summary>Opens the time of a trigger again that a person deleted and has put back into its queue.</summary>
    /// <param name="feed">The feed.</param>
    /// <param name="seconds">The trigger's moment, in seconds since 1970.</param>
    public void Reopen(string feed, long seconds)
    {
        if (ledger.Find(feed) is { DueTimes: { } times } schedule && times.Newest(schedule.Since, MomentOf(seconds)) is { } due)
        {
            ledger.Reopen(feed, due);
        }
    }

    /// <summary>A moment as Hangfire keeps it with a trigger; the nearest one there is, where somebody has written another number.</summary>
    public static DateTime MomentOf(long seconds) => DateTimeOffset.FromUnixTimeSeconds(Math.Clamp(seconds, 0, DateTimeOffset.MaxValue.ToUnixTimeSeconds())).UtcDateTime;

    /// <summary>Forgets a feed's schedule: what is open of it ends.</summary>
    /// <returns>How many times were open, and whether a trigger waited for the end of the active run; null: there is no such schedule.</returns>
    public (long Open, bool HasWaited)? Forget(string feed)
    {
        using var transaction = LedgerTransaction.Begin();
        if (ledger.Lock(feed) is not { } schedule)
        {
            return null;
        }

        var open = CloseOpen(schedule, schedule.SettledTo, Now(schedule.ReadAt), Occurrence.Forgotten);
        var hasWaited = ledger.Remove(feed);
        transaction.Complete();
        return (open, hasWaited);
    }

    /// <summary>Names the trigger of a due time, so that it starts one run whoever executes it.</summary>
    public static string KeyOf(string feed, DateTime due) => string.Create(CultureInfo.InvariantCulture, $"{feed}@{new DateTimeOffset(due).ToUnixTimeSeconds()}");

    private long CloseOpen(StoredSchedule schedule, DateTime after, DateTime to, string reason)
    {
        var known = new Queue<Occurrence>(ledger.ListAfter(schedule.Feed, after));
        (DateTime First, DateTime Last, long Count)? gap = null;
        long closed = 0;
        foreach (var due in schedule.DueTimes?.Between(after, to) ?? [])
        {
            while (known.TryPeek(out var earlier) && earlier.DueAt < due)
            {
                known.Dequeue();
            }

            if (known.TryPeek(out var next) && next.FirstDueAt <= due)
            {
                Close();
            }
            else
            {
                gap = gap is { } begun ? (begun.First, due, begun.Count + 1) : (due, due, 1);
            }
        }

        Close();
        return closed;

        void Close()
        {
            if (gap is var (first, last, count))
            {
                ledger.Close(schedule.Feed, first, last, count, reason);
                closed += count;
                gap = null;
            }
        }
    }
}

/// <summary>The due time of a trigger.</summary>
/// <param name="Due">UTC; null where the schedule has none so far.</param>
/// <param name="Origin">Whether it is in time, as in <see cref="TriggerOrigins"/>.</param>
/// <param name="Refusal">Why it starts no run; null: it may.</param>
public sealed record TriggerTime(DateTime? Due, string Origin, string? Refusal);
