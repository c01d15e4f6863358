using FacilityFeed.Infrastructure.Ledger;
using Hangfire.Server;

namespace FacilityFeed.Scheduler.Watching;

/// <summary>
/// Compares the ledger with Hangfire and repairs what Hangfire cannot: it never gives a hung worker up, and tells nobody when a job
/// is lost. A process of the server and not a recurring job, for those can be disabled; one process at a time. It never dies.
/// </summary>
public sealed partial class Watcher(Databases databases, LockRepair locks, JobRepair jobs, TriggerRepair triggers, CountRepair counts, DashboardRepair dashboard, AliasRepair aliases, ScheduleRepair schedules, OccurrenceRepair occurrences, OverdueRepair overdue, WatchTimes times, TimeProvider time, ILogger<Watcher> log)
    : IBackgroundProcess
{
    private const string Everything = "anything";

    // Locks first: what comes after may have to wait for one.
    private readonly IRepair[] _always = [locks, triggers, jobs, counts, dashboard];
    private readonly HashSet<string> _failing = new(StringComparer.Ordinal);
    private long? _awakeAt;
    private DateTimeOffset _awakeAtTime;

    /// <summary>Whether this process runs the schedules, and so looks after them.</summary>
    public bool RunsSchedules { get; set; }

    public void Execute(BackgroundProcessContext context)
    {
        TickAsync(context.StoppingToken).GetAwaiter().GetResult();
        context.Wait(times.Interval);
    }

    /// <summary>Looks once, unless another process does so at this moment.</summary>
    /// <returns>Whether this process looked.</returns>
    public async Task<bool> TickAsync(CancellationToken cancellationToken)
    {
        var hasLooked = false;
        await TryAsync(Everything, async () =>
        {
            await using var mine = await WatchLock.TryTakeAsync(databases, cancellationToken);
            hasLooked = mine is not null;
            if (hasLooked)
            {
                await LookAsync(cancellationToken);
            }

            _awakeAt = time.GetTimestamp();
            _awakeAtTime = time.GetUtcNow();
        }, cancellationToken);
        return hasLooked;
    }

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        // Whatever stopped this process, or the database, stopped the attempts as well: they get time for a sign of life.
        var isWakening = _failing.Contains(Everything) || (_awakeAt is { } before && LongerOf(time.GetElapsedTime(before), time.GetUtcNow() - _awakeAtTime) > times.Interval + times.Silence);
        IRepair[] schedulers = RunsSchedules ? [schedules, occurrences, overdue] : [];
        // The stores last: one that does not answer takes its time, for each feed of it.
        foreach (var repair in (IRepair[])[.. _always, .. schedulers, aliases])
        {
            await TryAsync(repair.Subject, () => repair.RepairAsync(isWakening || _failing.Contains(repair.Subject), cancellationToken), cancellationToken);
        }
    }

    // While the machine sleeps, only the clock on the wall goes on; and the database's judges the silence.
    private static TimeSpan LongerOf(TimeSpan a, TimeSpan b) => a > b ? a : b;

    /// <summary>What fails is tried again at the next look, and reported once until it works again.</summary>
    private async Task TryAsync(string subject, Func<Task> look, CancellationToken cancellationToken)
    {
        try
        {
            await look();
            if (_failing.Remove(subject))
            {
                LogBack(subject);
            }
        }
        catch (Exception) when (cancellationToken.IsCancellationRequested)
        {
            // The process is stopping.
        }
        catch (Exception failure)
        {
            // For Hangfire's own sessions, which tell nobody.
            WritableSessions.ClearAfter(failure, databases.State);
            if (_failing.Add(subject))
            {
                LogAway(subject, StateFailure.Explain(failure));
            }
        }
    }

    [LoggerMessage(6004, LogLevel.Warning, "The watcher cannot look after {Subject}: {Reason}. It tries again and again, and says so only once")]
    private partial void LogAway(string subject, string reason);

    [LoggerMessage(6005, LogLevel.Warning, "The watcher looks after {Subject} again")]
    private partial void LogBack(string subject);
}
