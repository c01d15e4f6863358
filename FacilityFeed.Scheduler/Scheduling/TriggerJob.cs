using System.Globalization;
using FacilityFeed.Domain;
using FacilityFeed.Domain.Feeds;
using FacilityFeed.Infrastructure.Feeds;
using FacilityFeed.Infrastructure.Ledger;
using Hangfire.Server;
using Newtonsoft.Json;

namespace FacilityFeed.Scheduler.Scheduling;

/// <summary>Starts a run: that of one time of a feed's schedule, as its recurring job; or one that was asked for by hand, where it is marked with it.</summary>
/// <remarks>Stored by Hangfire: never rename the class, the method or its parameters.</remarks>
public sealed partial class TriggerJob(FeedCatalog feeds, RunLedger runs, FeedOccurrences occurrences, RunTrigger trigger, HandTriggers hand, Databases databases, ILogger<TriggerJob> log)
{
    [RecurringJobName("{0} · start a run")]
    public Task<string> RunAsync(string feed, PerformContext context, CancellationToken cancellationToken) => StateFailure.GuardAsync(databases.State, async () =>
    {
        try
        {
            return Parameter<long?>(context, HandTriggers.Parameter) is { } byHand
                ? await hand.RunAsync(byHand, context.BackgroundJob.Id)
                : await RunScheduledAsync(feeds.Get(feed), context);
        }
        catch (Exception failure)
        {
            LogFailed(GivenText.MayHoldSecret(feed) ? GivenText.Hidden : feed, StateFailure.Explain(failure));
            throw;
        }
    });

    /// <summary>What Hangfire's schedule has made, and what was made by hand before triggers by hand were told apart: it belongs to a time of the schedule.</summary>
    private async Task<string> RunScheduledAsync(FeedDefinition feed, PerformContext context)
    {
        if (Parameter<long?>(context, "Time") is not { } seconds)
        {
            // Of no recurring entry.
            return TriggerText.Of(feed.Key, await trigger.TriggerAsync(feed, $"job {context.BackgroundJob.Id}", TriggerRequests.TriggerNow, joinsActive: false));
        }

        var found = occurrences.Find(feed, FeedOccurrences.MomentOf(seconds));
        if (found.Refusal is { } refusal)
        {
            return $"starts no run: {refusal}";
        }

        // Executed twice, it may have begun its run by a version that named runs by the moment of their trigger.
        var earlier = string.Create(CultureInfo.InvariantCulture, $"{Parameter<string>(context, "RecurringJobId")}@{seconds}");
        var key = found.Due is { } due && await runs.FindByKeyAsync(feed.Key, earlier) is null ? FeedOccurrences.KeyOf(feed.Key, due) : earlier;
        return TriggerText.Of(feed.Key, await trigger.TriggerAsync(feed, key, found.Origin, joinsActive: false, found.Due), found.Due);
    }

    private static T? Parameter<T>(PerformContext context, string name)
    {
        try
        {
            return context.GetJobParameter<T>(name);
        }
        catch (InvalidOperationException unreadable) when (unreadable.InnerException is { } cause && cause is FeedRejectedException or JsonException)
        {
            throw cause as FeedRejectedException ?? new FeedRejectedException($"the parameters of job {context.BackgroundJob.Id} cannot be read ({ForeignText.InOneLine(cause.Message)}). Look who may write to the state database, and trigger the feed anew", unreadable);
        }
    }

    [LoggerMessage(1009, LogLevel.Warning, "Feed {Feed}: its schedule, or a trigger by hand, could not start a run: {Reason}")]
    private partial void LogFailed(string feed, string reason);
}
