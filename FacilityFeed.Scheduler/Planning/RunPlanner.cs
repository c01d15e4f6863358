using FacilityFeed.Domain;
using FacilityFeed.Domain.Feeds;
using FacilityFeed.Domain.Ledger;
using FacilityFeed.Domain.Planning;
using FacilityFeed.Domain.Storing;
using FacilityFeed.Infrastructure;
using FacilityFeed.Infrastructure.Feeds;
using FacilityFeed.Infrastructure.Ledger;
using FacilityFeed.Scheduler.Hosting;
using FacilityFeed.Scheduler.Watching;
using Hangfire.Server;

namespace FacilityFeed.Scheduler.Planning;

/// <summary>Plans a run: a light check of the store, the key ranges, the fan-out. Executed twice, it plans once.</summary>
public sealed partial class RunPlanner(RunLedger runs, FeedCatalog feeds, FanOut fanOut, FailureNotes notes, Patience patience, WatchTimes times, TimeProvider time, ILogger<RunPlanner> log)
{
    private const string Ended = "nothing started: the run was ended, or given to another job, meanwhile";

    /// <returns>What happened, for the dashboard.</returns>
    /// <exception cref="FeedException">Source or store did not answer; Hangfire tries the job again.</exception>
    /// <exception cref="FeedRejectedException">Source or store refused; the run fails.</exception>
    /// <exception cref="JobAbortedException">Another execution of the same job has taken over.</exception>
    public async Task<string> PlanAsync(long runId, string jobId, CancellationToken cancellationToken)
    {
        var run = await runs.FindAsync(runId, cancellationToken) ?? throw new FeedRejectedException($"Run {runId} is not in the ledger: STATE_DB (State:ConnectionString) may name another database than when it was triggered");
        if (!await runs.BeatAsync(runId, jobId, isFirst: true, cancellationToken))
        {
            return $"nothing to plan: run {runId} is {StateName.Of(run.State)}";
        }

        await using var pulse = new Pulse($"Run {runId} plan", token => runs.BeatAsync(runId, jobId, isFirst: false, token), look: null, times.Beat, time, log, cancellationToken);
        try
        {
            var feed = feeds.GetFor(runId, run.Feed, run.Recipe);
            var plan = await CutAsync(runId, feed, pulse.Token);
            return plan.Ranges.Count == 0 ? await HoldAsync(runId, jobId, feed) : await StartAsync(runId, jobId, feed, plan, pulse.Token);
        }
        catch (OperationCanceledException) when (pulse.IsOver && !cancellationToken.IsCancellationRequested)
        {
            return await StepBackAsync(runId, jobId, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            await pulse.RestAsync(() => runs.RestAsync(runId, jobId));
            throw;
        }
        catch (Exception failure)
        {
            await notes.KeepAsync(runId, jobId, failure);
            throw;
        }
    }

    private async Task<string> StepBackAsync(long runId, string jobId, CancellationToken cancellationToken)
    {
        var run = await runs.FindAsync(runId, cancellationToken);
        // Returning would mark the job Succeeded under the hands of its living execution.
        return run is { State: RunState.Planning } && run.PlanJobId == jobId ? throw new JobAbortedException() : Ended;
    }

    private async Task<ChunkPlan> CutAsync(long runId, FeedDefinition feed, CancellationToken cancellationToken)
    {
        // Bad rights on the store fail here, before a thousand chunks find out one by one.
        await patience.TryAsync(feeds.StoreOf(feed).CheckAsync, cancellationToken);
        await using var keys = await patience.TryAsync(feeds.SourceOf(feed).OpenKeysAsync, cancellationToken);
        var plan = await ChunkPlanner.PlanAsync(keys, feed.ChunkSize, feed.MaxChunks, cancellationToken);

        var warnings = plan.ChunkSize == feed.ChunkSize
            ? keys.Warnings
            : [.. keys.Warnings, $"{keys.Count} rows in chunks of {feed.ChunkSize} would be more than {feed.MaxChunks} chunks: the chunk size of this run is {plan.ChunkSize}"];
        foreach (var warning in warnings)
        {
            LogWarning(runId, feed.Key, warning);
            await runs.AddEventAsync(runId, "warning", warning);
        }

        return plan;
    }

    private async Task<string> HoldAsync(long runId, string jobId, FeedDefinition feed)
    {
        var reason = $"the source is empty: {feed.Table} has no rows. Nothing was published; the last feed stays";
        if (!await runs.TryHoldPlannedAsync(runId, jobId, reason))
        {
            return "nothing held: the run was planned or ended meanwhile";
        }

        LogHeld(runId, feed.Key, reason);
        return $"held: {reason}";
    }

    private async Task<string> StartAsync(long runId, string jobId, FeedDefinition feed, ChunkPlan plan, CancellationToken cancellationToken)
    {
        if (await runs.TryDateAsync(runId, jobId) is not { } generation)
        {
            return Ended;
        }

        // Before the first shard: two installations that write the same names would overwrite each other.
        await feeds.StoreOf(feed).ClaimAsync(ObjectNames.Generation(feed.Name, generation), cancellationToken);
        if (!await fanOut.StartAsync(runId, jobId, feed, plan))
        {
            return Ended;
        }

        LogPlanned(runId, feed.Key, plan.Ranges.Count, plan.ChunkSize);
        return $"{plan.Ranges.Count} chunks of {plan.ChunkSize} rows";
    }

    [LoggerMessage(1003, LogLevel.Information, "Run {RunId} of feed {Feed}: {Chunks} chunks of {ChunkSize} rows")]
    private partial void LogPlanned(long runId, string feed, int chunks, int chunkSize);

    [LoggerMessage(1004, LogLevel.Warning, "Run {RunId} of feed {Feed} is held: {Reason}")]
    private partial void LogHeld(long runId, string feed, string reason);

    [LoggerMessage(1005, LogLevel.Warning, "Run {RunId} of feed {Feed}: {Warning}")]
    private partial void LogWarning(long runId, string feed, string warning);
}
