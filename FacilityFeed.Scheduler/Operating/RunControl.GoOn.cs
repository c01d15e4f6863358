using FacilityFeed.Domain;
using FacilityFeed.Domain.Ledger;
using FacilityFeed.Domain.Planning;
using FacilityFeed.Infrastructure.Ledger;
using Npgsql;

namespace FacilityFeed.Scheduler.Operating;

/// <content>The orders that let a run go on which waits for a person.</content>
public sealed partial class RunControl
{
    /// <summary>Lets a failed run go on: its failed chunks only, or its manifest alone when no chunk has failed.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="by">Who asks, for example <c>command</c>.</param>
    /// <param name="isForced">Whether a run may go on whose data is old.</param>
    public async Task<ControlResult> RedriveAsync(long runId, string by, bool isForced = false)
    {
        // Looked at without a lock first: many jobs take their time, and meanwhile the run is anybody's to discard or to supersede.
        if (await runs.FindAsync(runId, CancellationToken.None) is not { } seen)
        {
            return NoSuchRun(runId);
        }

        if (WhyNot(seen, isForced) is { } refusal)
        {
            return ControlResult.Refused(refusal);
        }

        var failed = (await chunks.ListAsync(runId, CancellationToken.None)).Where(chunk => chunk.State == ChunkState.Failed).ToList();
        return LetGoOn(runId, "redriven", failed.Count, () =>
        {
            var feed = feeds.GetFor(seen.Id, seen.Feed, seen.Recipe);
            // New jobs: the old ones may have expired, and have used up their retries.
            var jobIds = jobs.CreateChunks(feed, runId, [.. failed.Select(chunk => chunk.Range)], seen.ChunkCount!.Value);
            return redrives.Lock(runId) is { } run ? Redrive(run, failed, jobIds, by, isForced) : NoSuchRun(runId);
        });
    }

    /// <summary>Publishes a held run as it is. The guard's limits stay as they are: the next run is judged by them again, against this one.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="reason">Why, for the audit trail.</param>
    /// <param name="by">Who asks.</param>
    /// <param name="isForced">Whether a run may be published whose data is old.</param>
    public Task<ControlResult> PublishAnywayAsync(long runId, string reason, string by, bool isForced = false) => Task.FromResult(string.IsNullOrWhiteSpace(reason)
        ? ControlResult.Refused("a reason is needed: it is kept in the run's audit trail")
        : LetGoOn(runId, "published anyway", jobCount: 1, () => redrives.Lock(runId) is { } run ? PublishAnyway(run, reason, by, isForced) : NoSuchRun(runId)));

    private ControlResult LetGoOn(long runId, string what, int jobCount, Func<ControlResult> order)
    {
        var result = Order(runId, what, jobCount, order);
        if (result.IsDone)
        {
            lastJobs.TryCorrectOf(runId);
        }

        return result;
    }

    /// <summary>Carries out an order that makes a run active again, in one transaction.</summary>
    private static ControlResult Order(long runId, string what, int jobCount, Func<ControlResult> order)
    {
        try
        {
            using var transaction = LedgerTransaction.Begin(jobCount);
            var result = order();
            if (result.IsDone)
            {
                transaction.Complete();
            }

            return result;
        }
        catch (FeedRejectedException foreign)
        {
            return ControlResult.Refused(foreign.Message);
        }
        catch (PostgresException active) when (active.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            return ControlResult.Refused($"run {runId} cannot be {what}: another run of the feed has begun this moment");
        }
    }

    /// <param name="run">The run, locked.</param>
    /// <param name="reason">Why.</param>
    /// <param name="by">Who asks.</param>
    /// <param name="isForced">Whether its data may be old.</param>
    private ControlResult PublishAnyway(RunView run, string reason, string by, bool isForced)
    {
        if (WhyNotAnyway(run, isForced) is { } refusal)
        {
            return ControlResult.Refused(refusal);
        }

        feeds.GetFor(run.Id, run.Feed, run.Recipe);
        if (!redrives.TryPublishHeld(run.Id, jobs.CreateManifest(run.Feed, run.Id)))
        {
            return ControlResult.Refused($"run {run.Id} cannot be published anyway: not all of its chunks are settled");
        }

        redrives.Note(run.Id, "published anyway", $"by {by}, {age.After(run)}: {ShownValue.Of(reason, LongestReason)}. It was held: {run.Reason}");
        return ControlResult.Done($"run {run.Id} is published as it is, {age.After(run)}");
    }

    private string? WhyNotAnyway(RunView run, bool isForced) => run switch
    {
        { State: not RunState.Held } => $"run {run.Id} is {StateName.Of(run.State)}: only a held run can be published anyway",
        { Shards: 0 } => $"run {run.Id} has no shards: there is nothing to publish",
        _ when redrives.FindBlocker(run) is { } blocker => $"run {run.Id} cannot be published anyway: {blocker}",
        _ when !isForced && age.Excess(run) is { } excess => $"{excess}. {DataAge.Remedy(run)}",
        _ => null,
    };

    private string? WhyNot(RunView run, bool isForced) => run switch
    {
        { State: not RunState.Failed } => $"run {run.Id} is {StateName.Of(run.State)}: only a failed run can be redriven",
        { ChunkCount: null } => $"run {run.Id} failed before its chunks were planned, so there is nothing to redrive: ./run publish {run.Feed} makes the feed again",
        _ when redrives.FindBlocker(run) is { } blocker => $"run {run.Id} cannot be redriven: {blocker}",
        _ when !isForced && age.Excess(run) is { } excess => $"{excess}. {DataAge.Remedy(run)}",
        _ => null,
    };

    /// <param name="run">The run, locked.</param>
    /// <param name="failed">The chunks that had failed when it was looked at.</param>
    /// <param name="jobIds">Their new jobs.</param>
    /// <param name="by">Who asks.</param>
    /// <param name="isForced">Whether its data may be old.</param>
    private ControlResult Redrive(RunView run, List<ChunkView> failed, List<string> jobIds, string by, bool isForced)
    {
        if (WhyNot(run, isForced) is { } reason)
        {
            return ControlResult.Refused(reason);
        }

        var numbers = failed.Select(chunk => chunk.Number).ToList();
        if (run.ChunksFailed != failed.Count || redrives.Replan(run.Id, numbers, jobIds) != failed.Count)
        {
            return ControlResult.Refused($"run {run.Id} was changed by somebody else this moment: see ./run status {run.Id}, then ask again");
        }

        var what = failed.Count > 0 ? $"{ChunkNumbers.Of(numbers)} made again" : "its manifest made again";
        Restart(run, isManifest: failed.Count == 0);
        redrives.Note(run.Id, "redriven", $"by {by}: {what}, {age.After(run)}");
        return ControlResult.Done($"run {run.Id} goes on: {what}, {age.After(run)}");
    }

    private void Restart(RunView run, bool isManifest)
    {
        if (isManifest)
        {
            redrives.AllowReopening(run.Id);
        }

        redrives.TryRestart(run.Id, isManifest ? jobs.CreateManifest(run.Feed, run.Id) : null);
    }
}
