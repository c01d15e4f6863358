using FacilityFeed.Domain;
using FacilityFeed.Domain.Feeds;
using FacilityFeed.Domain.Ledger;
using FacilityFeed.Domain.Planning;
using FacilityFeed.Domain.Shaping;
using FacilityFeed.Infrastructure.Feeds;
using FacilityFeed.Infrastructure.Ledger;
using FacilityFeed.Scheduler.Hosting;
using FacilityFeed.Scheduler.Scheduling;
using Npgsql;

namespace FacilityFeed.Scheduler.Operating;

/// <summary>What a person may do to runs and feeds. Every order is one compare-and-set, and is in the run's audit trail with who gave it.</summary>
public sealed class RunControl(RunLedger runs, ChunkLedger chunks, RedriveLedger redrives, FeedLedger feedLedger, FeedCatalog feeds, FeedJobs jobs, LastJobs lastJobs)
{
    private const int LongestReason = 2_000;

    /// <summary>Lets a failed run go on: its failed chunks only, or its manifest alone when no chunk has failed.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="by">Who asks, for example <c>command</c>.</param>
    public Task<ControlResult> RedriveAsync(long runId, string by) => LetGoOnAsync(runId, "redriven", async run =>
    {
        if (WhyNot(run) is { } reason)
        {
            return ControlResult.Refused(reason);
        }

        var feed = feeds.GetFor(run.Id, run.Feed, run.Recipe);
        var failed = (await chunks.ListAsync(runId, CancellationToken.None)).Where(chunk => chunk.State == ChunkState.Failed).ToList();
        var what = failed.Count > 0 ? RedriveChunks(run, feed, failed) : RedriveManifest(run);
        redrives.Note(runId, "redriven", $"by {by}: {what}");
        return ControlResult.Done($"run {runId} goes on: {what}");
    });

    /// <summary>Publishes a held run as it is. The guard's limits stay as they are: the next run is judged by them again, against this one.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="reason">Why, for the audit trail.</param>
    /// <param name="by">Who asks.</param>
    public async Task<ControlResult> PublishAnywayAsync(long runId, string reason, string by)
    {
        if (string.IsNullOrWhiteSpace(reason))
        {
            return ControlResult.Refused("a reason is needed: it is kept in the run's audit trail");
        }

        return await LetGoOnAsync(runId, "published anyway", run =>
        {
            if (WhyNotAnyway(run) is { } refusal)
            {
                return Task.FromResult(ControlResult.Refused(refusal));
            }

            feeds.GetFor(run.Id, run.Feed, run.Recipe);
            if (!redrives.TryPublishHeld(run.Id, jobs.CreateManifest(run.Feed, run.Id)))
            {
                return Task.FromResult(ControlResult.Refused($"run {runId} cannot be published anyway: not all of its chunks are settled"));
            }

            redrives.Note(runId, "published anyway", $"by {by}: {ShownValue.Of(reason, LongestReason)}. It was held: {run.Reason}");
            return Task.FromResult(ControlResult.Done($"run {runId} is published as it is"));
        });
    }

    /// <summary>Decides against a held run: it can no longer be published.</summary>
    public async Task<ControlResult> DiscardAsync(long runId, string? reason, string by)
    {
        if (await runs.TryEndAsync(runId, RunState.Discarded, $"discarded by {by}{(string.IsNullOrWhiteSpace(reason) ? "" : $": {ShownValue.Of(reason, LongestReason)}")}"))
        {
            lastJobs.TryCorrectOf(runId);
            return ControlResult.Done($"run {runId} is discarded; nothing of it was published");
        }

        return await runs.FindAsync(runId, CancellationToken.None) is { } run
            ? ControlResult.Refused($"run {runId} is {StateName.Of(run.State)}: only a held run can be discarded")
            : NoSuchRun(runId);
    }

    /// <summary>Stops a run before its manifest. Chunks that are being made notice it within seconds.</summary>
    public async Task<ControlResult> CancelAsync(long runId, string by)
    {
        if (await runs.TryEndAsync(runId, RunState.Cancelled, $"cancelled by {by}"))
        {
            lastJobs.TryCorrectOf(runId);
            return ControlResult.Done($"run {runId} is cancelled; nothing of it was published");
        }

        return await runs.FindAsync(runId, CancellationToken.None) switch
        {
            null => NoSuchRun(runId),
            { State: RunState.Publishing } => ControlResult.Refused($"run {runId} can no longer be cancelled: its manifest is being written"),
            { State: RunState.Running, EnteredAt: not null } run => ControlResult.Refused(
                $"run {runId} can no longer be cancelled: it had begun to publish before it failed and was redriven, so its manifest may be visible already. Let it go on; should it fail again, ./run publish {run.Feed} makes a feed that takes its place"),
            { } run => ControlResult.Refused($"run {runId} cannot be cancelled: it is {StateName.Of(run.State)} already"),
        };
    }

