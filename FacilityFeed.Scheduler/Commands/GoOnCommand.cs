using FacilityFeed.Infrastructure.Feeds;
using FacilityFeed.Infrastructure.Ledger;
using FacilityFeed.Scheduler.Hosting;
using FacilityFeed.Scheduler.Operating;

namespace FacilityFeed.Scheduler.Commands;

/// <summary>
/// Lets a run go on that waits for a person: <c>redrive</c> and <c>publish-anyway</c>. Beside a service it only says so; alone it works on the
/// run and waits for its end.
/// </summary>
internal static class GoOnCommand
{
    public static Task<int> RedriveAsync(long runId, bool isVerbose, CancellationToken interrupted) =>
        RunAsync(runId, isVerbose, control => control.RedriveAsync(runId, ControlCommand.By), interrupted);

    public static Task<int> PublishAnywayAsync(long runId, string reason, bool isVerbose, CancellationToken interrupted) =>
        RunAsync(runId, isVerbose, control => control.PublishAnywayAsync(runId, reason, ControlCommand.By), interrupted);

    private static async Task<int> RunAsync(long runId, bool isVerbose, Func<RunControl, Task<ControlResult>> order, CancellationToken interrupted)
    {
        var settings = SettingsSource.Read();
        if (!await ControlCommand.HasRunsAsync(settings, interrupted))
        {
            return await ControlCommand.AnswerAsync(ControlResult.Refused($"there is no run {runId}: ./run publish FEED makes the first"));
        }

        await using var host = await FeedHost.BuildAsync(settings, isVerbose, builder => PublishCommand.Quiet(builder, isVerbose), interrupted);
        var services = host.Services;
        var run = await services.GetRequiredService<RunLedger>().FindAsync(runId, interrupted);
        // Before anything is changed: what this process may not work on, it must not set going.
        var crew = run is null || !settings.Feeds.TryGetValue(run.Feed, out var feed) ? null : ActivatorUtilities.CreateInstance<Crew>(services, feed);
        await (crew?.RefuseForeignAsync(interrupted) ?? Task.CompletedTask);
        var ordered = await order(services.GetRequiredService<RunControl>());
        var exitCode = await ControlCommand.AnswerAsync(ordered);
        return ordered.IsDone ? await FollowAsync(services, run!, crew!, interrupted) : exitCode;
    }

    private static async Task<int> FollowAsync(IServiceProvider services, RunView run, Crew crew, CancellationToken interrupted)
    {
        crew.StartIfAlone();
        if (!crew.IsAlone)
        {
            return CommandLine.Ok;
        }

        var feeds = services.GetRequiredService<FeedCatalog>();
        var ended = await ActivatorUtilities.CreateInstance<RunWait>(services, crew).UntilEndAsync(run.Id, interrupted);
        await PublishResult.Of(ended, isJoined: false, feeds.StoreOf(feeds.Get(run.Feed)), await services.GetRequiredService<RejectLedger>().CountAsync(run.Id, CancellationToken.None)).WriteAsync(isJson: false);
        return PublishCommand.ExitCode(ended, interrupted);
    }
}
