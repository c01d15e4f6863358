using FacilityFeed.Infrastructure.Embedded;
using FacilityFeed.Infrastructure.Ledger;
using FacilityFeed.Infrastructure.Settings;
using FacilityFeed.Scheduler.Hosting;

namespace FacilityFeed.Scheduler.Commands;

/// <summary>
/// The state that commands about runs ask. None is made to say that it is empty: from another folder than usual that would be true of the
/// new one alone.
/// </summary>
internal static class KnownRuns
{
    /// <exception cref="RefusedException">No run was ever made with this state, and no service started.</exception>
    public static async Task<FeedHost> OpenAsync(ServiceSettings settings, bool isVerbose, Action<WebApplicationBuilder>? customize, CancellationToken cancellationToken)
    {
        await RefuseNoStateAsync(settings, cancellationToken);
        var host = await FeedHost.BuildAsync(settings, isVerbose, customize, cancellationToken);
        var isHandedOver = false;
        try
        {
            // An embedded server is not started twice to be asked.
            isHandedOver = settings.State.ConnectionString is not null || await host.IsUsedAsync(cancellationToken);
            return isHandedOver ? host : throw Unused(settings);
        }
        finally
        {
            if (!isHandedOver)
            {
                await host.DisposeAsync();
            }
        }
    }

    /// <exception cref="RefusedException">There is no such run.</exception>
    public static async Task<RunView> FindAsync(IServiceProvider services, long runId, CancellationToken cancellationToken) =>
        await services.GetRequiredService<RunLedger>().FindAsync(runId, cancellationToken) ?? throw new RefusedException(RunLedger.NoSuchRun(runId));

    /// <exception cref="RefusedException">There is none.</exception>
    public static async Task RefuseNoStateAsync(ServiceSettings settings, CancellationToken cancellationToken)
    {
        if (settings.State.ConnectionString is null && !await EmbeddedPostgres.ExistsAsync(settings.State.DataDirectory, cancellationToken))
        {
            throw new RefusedException($"there is no state database in {settings.State.DataDirectory}: nothing was ever run from this folder. cd to the folder of your .env, set DATA_DIR (State:DataDirectory) or STATE_DB (State:ConnectionString), or make the first run: {CommandLine.Program} publish {settings.Feeds.Keys.First()}");
        }

        if (settings.State.ConnectionString is not null && !await Databases.IsUsedAsync(settings, FeedHost.NewPatience(TimeProvider.System), cancellationToken))
        {
            throw Unused(settings);
        }
    }

    private static RefusedException Unused(ServiceSettings settings) => new(
        $"there is no state in {settings.State.Place}: nothing was ever run there. {(settings.State.ConnectionString is null ? "cd to the folder of your .env, set DATA_DIR (State:DataDirectory) or STATE_DB (State:ConnectionString)" : "Check STATE_DB (State:ConnectionString)")}, or make the first run: {CommandLine.Program} publish {settings.Feeds.Keys.First()}");
}
