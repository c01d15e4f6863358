using FacilityFeed.Infrastructure.Settings;
using FacilityFeed.Scheduler.Hosting;
using FacilityFeed.Scheduler.Operating;
using FacilityFeed.Scheduler.Scheduling;

namespace FacilityFeed.Scheduler.Commands;

/// <summary>Orders that are carried out at once: <c>cancel</c>, <c>discard</c>, <c>pause</c>, <c>resume</c> and <c>forget</c>.</summary>
internal static class ControlCommand
{
    /// <summary>Who gives the orders, in the audit trail.</summary>
    public const string By = "command";

    public static Task<int> CancelAsync(long runId, bool isVerbose, CancellationToken cancellationToken) =>
        OfRunAsync(isVerbose, control => control.CancelAsync(runId, By), cancellationToken);

    public static Task<int> DiscardAsync(long runId, string? reason, bool isVerbose, CancellationToken cancellationToken) =>
        OfRunAsync(isVerbose, control => control.DiscardAsync(runId, reason, By), cancellationToken);

    public static Task<int> PauseAsync(string feedKey, bool isVerbose, CancellationToken cancellationToken) =>
        OfFeedAsync(feedKey, isVerbose, control => control.PauseAsync(feedKey, By), cancellationToken);

    public static Task<int> ResumeAsync(string feedKey, bool isVerbose, CancellationToken cancellationToken) =>
        OfFeedAsync(feedKey, isVerbose, control => control.ResumeAsync(feedKey, By), cancellationToken);

    /// <summary>Of a feed that is not configured, so it is only looked for in the state.</summary>
    public static async Task<int> ForgetAsync(string feedKey, bool isVerbose, CancellationToken cancellationToken)
    {
        await using var host = await KnownRuns.OpenAsync(SettingsSource.Read(), isVerbose, customize: null, cancellationToken);
        return await AnswerAsync(host.Services.GetRequiredService<ForgottenFeeds>().Forget(feedKey));
    }

    /// <exception cref="SettingsException">There is no such feed.</exception>
    public static ServiceSettings SettingsOf(string feedKey)
    {
        var settings = SettingsSource.Read();
        return settings.Feeds.ContainsKey(feedKey)
            ? settings
            : throw new SettingsException([settings.NoSuchFeed(feedKey)]);
    }

    /// <summary>Says what came of an order.</summary>
    /// <exception cref="RefusedException">It was refused.</exception>
    public static async Task<int> AnswerAsync(ControlResult result)
    {
        if (!result.IsDone)
        {
            throw new RefusedException(result.Message);
        }

        await Console.Out.WriteLineAsync(result.Message);
        return CommandLine.Ok;
    }

    private static async Task<int> OfRunAsync(bool isVerbose, Func<RunControl, Task<ControlResult>> order, CancellationToken cancellationToken)
    {
        await using var host = await KnownRuns.OpenAsync(SettingsSource.Read(), isVerbose, customize: null, cancellationToken);
        return await AnswerAsync(await order(host.Services.GetRequiredService<RunControl>()));
    }

    private static async Task<int> OfFeedAsync(string feedKey, bool isVerbose, Func<RunControl, Task<ControlResult>> order, CancellationToken cancellationToken)
    {
        var settings = SettingsOf(feedKey);
        if (settings.State.ConnectionString is null)
        {
            // What is paused in a state made this moment, perhaps in another folder than usual, is paused for nobody.
            await KnownRuns.RefuseNoStateAsync(settings, cancellationToken);
        }

        await using var host = await FeedHost.BuildAsync(settings, isVerbose, customize: null, cancellationToken);
        return await AnswerAsync(await order(host.Services.GetRequiredService<RunControl>()));
    }
}
