using FacilityFeed.Domain;
using FacilityFeed.Domain.Ledger;
using FacilityFeed.Infrastructure.Ledger;
using FacilityFeed.Infrastructure.Settings;
using FacilityFeed.Scheduler.Hosting;
using FacilityFeed.Scheduler.Scheduling;
using FacilityFeed.Scheduler.Watching;
using Hangfire;
using Hangfire.Common;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;

namespace FacilityFeed.Tests.Support;

/// <summary>The real host on real databases: a state database and a source of its own, a folder as store. Starts no workers by itself.</summary>
public sealed class TestHost : IAsyncDisposable
{
    private static readonly TimeSpan _deadline = TimeSpan.FromSeconds(60);

    private TestHost(FeedHost host, TestDatabase state, TestDatabase source, TempFolder folder)
    {
        Host = host;
        State = state;
        Source = source;
        Folder = folder;
    }

    public FeedHost Host { get; }

    public TestDatabase State { get; }

    public TestDatabase Source { get; }

    public TempFolder Folder { get; }

    public string StorePath => Folder.File("feeds");

    public IServiceProvider Services => Host.Services;

    /// <param name="sourceScript">Makes the source table.</param>
    /// <param name="chunkSize">Rows in a chunk.</param>
    /// <param name="retryDelays">Seconds between a job's tries.</param>
    /// <param name="watch">How soon the watcher acts.</param>
    /// <param name="points">Where a job is held or fails.</param>
    /// <param name="clock">The clock of the process and of its schedules; the state database has its own.</param>
    /// <param name="settings">Further settings, by section key.</param>
    public static async Task<TestHost> CreateAsync(string sourceScript, int chunkSize = 10, IReadOnlyList<int>? retryDelays = null, WatchTimes? watch = null, CrashPoints? points = null, TimeProvider? clock = null, params (string Key, string Value)[] settings)
    {
        var state = await TestDatabase.CreateAsync();
        var source = await TestDatabase.CreateAsync(sourceScript);
        var folder = new TempFolder();
        var host = await FeedHost.BuildAsync(Read(state, source, folder, chunkSize, settings), isVerbose: false, builder =>
        {
            builder.Logging.AddFilter("FacilityFeed", LogLevel.Warning);
            builder.Services.Replace(ServiceDescriptor.Singleton(new RetryDelays(retryDelays ?? [1])));
            builder.Services.Replace(ServiceDescriptor.Singleton(watch ?? WatchTimes.Shipped));
            builder.Services.Replace(ServiceDescriptor.Singleton(points ?? CrashPoints.None));
            UseClock(builder.Services, clock);
        }, CancellationToken.None);
        return new TestHost(host, state, source, folder);
    }

    /// <summary>A second process of the same installation: another host on the same databases and folder.</summary>
    public async Task<FeedHost> AnotherAsync(params (string Key, string Value)[] settings) =>
        await AnotherAsync(null, settings);

    /// <inheritdoc cref="AnotherAsync(ValueTuple{string, string}[])"/>
    public async Task<FeedHost> AnotherAsync(TimeProvider? clock, params (string Key, string Value)[] settings) =>
        await FeedHost.BuildAsync(Read(State, Source, Folder, chunkSize: 10, settings), isVerbose: false, builder => UseClock(builder.Services, clock), CancellationToken.None);

    public T Get<T>() where T : notnull => Services.GetRequiredService<T>();

    public RunLedger Runs => Get<RunLedger>();

    public ChunkLedger Chunks => Get<ChunkLedger>();

    public Domain.Feeds.FeedDefinition Feed => Get<ServiceSettings>().Feeds["facility"];

    public void StartWorkers() => Get<JobServers>().StartAll(JobClocks.RetriesOnly);

    public async Task<long> TriggerAsync(string? runKey = null) =>
        (await Get<RunTrigger>().TriggerAsync(Feed, runKey ?? $"test {Guid.NewGuid():N}", "test", joinsActive: false)).RunId;

    /// <summary>Triggers a run, works on it and waits for its end.</summary>
    public async Task<RunView> PublishAsync()
    {
        if (!Get<JobServers>().IsRunning)
        {
            StartWorkers();
        }

        return await EndOfAsync(await TriggerAsync());
    }

    public Task<RunView> EndOfAsync(long runId) => Until.Async(
        async () => await Runs.FindAsync(runId, CancellationToken.None) is { } run && !RunTransitions.IsActive(run.State) ? run : null, _deadline, $"run {runId} to end");

    public async ValueTask DisposeAsync()
    {
        await Host.DisposeAsync();
        await State.DisposeAsync();
        await Source.DisposeAsync();
        Folder.Dispose();
    }

    private static void UseClock(IServiceCollection services, TimeProvider? clock)
    {
        if (clock is not null)
        {
            services.Replace(ServiceDescriptor.Singleton(clock));
            services.Replace(ServiceDescriptor.Singleton<IRecurringJobManagerV2>(provider =>
                new RecurringJobManager(provider.GetRequiredService<JobStorage>(), provider.GetRequiredService<IJobFilterProvider>(), new DefaultTimeZoneResolver(), () => clock.GetUtcNow().UtcDateTime)));
        }
    }

    private static ServiceSettings Read(TestDatabase state, TestDatabase source, TempFolder folder, int chunkSize, IEnumerable<(string Key, string Value)> settings)
    {
        var values = new Dictionary<string, string?>
        {
            ["State:ConnectionString"] = state.ConnectionString,
            ["State:DataDirectory"] = folder.File("data"),
            ["Source:Host"] = source.SourceOptions.Host,
            ["Source:Port"] = source.SourceOptions.Port.ToString(System.Globalization.CultureInfo.InvariantCulture),
            ["Source:Database"] = source.SourceOptions.Database,
            ["Source:User"] = source.SourceOptions.User,
            ["Source:Password"] = source.SourceOptions.Password,
            ["Stores:local:Path"] = folder.File("feeds"),
            ["Feeds:facility:ChunkSize"] = chunkSize.ToString(System.Globalization.CultureInfo.InvariantCulture),
        };
        foreach (var (key, value) in settings)
        {
            values[key] = value;
        }

        return ServiceSettings.Read(new ConfigurationBuilder().AddInMemoryCollection(values).Build());
    }
}
