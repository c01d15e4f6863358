using FacilityFeed.Domain;
using FacilityFeed.Domain.Exporting;
using FacilityFeed.Infrastructure.Feeds;
using FacilityFeed.Infrastructure.Ledger;
using FacilityFeed.Infrastructure.Ledger.Schedules;
using FacilityFeed.Infrastructure.Settings;
using FacilityFeed.Infrastructure.Storing;
using FacilityFeed.Scheduler.Dashboard;
using FacilityFeed.Scheduler.Exporting;
using FacilityFeed.Scheduler.Operating;
using FacilityFeed.Scheduler.Planning;
using FacilityFeed.Scheduler.Publishing;
using FacilityFeed.Scheduler.Scheduling;
using FacilityFeed.Scheduler.Watching;
using Hangfire;
using Hangfire.AspNetCore;
using Hangfire.Common;
using Hangfire.Server;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace FacilityFeed.Scheduler.Hosting;

/// <summary>What the host is made of.</summary>
public static class HostSetup
{
    /// <summary>Hangfire's time to stop; shorter than the host's, or chunks are cut off instead of going back to their queue.</summary>
    public static readonly TimeSpan HangfireShutdown = TimeSpan.FromSeconds(25);

    /// <summary>The host's time to stop; a container's grace period must be longer still.</summary>
    public static readonly TimeSpan HostShutdown = TimeSpan.FromSeconds(35);

    /// <summary>The pipeline, in the order in which a facility travels through it.</summary>
    public static IServiceCollection AddFeedPipeline(this IServiceCollection services, ServiceSettings settings, Databases databases, Installation installation)
    {
        services.AddSingleton(settings);
        services.AddSingleton(databases);
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton(provider => FeedHost.NewPatience(provider.GetRequiredService<TimeProvider>()));
        services.TryAddSingleton(CrashPoints.None);
        services.AddSingleton(provider => new FeedStores(installation.Id, settings.State.SpoolDirectory, provider.GetRequiredService<CrashPoints>())); // folders and buckets
        services.AddSingleton<FeedCatalog>(); // the feeds, each with its source and its store
        services.AddSingleton(_ => new RunLedger(databases.State));
        services.AddSingleton(_ => new ChunkLedger(databases.State));
        services.AddSingleton(_ => new RejectLedger(databases.State));
        services.AddSingleton(_ => new PublishingLedger(databases.State));
        services.AddSingleton(_ => new RedriveLedger(databases.State));
        services.AddSingleton(_ => new FeedLedger(databases.State));
        services.AddSingleton(_ => new OrphanLedger(databases.State));
        services.AddSingleton(_ => new RunJobsLedger(databases.State));
        services.AddSingleton(installation);

        services.AddSingleton<OutcomeLog>();
        services.AddSingleton<FailureNotes>();

        services.AddSingleton(_ => new ScheduleLedger(databases.State));
        services.AddSingleton<FeedOccurrences>(); // which due time a trigger belongs to, and which are open
        services.AddSingleton<FeedSchedules>(); // cron -> trigger
        services.AddSingleton<ForgottenFeeds>();
        services.AddSingleton<RecurringEntries>();
        services.AddSingleton<LastJobs>(); // newest run -> what the recurring entry shows
        services.AddSingleton(_ => new TriggerLedger(databases.State));
        services.AddSingleton(_ => new FreshnessLedger(databases.State));
        services.AddSingleton<FeedFreshness>(); // age of what is published -> late or not
        services.AddSingleton<OverdueRuns>(); // late -> further run
        services.AddSingleton<TriggerRequests>(); // "Trigger now" -> trigger by hand and its job
        services.AddSingleton<HandTriggers>(); // its job -> trigger
        services.AddSingleton<RunTrigger>(); // trigger -> run and plan job
        services.AddSingleton<RunPlanner>(); // source -> key ranges
        services.AddSingleton<FanOut>(); // key ranges -> one job per chunk
        services.AddSingleton<AttemptLog>();
        services.AddSingleton<ChunkRunner>(); // chunk job -> attempt
        services.AddSingleton(provider => new ChunkExporter(settings.State.SpoolDirectory, provider.GetRequiredService<CrashPoints>())); // rows -> shard in the store
        services.AddSingleton<FanIn>(); // last chunk -> manifest job
        services.AddSingleton<ShardProof>(); // store = ledger?
        services.AddSingleton<RunGuard>(); // good enough to replace what the partner has?
        services.AddSingleton<ManifestPublisher>(); // manifest, then alias

        services.AddSingleton<DataAge>(); // too old to go on unasked?
        services.AddSingleton<RunControl>(); // what a person may do to runs and feeds
        services.AddSingleton<DecidingJobs>(); // no held or failed run among the succeeded jobs
        services.AddSingleton<RequeueRedrive>(); // the same by Hangfire's own "Requeue"
        services.AddSingleton<PendingTriggers>(); // end of a run -> trigger that waited for it
        services.AddSingleton<OrphanSweep>(); // what nothing names leaves the store
        return services.AddWatcher(databases);
    }

