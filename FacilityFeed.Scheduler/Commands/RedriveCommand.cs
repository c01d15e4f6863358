using FacilityFeed.Infrastructure.Feeds;
using FacilityFeed.Infrastructure.Ledger;
using FacilityFeed.Scheduler.Hosting;
using FacilityFeed.Scheduler.Operating;

namespace FacilityFeed.Scheduler.Commands;

/// <summary>Lets a failed run go on. Beside a service it only says so; alone it works on the run and waits for its end.</summary>
internal static class RedriveCommand
{
    public static async Task<int> RunAsync(long runId, bool isVerbose, CancellationToken interrupted)
    {
        var settings = SettingsSource.Read();
        if (!await ControlCommand.HasRunsAsync(settings, interrupted))
        {
            return await ControlCommand.AnswerAsync(ControlResult.Refused($"there is no run {runId}: ./run publish FEED makes the first"));
        }

        await using var host = await FeedHost.BuildAsync(settings, isVerbose, builder => PublishCommand.Quiet(builder, isVerbose), interrupted);
        var redriven = await host.Services.GetRequiredService<RunControl>().RedriveAsync(runId, ControlCommand.By);
        var exitCode = await ControlCommand.AnswerAsync(redriven);
        return redriven.IsDone ? await FollowAsync(host, runId, interrupted) : exitCode;
    }

    private static async Task<int> FollowAsync(FeedHost host, long runId, CancellationToken interrupted)
    {
        var services = host.Services;
        var run = (await services.GetRequiredService<RunLedger>().FindAsync(runId, CancellationToken.None))!;
        var feeds = services.GetRequiredService<FeedCatalog>();
        var feed = feeds.Get(run.Feed);
        var crew = ActivatorUtilities.CreateInstance<Crew>(services, feed);
        await crew.RefuseForeignAsync(interrupted);
        crew.StartIfAlone();
        if (!crew.IsAlone)
        {
            return CommandLine.Ok;
        }

        var ended = await ActivatorUtilities.CreateInstance<RunWait>(services, crew).UntilEndAsync(runId, interrupted);
        await PublishResult.Of(ended, isJoined: false, feeds.StoreOf(feed)).WriteAsync(isJson: false);
        return PublishCommand.ExitCode(ended, interrupted);
    }
}