    /// <summary>Keeps a feed's schedule from starting runs, until it is resumed. A run that is active goes on.</summary>
    /// <exception cref="FeedRejectedException">No such feed.</exception>
    public async Task<ControlResult> PauseAsync(string feedKey, string by)
    {
        var feed = feeds.Get(feedKey);
        if (!await feedLedger.TryPauseAsync(feed.Key, by))
        {
            return ControlResult.Done($"feed {feed.Key} was paused already");
        }

        await NoteOnActiveAsync(feed, "feed paused", $"by {by}; this run goes on");
        return ControlResult.Done($"feed {feed.Key} is paused: no run starts until ./run resume {feed.Key}");
    }

    /// <summary>Lets a paused feed's schedule start runs again.</summary>
    /// <exception cref="FeedRejectedException">No such feed.</exception>
    public async Task<ControlResult> ResumeAsync(string feedKey, string by)
    {
        var feed = feeds.Get(feedKey);
        if (!await feedLedger.TryResumeAsync(feed.Key))
        {
            return ControlResult.Done($"feed {feed.Key} was not paused");
        }

        await NoteOnActiveAsync(feed, "feed resumed", $"by {by}");
        return ControlResult.Done($"feed {feed.Key} is resumed: its schedule '{feed.Cron}' ({feed.TimeZone.Id}) starts runs again");
    }

    private static ControlResult NoSuchRun(long runId) => ControlResult.Refused(RunLedger.NoSuchRun(runId));

    private async Task<ControlResult> LetGoOnAsync(long runId, string what, Func<RunView, Task<ControlResult>> order)
    {
        var result = await OrderAsync(runId, what, order);
        if (result.IsDone)
        {
            lastJobs.TryCorrectOf(runId);
        }

        return result;
    }

    /// <summary>Carries out an order that makes a run active again, in one transaction with the run's row locked.</summary>
    private async Task<ControlResult> OrderAsync(long runId, string what, Func<RunView, Task<ControlResult>> order)
    {
        try
        {
            using var transaction = LedgerTransaction.Begin();
            var result = redrives.Lock(runId) is { } run ? await order(run) : NoSuchRun(runId);
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

    private string? WhyNotAnyway(RunView run) => run switch
    {
        { State: not RunState.Held } => $"run {run.Id} is {StateName.Of(run.State)}: only a held run can be published anyway",
        { Shards: 0 } => $"run {run.Id} has no shards: there is nothing to publish",
        _ when redrives.FindBlocker(run) is { } blocker => $"run {run.Id} cannot be published anyway: {blocker}",
        _ => null,
    };

    private string? WhyNot(RunView run) => run switch
    {
        { State: not RunState.Failed } => $"run {run.Id} is {StateName.Of(run.State)}: only a failed run can be redriven",
        { ChunkCount: null } => $"run {run.Id} failed before its chunks were planned, so there is nothing to redrive: ./run publish {run.Feed} makes the feed again",
        _ when redrives.FindBlocker(run) is { } blocker => $"run {run.Id} cannot be redriven: {blocker}",
        _ => null,
    };

    private string RedriveChunks(RunView run, FeedDefinition feed, List<ChunkView> failed)
    {
        // New jobs: the old ones may have expired, and have used up their retries.
        var jobIds = failed.Select(chunk => jobs.CreateChunk(feed, run.Id, new ChunkRange(chunk.Number, chunk.FirstId, chunk.LastId, chunk.PlannedRows), run.ChunkCount!.Value)).ToList();
        redrives.Replan(run.Id, failed.Select(chunk => chunk.Number), jobIds);
        redrives.TryRestart(run.Id, manifestJobId: null);
        return $"{ChunkNumbers.Of([.. failed.Select(chunk => chunk.Number)])} made again";
    }

    private string RedriveManifest(RunView run)
    {
        var jobId = jobs.CreateManifest(run.Feed, run.Id);
        redrives.AllowReopening(run.Id);
        redrives.TryRestart(run.Id, jobId);
        return "its manifest made again";
    }

    private async Task NoteOnActiveAsync(FeedDefinition feed, string what, string detail)
    {
        if (await runs.FindActiveAsync(feed.Key) is { } active)
        {
            await runs.AddEventAsync(active, what, detail);
        }
    }
}
