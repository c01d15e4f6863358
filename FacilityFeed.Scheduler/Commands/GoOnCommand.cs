using FacilityFeed.Scheduler.Operating;

namespace FacilityFeed.Scheduler.Commands;

/// <summary>
/// Lets a run go on that waits for a person: <c>redrive</c> and <c>publish-anyway</c>. Beside a service it only says so; alone it works on the
/// run and waits for its end.
/// </summary>
internal static class GoOnCommand
{
    public static Task<int> RedriveAsync(long runId, bool isForced, bool isVerbose, CancellationToken interrupted) =>
        RunAsync(runId, isVerbose, control => control.RedriveAsync(runId, ControlCommand.By, isForced), interrupted);

    public static Task<int> PublishAnywayAsync(long runId, string reason, bool isForced, bool isVerbose, CancellationToken interrupted) =>
        RunAsync(runId, isVerbose, control => control.PublishAnywayAsync(runId, reason, ControlCommand.By, isForced), interrupted);

    private static async Task<int> RunAsync(long runId, bool isVerbose, Func<RunControl, Task<ControlResult>> order, CancellationToken interrupted)
    {
        var settings = SettingsSource.Read();
        await using var host = await KnownRuns.OpenAsync(settings, isVerbose, builder => PublishCommand.Quiet(builder, isVerbose), interrupted);
        var services = host.Services;
        var run = await KnownRuns.FindAsync(services, runId, interrupted);
        await ControlCommand.AnswerAsync(await order(services.GetRequiredService<RunControl>()));
        // An order is refused where the feed is not configured.
        var crew = ActivatorUtilities.CreateInstance<Crew>(services, settings.Feeds[run.Feed]);
        crew.StartIfAlone();
        return crew.IsAlone ? await PublishCommand.FollowAsync(services, crew, run.Id, run.Feed, isJoined: false, isJson: false, interrupted) : CommandLine.Ok;
    }
}
