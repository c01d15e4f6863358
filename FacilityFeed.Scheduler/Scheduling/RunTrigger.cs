using FacilityFeed.Domain;
using FacilityFeed.Domain.Feeds;
using FacilityFeed.Domain.Ledger;
using FacilityFeed.Infrastructure.Feeds;
using FacilityFeed.Infrastructure.Ledger;
using FacilityFeed.Infrastructure.Ledger.Schedules;
using FacilityFeed.Scheduler.Hosting;

namespace FacilityFeed.Scheduler.Scheduling;

/// <summary>What a trigger led to.</summary>
public enum TriggerKind
{
    /// <summary>A new run.</summary>
    Begun,

    /// <summary>The run that was active already.</summary>
    Joined,

    /// <summary>A run written down as skipped, because another one was active.</summary>
    Skipped,

    /// <summary>A run written down as skipped, because the feed is paused.</summary>
    Paused,

    /// <summary>No run yet: it waits for the active one, which is named here.</summary>
    Queued,

    /// <summary>None: its time of the schedule is settled already.</summary>
    Taken,
}

/// <param name="RunId">The run; 0 where there is none.</param>
/// <param name="Kind">What it is to the trigger.</param>
/// <param name="Taken">What became of the time, where it was settled already.</param>
public sealed record Triggered(long RunId, TriggerKind Kind, Occurrence? Taken = null);

/// <summary>Starts a run: the run row, which takes the feed's one active place, and its plan job, in one transaction.</summary>
public sealed partial class RunTrigger(RunLedger runs, FeedLedger feedLedger, ScheduleLedger schedules, FeedCatalog feeds, FeedJobs jobs, CrashPoints points, ILogger<RunTrigger> log)
{
    private const int Attempts = 10;

    /// <param name="feed">The feed to make.</param>
    /// <param name="runKey">Names this trigger; the same key twice is the same run.</param>
    /// <param name="origin">Who asks, as in <see cref="TriggerOrigins"/>.</param>
    /// <param name="joinsActive">Whether a run that is active already will do; otherwise the trigger is recorded as skipped.</param>
    /// <param name="due">The time of the schedule that the trigger belongs to, UTC, which it settles; null: none.</param>
    public async Task<Triggered> TriggerAsync(FeedDefinition feed, string runKey, string origin, bool joinsActive, DateTime? due = null)
    {
        // Only a run that ends at the very moment we ask about it sends us round again.
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            if (due is { } time && schedules.FindOccurrence(feed.Key, time) is { } taken)
            {
                return new Triggered(taken.RunId ?? 0, TriggerKind.Taken, taken);
            }

            if (!joinsActive && await feedLedger.IsPausedAsync(feed.Key))
            {
                if (await WriteAsync(feed, due, Occurrence.Paused, () => feedLedger.TrySkipPausedAsync(feed, feeds.RecipeOf(feed), runKey, origin)) is { } unmade)
                {
                    return new Triggered(unmade, TriggerKind.Paused);
                }
            }
            else if (await TryBeginAsync(feed, runKey, origin, due) is { } begun)
            {
                points.Pass(CrashPoint.RunBegun);
                return new Triggered(begun, TriggerKind.Begun);
            }

            if (await runs.FindByKeyAsync(feed.Key, runKey) is { } known)
            {
                // Of a version that settled no times.
                await WriteAsync(feed, due, reason: null, () => Task.FromResult<long?>(known));
                return new Triggered(known, TriggerKind.Begun);
            }

            if (await runs.FindActiveAsync(feed.Key) is not { } active)
            {
                continue;
            }

            if (joinsActive)
            {
                await RefuseForeignAsync(feed);
                return new Triggered(active, TriggerKind.Joined);
            }

            if (feed.Overlap == Overlap.QueueOne && await TryQueueAsync(feed, runKey, origin, due))
            {
                LogQueued(feed.Key, active);
                return new Triggered(active, TriggerKind.Queued);
            }

            if (await WriteAsync(feed, due, reason: null, () => runs.TrySkipAsync(feed, feeds.RecipeOf(feed), runKey, origin, active)) is { } skipped)
            {
                LogSkipped(skipped, feed.Key, active);
                return new Triggered(skipped, TriggerKind.Skipped);
            }
        }

        throw new FeedException($"Feed {feed.Key}: no run could be started, because others kept starting and ending. Try again");
    }

    /// <summary>Fails when the feed's active run reads or writes elsewhere than this process: joining it would report another feed as this one.</summary>
    /// <exception cref="FeedRejectedException">It does.</exception>
    public async Task RefuseForeignAsync(FeedDefinition feed)
    {
        if (await runs.FindActiveAsync(feed.Key) is { } active && await runs.FindAsync(active, CancellationToken.None) is { } run && RunTransitions.IsActive(run.State))
        {
            feeds.GetFor(run.Id, run.Feed, run.Recipe);
        }
    }

    /// <summary>Writes a run down and creates its plan job, both or neither.</summary>
    /// <returns>Null when the feed has an active run, or a run with this key, or the time is settled.</returns>
    internal async Task<long?> TryBeginAsync(FeedDefinition feed, string runKey, string origin, DateTime? due)
    {
        var begun = await WriteAsync(feed, due, reason: null, async () =>
        {
            if (await runs.TryBeginAsync(feed, feeds.RecipeOf(feed), runKey, origin) is not { } runId)
            {
                return null;
            }

            points.Pass(CrashPoint.RunWritten);
            await runs.SetPlanJobAsync(runId, jobs.CreatePlan(feed, runId));
            points.Pass(CrashPoint.PlanJobWritten);
            return runId;
        });
        if (begun is { } id)
        {
            LogBegun(id, feed.Key, origin);
        }

        return begun;
    }

    /// <summary>Writes a run down and settles its time, both or neither.</summary>
    private async Task<long?> WriteAsync(FeedDefinition feed, DateTime? due, string? reason, Func<Task<long?>> write)
    {
        using var transaction = LedgerTransaction.Begin();
        if (await write() is not { } runId || (due is { } time && !await schedules.TryTakeAsync(feed.Key, time, runId, reason)))
        {
            return null;
        }

        transaction.Complete();
        return runId;
    }

    private async Task<bool> TryQueueAsync(FeedDefinition feed, string runKey, string origin, DateTime? due)
    {
        using var transaction = LedgerTransaction.Begin();
        if (!await feedLedger.TryQueueAsync(feed.Key, runKey, origin, due) || (due is { } time && !await schedules.TryTakeAsync(feed.Key, time, runId: null, Occurrence.Waits)))
        {
            return false;
        }

        transaction.Complete();
        return true;
    }

    [LoggerMessage(1001, LogLevel.Information, "Run {RunId} of feed {Feed} begins, by {Origin}")]
    private partial void LogBegun(long runId, string feed, string origin);

    [LoggerMessage(1008, LogLevel.Information, "Feed {Feed}: a trigger waits for the end of run {ActiveRunId}")]
    private partial void LogQueued(string feed, long activeRunId);

    [LoggerMessage(1002, LogLevel.Warning, "Run {RunId} of feed {Feed} is skipped: run {ActiveRunId} is still active")]
    private partial void LogSkipped(long runId, string feed, long activeRunId);
}
