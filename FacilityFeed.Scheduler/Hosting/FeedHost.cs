using FacilityFeed.Infrastructure;
using FacilityFeed.Infrastructure.Ledger;
using FacilityFeed.Infrastructure.Settings;
using FacilityFeed.Infrastructure.Storing;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace FacilityFeed.Scheduler.Hosting;

/// <summary>A built host with its databases. Disposed in the order that leaves nothing behind: jobs, keeper, host, databases.</summary>
public sealed class FeedHost : IAsyncDisposable
{
    private static readonly TimeSpan _leftoversLimit = TimeSpan.FromSeconds(15);

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
        foreach (var taken in Folders.Close(settings))
        {
            await Console.Error.WriteLineAsync($"warning: {taken}");
        }

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

    /// <summary>Removes what processes that died left in the spool folder and the stores, each by itself and within seconds.</summary>
    public async Task RemoveLeftoversAsync(CancellationToken cancellationToken)
    {
        var settings = Services.GetRequiredService<ServiceSettings>();
        await Task.WhenAll(settings.Stores.Values.OfType<LocalStoreOptions>().Select(store => (Folder: store.Path, Pattern: Leftovers.StorePattern))
            .Prepend((Folder: settings.State.SpoolDirectory, Pattern: Leftovers.SpoolPattern))
            .Select(place => RemoveLeftoversAsync(place.Folder, place.Pattern, cancellationToken)));
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
            await Console.Error.WriteLineAsync($"warning: {what} did not end properly: {StateFailure.Explain(failure)}");
        }
    }

    // A store that is away, or a disk that does not answer, is no reason not to start.
    private static async Task RemoveLeftoversAsync(string folder, string pattern, CancellationToken cancellationToken)
    {
        try
        {
            await TimeLimit.RunAsync(_ => Task.FromResult(Leftovers.Remove(folder, pattern)), _leftoversLimit, cancellationToken);
        }
        catch (Exception away) when (away is IOException or UnauthorizedAccessException or OverdueException)
        {
            await Console.Error.WriteLineAsync($"warning: {folder} was not searched for temporary files of killed processes: {away.Message}");
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
            // A folder that only we can open, where no appsettings.json is found: it is read below.
            ContentRootPath = settings.State.KeyDirectory,
            // Settings are read once; watching their files would only use up the machine's watches.
            Args = ["--hostBuilder:reloadConfigOnChange=false"],
        });
        // What the host reads itself of the file that we bring: log levels and allowed hosts; the environment wins over it. Read as all settings are, for
        // .NET would put a lock on it, and any user who may read it may hold another.
        builder.Configuration.Sources.Insert(0, new ChainedConfigurationSource { Configuration = new SettingsLayers().AddJson(Path.Combine(AppContext.BaseDirectory, "appsettings.json"), isOptional: false).Build() });
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
        // A line for each request without a token that fits: any page that is open in a browser could fill the log. Its answer says it already.
        builder.Logging.AddFilter("Microsoft.AspNetCore.Antiforgery", LogLevel.None);
        if (isVerbose)
        {
            builder.Logging.AddFilter(null, LogLevel.Information);
        }

        return builder;
    }
}
