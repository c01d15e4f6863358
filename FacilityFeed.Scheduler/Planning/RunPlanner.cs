using FacilityFeed.Domain;
using FacilityFeed.Domain.Feeds;
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
public sealed partial class RunPlanner(RunLedger runs, FeedCatalog feeds, FanOut fanOut, FailureNotes notes, OutcomeLog outcomes, Patience patience, WatchTimes times, CrashPoints points, TimeProvider time, ILogger<RunPlanner> log)
{
    private const string Ended = "nothing started: the run was ended, or given to another job, meanwhile";

    /// <returns>What happened, for the dashboard.</returns>
    /// <exception cref="FeedException">Source or store did not answer; Hangfire tries the job again.</exception>
    /// <exception cref="FeedRejectedException">Source or store refused; the run fails.</exception>
    /// <exception cref="JobAbortedException">Another execution of the same job has taken over.</exception>
    public async Task<string> PlanAsync(long runId, string jobId, CancellationToken cancellationToken)
    {
        var run = await runs.FindAsync(runId, cancellationToken) ?? throw new FeedException($"Run {runId} is not in the ledger: STATE_DB (State:ConnectionString) may name another database than when it was triggered");
        if (await runs.TryTakePlanAsync(runId, jobId) is not { } claim)
        {
            return $"nothing to plan: run {runId} is {StateName.Of(run.State)}";
        }

        await using var pulse = new Pulse($"Run {runId} plan", token => runs.BeatAsync(claim, token), look: null, times, time, log, cancellationToken);
        try
        {
            return await pulse.WatchAsync(() => PlanAsync(run, claim, pulse));
        }
        catch (OperationCanceledException) when (pulse.IsOver && !cancellationToken.IsCancellationRequested)
        {
            return await StepBackAsync(claim, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            await pulse.RestAsync(() => runs.RestAsync(claim));
            throw;
        }
        catch (Exception failure) when (failure is not JobAbortedException)
        {
            if (await IsOvertakenAsync(claim))
            {
                // Thrown on, it would fail the job and with it the run, under the hands of the attempt that counts.
                return await StepBackAsync(claim, cancellationToken);
            }

            await notes.KeepAsync(runId, jobId, failure);
            throw;
        }
    }

    private async Task<string> PlanAsync(RunView run, PlanClaim claim, Pulse pulse)
    {
        points.Pass(CrashPoint.PlanTaken);
        var feed = feeds.GetFor(run.Id, run.Feed, run.Recipe);
        var plan = await CutAsync(run.Id, feed, pulse);
        points.Pass(CrashPoint.PlanCut);
        return plan.Ranges.Count == 0 ? await HoldAsync(claim, feed, pulse.Token) : await StartAsync(claim, feed, plan, pulse);
    }

    private async Task<bool> IsOvertakenAsync(PlanClaim claim)
    {
        try
        {
            return await runs.IsOvertakenAsync(claim);
        }
        catch (Exception away) when (StateFailure.IsOne(away))
        {
            // The ledger cannot say; what failed first goes on to Hangfire, which has to wait for the same database.
            return false;
        }
    }

    /// <summary>Ends an attempt that no longer counts, without harm to the one that does.</summary>
    private async Task<string> StepBackAsync(PlanClaim claim, CancellationToken cancellationToken)
    {
        var run = await runs.FindAsync(claim.RunId, cancellationToken);
        // Returning would mark the job Succeeded under the hands of its living execution.
        return run?.PlanJobId == claim.JobId && run.PlanAttempt > claim.Attempt ? throw new JobAbortedException() : Ended;
    }

    private async Task<ChunkPlan> CutAsync(long runId, FeedDefinition feed, Pulse pulse)
    {
        // Bad rights on the store fail here, before a thousand chunks find out one by one.
        await patience.TryAsync(feeds.StoreOf(feed).CheckAsync, pulse.Token);
        await using var keys = await patience.TryAsync(feeds.SourceOf(feed).OpenKeysAsync, pulse.Token);
        var plan = await ChunkPlanner.PlanAsync(keys, feed.ChunkSize, ChunkLimit.Of(feed), pulse.Token);

        string?[] warnings = [.. keys.Warnings, ChunkLimit.Warning(feed, keys.Count)];
        foreach (var warning in warnings.OfType<string>())
        {
            LogWarning(runId, feed.Key, warning);
            await runs.AddEventAsync(runId, "warning", warning);
        }

        return plan;
    }

    private async Task<string> HoldAsync(PlanClaim claim, FeedDefinition feed, CancellationToken cancellationToken)
    {
        var reason = $"the source is empty: {feed.Table} has no rows. Nothing was published; the last feed stays";
        if (!await runs.TryHoldPlannedAsync(claim, reason))
        {
            return await StepBackAsync(claim, cancellationToken);
        }

        outcomes.Held(claim.RunId, feed.Key, reason);
        return $"held: {reason}";
    }

    private async Task<string> StartAsync(PlanClaim claim, FeedDefinition feed, ChunkPlan plan, Pulse pulse)
    {
        var cancellationToken = pulse.Token;
        if (await runs.TryDateAsync(claim) is not { } generation)
        {
            return await StepBackAsync(claim, cancellationToken);
        }

        points.Pass(CrashPoint.RunDated);
        // Before the first shard: two installations that write the same names would overwrite each other.
        await feeds.StoreOf(feed).ClaimAsync(ObjectNames.Generation(feed.Name, generation), cancellationToken);
        points.Pass(CrashPoint.NamesClaimed);
        if (!await fanOut.StartAsync(claim, feed, plan, cancellationToken))
        {
            return await StepBackAsync(claim, cancellationToken);
        }

        points.Pass(CrashPoint.FannedOut);
        var planned = $"{Counted.Of(plan.Ranges.Count, "chunk")} of {Counted.Of(plan.ChunkSize, "row")}";
        LogPlanned(claim.RunId, feed.Key, planned);
        return planned;
    }

    [LoggerMessage(1003, LogLevel.Information, "Run {RunId} of feed {Feed}: {Chunks}")]
    private partial void LogPlanned(long runId, string feed, string chunks);

    [LoggerMessage(1005, LogLevel.Warning, "Run {RunId} of feed {Feed}: {Warning}")]
    private partial void LogWarning(long runId, string feed, string warning);
}
