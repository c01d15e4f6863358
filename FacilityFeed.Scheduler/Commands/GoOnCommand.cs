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
        await using var host = await KnownRuns.OpenAsync(settings, isVerbose, builder => PublishCommand.Quiet(builder, isVerbose), interrupted);
        var services = host.Services;
        var run = await KnownRuns.FindAsync(services, runId, interrupted);
        // Before anything is changed: what this process may not work on, it must not set going.
        var crew = settings.Feeds.TryGetValue(run.Feed, out var feed) ? ActivatorUtilities.CreateInstance<Crew>(services, feed) : null;
        await (crew?.RefuseForeignAsync(interrupted) ?? Task.CompletedTask);
        await ControlCommand.AnswerAsync(await order(services.GetRequiredService<RunControl>()));
        // An order is refused where the feed is not configured.
        crew!.StartIfAlone();
        return crew.IsAlone ? await PublishCommand.FollowAsync(services, crew, run.Id, run.Feed, isJoined: false, isJson: false, interrupted) : CommandLine.Ok;
    }
}
