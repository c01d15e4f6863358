using FacilityFeed.Infrastructure.Embedded;
using FacilityFeed.Infrastructure.Settings;
using FacilityFeed.Scheduler.Hosting;
using FacilityFeed.Scheduler.Operating;

namespace FacilityFeed.Scheduler.Commands;

/// <summary>Orders that are carried out at once: <c>cancel</c>, <c>discard</c>, <c>pause</c> and <c>resume</c>.</summary>
internal static class ControlCommand
{
    /// <summary>Who gives the orders, in the audit trail.</summary>
    public const string By = "command";

    public static Task<int> CancelAsync(long runId, bool isVerbose, CancellationToken cancellationToken) =>
        RunAsync(SettingsSource.Read(), runId, isVerbose, control => control.CancelAsync(runId, By), cancellationToken);

    public static Task<int> DiscardAsync(long runId, string? reason, bool isVerbose, CancellationToken cancellationToken) =>
        RunAsync(SettingsSource.Read(), runId, isVerbose, control => control.DiscardAsync(runId, reason, By), cancellationToken);

    public static Task<int> PauseAsync(string feedKey, bool isVerbose, CancellationToken cancellationToken) =>
        RunAsync(SettingsOf(feedKey), null, isVerbose, control => control.PauseAsync(feedKey, By), cancellationToken);

    public static Task<int> ResumeAsync(string feedKey, bool isVerbose, CancellationToken cancellationToken) =>
        RunAsync(SettingsOf(feedKey), null, isVerbose, control => control.ResumeAsync(feedKey, By), cancellationToken);

    /// <exception cref="SettingsException">There is no such feed.</exception>
    public static ServiceSettings SettingsOf(string feedKey)
    {
        var settings = SettingsSource.Read();
        return settings.Feeds.ContainsKey(feedKey)
            ? settings
            : throw new SettingsException([$"There is no feed '{feedKey}': the configured feeds are {string.Join(", ", settings.Feeds.Keys)}. Name one of them, or add a section Feeds:{feedKey}"]);
    }

    /// <summary>Whether any run can be known at all; asked so that no embedded database is made only to say no.</summary>
    public static async Task<bool> HasRunsAsync(ServiceSettings settings, CancellationToken cancellationToken) =>
        settings.State.ConnectionString is not null || await EmbeddedPostgres.ExistsAsync(settings.State.DataDirectory, cancellationToken);

    /// <summary>Says what came of an order.</summary>
    public static async Task<int> AnswerAsync(ControlResult result)
    {
        await (result.IsDone ? Console.Out.WriteLineAsync(result.Message) : Console.Error.WriteLineAsync($"error: {result.Message}"));
        return result.IsDone ? CommandLine.Ok : CommandLine.Failed;
    }

    private static async Task<int> RunAsync(ServiceSettings settings, long? runId, bool isVerbose, Func<RunControl, Task<ControlResult>> order, CancellationToken cancellationToken)
    {
        if (runId is { } id && !await HasRunsAsync(settings, cancellationToken))
        {
            return await AnswerAsync(ControlResult.Refused($"there is no run {id}: ./run publish FEED makes the first"));
        }

        await using var host = await FeedHost.BuildAsync(settings, isVerbose, customize: null, cancellationToken);
        return await AnswerAsync(await order(host.Services.GetRequiredService<RunControl>()));
    }
}
