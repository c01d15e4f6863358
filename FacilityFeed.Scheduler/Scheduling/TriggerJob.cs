using FacilityFeed.Infrastructure.Feeds;
using FacilityFeed.Infrastructure.Ledger;
using Hangfire.Server;

namespace FacilityFeed.Scheduler.Scheduling;

/// <summary>The recurring job of a feed: starts a run. By schedule and by "Trigger now" alike.</summary>
/// <remarks>Stored by Hangfire: never rename the class, the method or its parameters.</remarks>
public sealed partial class TriggerJob(FeedCatalog feeds, RunTrigger trigger, ILogger<TriggerJob> log)
{
    [RecurringJobName("{0} · start a run")]
    public Task<string> RunAsync(string feed, PerformContext context, CancellationToken cancellationToken) => StateFailure.GuardAsync(async () =>
    {
        // The same occurrence, executed twice, is the same run.
        var time = context.GetJobParameter<long?>("Time");
        var runKey = time is null ? $"job {context.BackgroundJob.Id}" : $"{context.GetJobParameter<string>("RecurringJobId")}@{time}";
        var triggered = await TriggerAsync(feed, runKey);
        return triggered.Kind switch
        {
            TriggerKind.Skipped => $"run {triggered.RunId} skipped: another run of the feed is active",
            TriggerKind.Paused => $"run {triggered.RunId} skipped: the feed is paused; ./run resume {feed} lets runs start again",
            TriggerKind.Queued => $"waits for the end of run {triggered.RunId}, then starts a run",
            _ => $"run {triggered.RunId}",
        };
    });

    private async Task<Triggered> TriggerAsync(string feed, string runKey)
    {
        try
        {
            return await trigger.TriggerAsync(feeds.Get(feed), runKey, "recurring job", joinsActive: false);
        }
        catch (Exception failure)
        {
            LogFailed(feed, StateFailure.Explain(failure));
            throw;
        }
    }

    [LoggerMessage(1009, LogLevel.Warning, "Feed {Feed}: its schedule could not start a run: {Reason}")]
    private partial void LogFailed(string feed, string reason);
}
