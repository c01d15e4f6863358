using FacilityFeed.Domain.Ledger;
using FacilityFeed.Infrastructure;
using FacilityFeed.Infrastructure.Feeds;
using FacilityFeed.Infrastructure.Ledger;
using FacilityFeed.Infrastructure.Settings;
using FacilityFeed.Scheduler.Hosting;
using FacilityFeed.Scheduler.Operating;
using FacilityFeed.Scheduler.Scheduling;

namespace FacilityFeed.Scheduler.Commands;

/// <summary>Makes a feed now, on the same durable engine as the service, and waits for the run's end.</summary>
internal static class PublishCommand
{
    public static async Task<int> RunAsync(string feedKey, bool isJson, bool isVerbose, CancellationToken interrupted)
    {
        var settings = ControlCommand.SettingsOf(feedKey);
        await ContainerLoss.WarnAsync(settings);
        await using var host = await FeedHost.BuildAsync(settings, isVerbose, builder => Quiet(builder, isVerbose), interrupted);
        return await PublishAsync(host, feedKey, isJson, interrupted);
    }

    private static async Task<int> PublishAsync(FeedHost host, string feedKey, bool isJson, CancellationToken interrupted)
    {
        var services = host.Services;
        var feeds = services.GetRequiredService<FeedCatalog>();
        var feed = feeds.Get(feedKey);
        var patience = services.GetRequiredService<Patience>();
        if (await services.GetRequiredService<FeedLedger>().IsPausedAsync(feed.Key))
        {
            await Console.Error.WriteLineAsync($"feed {feed.Key} is paused: ./run resume {feed.Key} lets runs start again");
            return CommandLine.Superseded;
        }

        // What a person can mend now is said now, and no run is written down for it.
        await patience.TryAsync(feeds.SourceOf(feed).CheckAsync, interrupted);
        await patience.TryAsync(feeds.StoreOf(feed).CheckAsync, interrupted);

        var trigger = services.GetRequiredService<RunTrigger>();
        // Before any worker is here: one with other settings would fail the chunks of the run it finds.
        await trigger.RefuseForeignAsync(feed);
        await host.RemoveLeftoversAsync(interrupted);
        var crew = ActivatorUtilities.CreateInstance<Crew>(services, feed);
        crew.StartIfAlone();
        var triggered = await trigger.TriggerAsync(feed, $"request {Guid.NewGuid():N}", "command", joinsActive: true);
        return await FollowAsync(services, crew, triggered.RunId, feedKey, triggered.Kind == TriggerKind.Joined, isJson, interrupted);
    }

    /// <summary>Waits for a run's end and answers with it.</summary>
    internal static async Task<int> FollowAsync(IServiceProvider services, Crew crew, long runId, string feedKey, bool isJoined, bool isJson, CancellationToken interrupted)
    {
        var wait = ActivatorUtilities.CreateInstance<RunWait>(services, crew);
        var run = await wait.UntilEndAsync(runId, interrupted);
        var feeds = services.GetRequiredService<FeedCatalog>();
        var feed = feeds.Get(feedKey);
        // A state database that is away at this moment changes nothing about the run.
        var counts = await services.GetRequiredService<Patience>().TryAsync(
            _ => StateFailure.GuardAsync(services.GetRequiredService<Databases>().State, () => services.GetRequiredService<RejectLedger>().CountAsync(run.Id, CancellationToken.None)), CancellationToken.None);
        var isOld = services.GetRequiredService<DataAge>().ExcessOfWaiting(run) is not null;
        await PublishResult.Of(run, isJoined, feeds.StoreOf(feed), counts, isOld).WriteAsync(isJson, wait.HasSaid(run.Reason));
        if (crew.IsAlone && run.State is (RunState.Published or RunState.Unchanged))
        {
            // Where no service is, nobody else does. After the answer, which it neither changes nor keeps waiting, and of a store that works.
            await services.GetRequiredService<OrphanSweep>().TrySweepAsync(feed, OrphanSweep.CommandLimit, interrupted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return ExitCode(run, interrupted);
    }

    private static int ExitCode(RunView run, CancellationToken interrupted) => run.State switch
    {
        not RunState.Published when interrupted.IsCancellationRequested => CommandLine.Cancelled,
        RunState.Published or RunState.Unchanged => CommandLine.Ok,
        RunState.Held or RunState.Discarded => CommandLine.Held,
        RunState.Skipped or RunState.Superseded => CommandLine.Superseded,
        RunState.Cancelled => CommandLine.Cancelled,
        _ => CommandLine.Failed,
    };

    // The progress line says what information lines would, and the answer what has become of the run; other warnings still come through.
    internal static void Quiet(WebApplicationBuilder builder, bool isVerbose)
    {
        if (!isVerbose)
        {
            builder.Logging.AddFilter("FacilityFeed", LogLevel.Warning);
            builder.Logging.AddFilter(OutcomeLog.Category, LogLevel.None);
        }
    }
}
