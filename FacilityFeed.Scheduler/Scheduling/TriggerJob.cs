using FacilityFeed.Infrastructure.Feeds;
using Hangfire;
using Hangfire.Server;

namespace FacilityFeed.Scheduler.Scheduling;

/// <summary>The recurring job of a feed: starts a run. By schedule and by "Trigger now" alike.</summary>
/// <remarks>Stored by Hangfire: never rename the class, the method or its parameters.</remarks>
public sealed class TriggerJob(FeedCatalog feeds, RunTrigger trigger)
{
    [JobDisplayName("{0} · start a run")]
    public async Task<string> RunAsync(string feed, PerformContext context, CancellationToken cancellationToken)
    {
        // The same occurrence, executed twice, is the same run.
        var time = context.GetJobParameter<long?>("Time");
        var runKey = time is null ? $"job {context.BackgroundJob.Id}" : $"{context.GetJobParameter<string>("RecurringJobId")}@{time}";
        var triggered = await trigger.TriggerAsync(feeds.Get(feed), runKey, "recurring job", joinsActive: false);
        return triggered.Kind switch
        {
            TriggerKind.Skipped => $"run {triggered.RunId} skipped: another run of the feed is active",
            TriggerKind.Paused => $"run {triggered.RunId} skipped: the feed is paused; ./run resume {feed} lets runs start again",
            TriggerKind.Queued => $"waits for the end of run {triggered.RunId}, then starts a run",
            _ => $"run {triggered.RunId}",
        };
    }
}
