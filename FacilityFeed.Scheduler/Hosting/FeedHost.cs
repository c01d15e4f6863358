using FacilityFeed.Infrastructure;
using FacilityFeed.Infrastructure.Ledger;
using FacilityFeed.Infrastructure.Settings;
using FacilityFeed.Infrastructure.Storing;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace FacilityFeed.Scheduler.Hosting;

/// <summary>A built host with its databases. Disposed in the order that leaves nothing behind: jobs, keeper, host, databases.</summary>
public sealed class FeedHost : IAsyncDisposable
{
    private readonly Databases _databases;
    private readonly ServerKeeper? _keeper;

    private FeedHost(WebApplication app, Databases databases)
    {
        App = app;
        _databases = databases;
        _keeper = databases.Embedded is { } embedded ? new ServerKeeper(embedded, Services.GetRequiredService<ILogger<ServerKeeper>>()) : null;
        _keeper?.Start(TimeProvider.System);
    }

    public WebApplication App { get; }

    public IServiceProvider Services => App.Services;

    /// <summary>Whether a run was ever made with its state, or a service started.</summary>
    public Task<bool> IsUsedAsync(CancellationToken cancellationToken) => Databases.IsUsedAsync(_databases.State, cancellationToken);

    /// <summary>Connects the databases, migrates them and builds the host; starts nothing, but looks after an embedded server from now on.</summary>
    /// <param name="settings">The checked settings.</param>
    /// <param name="isVerbose">Log more, with stack traces.</param>
    /// <param name="customize">Last changes to the services, for tests.</param>
    /// <param name="cancellationToken">Stops the waiting for databases.</param>
    public static async Task<FeedHost> BuildAsync(ServiceSettings settings, bool isVerbose, Action<WebApplicationBuilder>? customize, CancellationToken cancellationToken)
    {
        var databases = await Databases.OpenAsync(settings, NewPatience(TimeProvider.System), cancellationToken);
        try
        {
            Folders.Prepare(settings.State);
            await HangfireStorage.InstallAsync(databases, cancellationToken);
            var installation = await Installation.ReadAsync(databases.State, cancellationToken);
            var builder = NewBuilder(settings, isVerbose);
            builder.Services.AddFeedPipeline(settings, databases, installation).AddFeedJobs().AddFeedDashboard(settings);
            customize?.Invoke(builder);
            return new FeedHost(builder.Build(), databases);
        }
        catch
        {
            await databases.DisposeAsync();
            throw;
        }
    }

    /// <summary>A person at a terminal should know what nothing happens for; a log gets the end of it, in one line.</summary>
    internal static Patience NewPatience(TimeProvider time) => new(time, Console.IsErrorRedirected
        ? null
        : away => Console.Error.WriteLine($"waiting up to {Patience.Limit.TotalSeconds:0} s: {away.Message.ReplaceLineEndings(" ")}"));

    /// <summary>Removes what processes that died left in the spool folder and the stores.</summary>
    public void RemoveLeftovers()
    {
        var settings = Services.GetRequiredService<ServiceSettings>();
        RemoveLeftovers(settings.State.SpoolDirectory, Leftovers.SpoolPattern);
        foreach (var store in settings.Stores.Values.OfType<LocalStoreOptions>())
        {
            RemoveLeftovers(store.Path, Leftovers.StorePattern);
        }
    }

    public async ValueTask DisposeAsync()
    {
        // One that fails does not keep the others from ending, nor changes what the command achieved.
        await EndAsync("the job servers", Services.GetRequiredService<JobServers>().DisposeAsync);
        // Until its jobs have ended, a process needs its state; and the host writes the keeper's log.
        await EndAsync("the keeper of the embedded database", () => _keeper?.DisposeAsync() ?? ValueTask.CompletedTask);
        await EndAsync("the host", App.DisposeAsync);
        await EndAsync("the databases", _databases.DisposeAsync);
    }

    private static async Task EndAsync(string what, Func<ValueTask> dispose)
    {
        try
        {
            await dispose();
        }
        catch (Exception failure)
        {
            await Console.Error.WriteLineAsync($"warning: {what} did not end properly: {failure.Message.ReplaceLineEndings(" ")}");
        }
    }

    // A store that is away is no reason not to start.
    private static void RemoveLeftovers(string folder, string pattern)
    {
        try
        {
            Leftovers.Remove(folder, pattern);
        }
        catch (IOException away)
        {
            Console.Error.WriteLine($"warning: {folder} was not searched for temporary files of killed processes: {away.Message}");
        }
    }

    private static void Listen(KestrelServerOptions kestrel, ServiceSettings settings)
    {
        if (settings.IsHttpOpen)
        {
            kestrel.ListenAnyIP(settings.HttpPort);
        }
        else
        {
            kestrel.ListenLocalhost(settings.HttpPort);
        }
    }

    private static WebApplicationBuilder NewBuilder(ServiceSettings settings, bool isVerbose)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions
        {
            ContentRootPath = AppContext.BaseDirectory,
            // Settings are read once; watching their files would only use up the machine's watches.
            Args = ["--hostBuilder:reloadConfigOnChange=false"],
        });
        builder.WebHost.ConfigureKestrel(kestrel => Listen(kestrel, settings));
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = HostSetup.HostShutdown);
        builder.Logging.ClearProviders();
        // All of it to stderr: stdout belongs to the answer of a command.
        builder.Logging.AddConsole(console =>
        {
            console.FormatterName = LineFormatter.FormatterName;
            console.LogToStandardErrorThreshold = LogLevel.Trace;
        });
        builder.Logging.AddConsoleFormatter<LineFormatter, LineFormatterOptions>(options => options.ShowsStackTraces = isVerbose);
        if (isVerbose)
        {
            builder.Logging.AddFilter(null, LogLevel.Information);
        }

        return builder;
    }
}
