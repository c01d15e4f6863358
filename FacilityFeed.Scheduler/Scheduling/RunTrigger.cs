using FacilityFeed.Domain;
using FacilityFeed.Domain.Feeds;
using FacilityFeed.Domain.Ledger;
using FacilityFeed.Infrastructure.Feeds;
using FacilityFeed.Infrastructure.Ledger;
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
}

public sealed record Triggered(long RunId, TriggerKind Kind);

/// <summary>Starts a run: the run row, which takes the feed's one active place, and its plan job, in one transaction.</summary>
public sealed partial class RunTrigger(RunLedger runs, FeedLedger feedLedger, FeedCatalog feeds, FeedJobs jobs, CrashPoints points, ILogger<RunTrigger> log)
{
    private const int Attempts = 10;

    /// <param name="feed">The feed to make.</param>
    /// <param name="runKey">Names this trigger; the same key twice is the same run.</param>
    /// <param name="origin">Who asks: <c>recurring job</c> (by its schedule or "Trigger now") or <c>command</c>.</param>
    /// <param name="joinsActive">Whether a run that is active already will do; otherwise the trigger is recorded as skipped.</param>
    public async Task<Triggered> TriggerAsync(FeedDefinition feed, string runKey, string origin, bool joinsActive)
    {
        if (!joinsActive && await feedLedger.IsPausedAsync(feed.Key))
        {
            return await SkipPausedAsync(feed, runKey, origin);
        }

        // Only a run that ends at the very moment we ask about it sends us round again.
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            if (await TryBeginAsync(feed, runKey, origin) is { } begun)
            {
                points.Pass(CrashPoint.RunBegun);
                return new Triggered(begun, TriggerKind.Begun);
            }

            if (await runs.FindByKeyAsync(feed.Key, runKey) is { } known)
            {
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

            if (feed.Overlap == Overlap.QueueOne && await feedLedger.TryQueueAsync(feed.Key, runKey, origin))
            {
                LogQueued(feed.Key, active);
                return new Triggered(active, TriggerKind.Queued);
            }

            if (await runs.TrySkipAsync(feed, feeds.RecipeOf(feed), runKey, origin, active) is { } skipped)
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

    private async Task<Triggered> SkipPausedAsync(FeedDefinition feed, string runKey, string origin) =>
        await feedLedger.TrySkipPausedAsync(feed, feeds.RecipeOf(feed), runKey, origin) is { } skipped
            ? new Triggered(skipped, TriggerKind.Paused)
            : new Triggered((await runs.FindByKeyAsync(feed.Key, runKey))!.Value, TriggerKind.Begun);

    /// <summary>Writes a run down and creates its plan job, both or neither.</summary>
    /// <returns>Null when the feed has an active run, or a run with this key.</returns>
    internal async Task<long?> TryBeginAsync(FeedDefinition feed, string runKey, string origin)
    {
        using var transaction = LedgerTransaction.Begin();
        if (await runs.TryBeginAsync(feed, feeds.RecipeOf(feed), runKey, origin) is not { } runId)
        {
            return null;
        }

        points.Pass(CrashPoint.RunWritten);
        await runs.SetPlanJobAsync(runId, jobs.CreatePlan(feed, runId));
        points.Pass(CrashPoint.PlanJobWritten);
        transaction.Complete();
        LogBegun(runId, feed.Key, origin);
        return runId;
    }

    [LoggerMessage(1001, LogLevel.Information, "Run {RunId} of feed {Feed} begins, by {Origin}")]
    private partial void LogBegun(long runId, string feed, string origin);

    [LoggerMessage(1008, LogLevel.Information, "Feed {Feed}: a trigger waits for the end of run {ActiveRunId}")]
    private partial void LogQueued(string feed, long activeRunId);

    [LoggerMessage(1002, LogLevel.Warning, "Run {RunId} of feed {Feed} is skipped: run {ActiveRunId} is still active")]
    private partial void LogSkipped(long runId, string feed, long activeRunId);
}