    /// <summary>The watcher and its repairs.</summary>
    private static IServiceCollection AddWatcher(this IServiceCollection services, Databases databases)
    {
        services.TryAddSingleton(WatchTimes.Shipped);
        services.AddSingleton(_ => new WatchLedger(databases.State));
        services.AddSingleton<KnownFeeds>();
        services.AddSingleton<RepairNotes>();
        services.AddSingleton<LockRepair>();
        services.AddSingleton<JobRepair>();
        services.AddSingleton<JobReplacement>();
        services.AddSingleton<TriggerRepair>();
        services.AddSingleton<CountRepair>();
        services.AddSingleton<DashboardRepair>();
        services.AddSingleton<AliasRepair>();
        services.AddSingleton<ScheduleRepair>();
        services.AddSingleton<OccurrenceRepair>();
        services.AddSingleton<OverdueRepair>();
        services.AddSingleton<Watcher>();
        // A host that starts no servers makes no watcher either, not even to dispose of them.
        services.AddSingleton(provider => new Lazy<Watcher>(provider.GetRequiredService<Watcher>));
        return services;
    }

    /// <summary>Hangfire, with storage, filters and activator of this host alone: nothing is taken from its process-wide statics.</summary>
    public static IServiceCollection AddFeedJobs(this IServiceCollection services)
    {
        services.AddSingleton(provider => AfterConfiguration(provider, () => HangfireStorage.Open(provider.GetRequiredService<Databases>().State, provider.GetRequiredService<WatchTimes>(), provider.GetRequiredService<ILogger<KnownJobConnection>>())));
        services.TryAddSingleton(RetryDelays.Shipped);
        services.AddSingleton<IJobFilterProvider>(provider => AfterConfiguration(provider, () => ActivatorUtilities.CreateInstance<FeedJobFilters>(provider)));
        services.AddSingleton<JobActivator>(provider => new AspNetCoreJobActivator(provider.GetRequiredService<IServiceScopeFactory>()));
        // Before Hangfire's own, which are only added where there are none.
        services.AddSingleton<IRecurringJobManagerFactoryV2, FeedRecurringJobsFactory>();
        services.AddSingleton<IRecurringJobManagerFactory>(provider => provider.GetRequiredService<IRecurringJobManagerFactoryV2>());
        services.AddHangfire(hangfire => hangfire
            .SetDataCompatibilityLevel(CompatibilityLevel.Version_180)
            .UseSimpleAssemblyNameTypeSerializer()
            .UseTypeResolver(KnownJobs.Resolve)
            .UseRecommendedSerializerSettings());
        services.AddSingleton<FeedJobs>();
        services.AddSingleton(provider => new Lazy<FeedJobs>(provider.GetRequiredService<FeedJobs>));
        services.AddUpkeep();
        services.AddSingleton<JobServers>();
        services.AddSingleton<LivingServers>();
        return services;
    }

    /// <summary>What a service does beside its jobs.</summary>
    private static void AddUpkeep(this IServiceCollection services)
    {
        services.AddSingleton<IBackgroundProcess>(provider => new PeriodicWork("Starting of waiting triggers", PendingTriggers.Interval,
            provider.GetRequiredService<PendingTriggers>().StartDueAsync, provider.GetRequiredService<ILogger<PeriodicWork>>()));
        services.AddSingleton<IBackgroundProcess>(provider => new PeriodicWork("Removing of orphaned objects", OrphanSweep.Interval,
            stop => provider.GetRequiredService<OrphanSweep>().SweepAllAsync(OrphanSweep.ServiceLimit, stop), provider.GetRequiredService<ILogger<PeriodicWork>>()));
    }

    /// <summary>Hangfire's classes take their logger when they are first touched: not before logging is configured.</summary>
    private static T AfterConfiguration<T>(IServiceProvider provider, Func<T> make)
    {
        provider.GetRequiredService<IGlobalConfiguration>();
        return make();
    }

    /// <summary>The dashboard's surroundings. Hangfire checks for forged requests only when antiforgery is there.</summary>
    public static IServiceCollection AddFeedDashboard(this IServiceCollection services, ServiceSettings settings)
    {
        services.AddAntiforgery();
        // Before the filter of host names, whose refusals are answers too.
        services.Insert(0, ServiceDescriptor.Transient<IStartupFilter, PlainAnswers>());
        services.AddSingleton<RecurringNames>();
        services.AddSingleton<PageFailures>();
        services.AddDataProtection().PersistKeysToFileSystem(new DirectoryInfo(settings.State.KeyDirectory));
        return services;
    }

    /// <summary>The dashboard at <c>/hangfire</c>: for this machine only, unless the settings say that something outside limits who gets here.</summary>
    public static void MapFeedDashboard(this WebApplication app)
    {
        var options = new DashboardOptions { DashboardTitle = "FacilityFeed", DisplayStorageConnectionString = false, AppPath = null };
        if (app.Services.GetRequiredService<ServiceSettings>().IsHttpOpen)
        {
            // Hangfire's own filter lets loopback in and nobody else; a container's published port arrives from its bridge.
            options.Authorization = [];
        }

        DashboardLook.Register();
        app.Use(app.Services.GetRequiredService<PageFailures>().InvokeAsync);
        app.Use(DashboardGuard.InvokeAsync);
        app.UseWhen(http => http.Request.Path.StartsWithSegments("/hangfire/jobs/failed"), page => page.Use(FailedPage.InvokeAsync));
        app.MapHangfireDashboard("/hangfire", options);
        app.MapGet("/", () => Results.Redirect("/hangfire"));
    }
}
