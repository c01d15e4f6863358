using FacilityFeed.Domain;
using FacilityFeed.Domain.Feeds;
using FacilityFeed.Domain.Ledger;
using FacilityFeed.Infrastructure.Feeds;
using FacilityFeed.Infrastructure.Ledger;
using FacilityFeed.Scheduler.Hosting;
using FacilityFeed.Scheduler.Scheduling;

namespace FacilityFeed.Scheduler.Operating;

/// <summary>What a person may do to runs and feeds. Every order is one compare-and-set, and is in the run's audit trail with who gave it.</summary>
public sealed partial class RunControl(RunLedger runs, ChunkLedger chunks, RedriveLedger redrives, FeedLedger feedLedger, FeedOccurrences occurrences, FeedCatalog feeds, FeedJobs jobs, DataAge age, LastJobs lastJobs)
{
    private const int LongestReason = 2_000;

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
        using (var transaction = LedgerTransaction.Begin())
        {
            if (await feedLedger.TryResumeAsync(feed.Key) is not { } pausedAt)
            {
                return ControlResult.Done($"feed {feed.Key} was not paused");
            }

            occurrences.EndPause(feed.Key, pausedAt);
            transaction.Complete();
        }

        await NoteOnActiveAsync(feed, "feed resumed", $"by {by}");
        return ControlResult.Done($"feed {feed.Key} is resumed: its schedule '{feed.Cron}' ({feed.TimeZone.Id}) starts runs again");
    }

    private static ControlResult NoSuchRun(long runId) => ControlResult.Refused(RunLedger.NoSuchRun(runId));

    private async Task NoteOnActiveAsync(FeedDefinition feed, string what, string detail)
    {
        if (await runs.FindActiveAsync(feed.Key) is { } active)
        {
            await runs.AddEventAsync(active, what, detail);
        }
    }
}
