using FacilityFeed.Infrastructure.Ledger;
using FacilityFeed.Scheduler.Watching;
using Hangfire;
using Hangfire.PostgreSql;
using Hangfire.Storage;
using Npgsql;

namespace FacilityFeed.Scheduler.Hosting;

/// <summary>Hangfire's storage on the state database's one pool, with the settings that make its promises hold.</summary>
internal static class HangfireStorage
{
    private const string Schema = "hangfire";

    private static readonly TimeSpan _jobsStay = TimeSpan.FromDays(7);

    /// <summary>Migrates the ledger and installs Hangfire's schema, one instance at a time; on stderr it says what it waits for.</summary>
    public static Task InstallAsync(Databases databases, CancellationToken cancellationToken, TimeSpan? limit = null) =>
        LedgerMigrator.MigrateAsync(databases.State, databases.StateConnectionString, connection => PostgreSqlObjectsInstaller.Install(connection, Schema), cancellationToken, limit,
            waiting => Console.Error.WriteLine($"warning: {waiting}"));

    public static JobStorage Open(NpgsqlDataSource state, WatchTimes times, ILogger log) => new KnownJobStorage(state, times.LockLease, log, new PostgreSqlStorageOptions
    {
        SchemaName = Schema,
        PrepareSchemaIfNecessary = false,
        // A job longer than a fixed time-out would be run twice.
        UseSlidingInvisibilityTimeout = true,
        InvisibilityTimeout = times.Invisibility,
        DistributedLockTimeout = times.LockLease,
        QueuePollInterval = TimeSpan.FromSeconds(1),
        // Long polling loses jobs for as long as the process lives (docs: design, measured facts).
        EnableLongPolling = false,
        AllowDegradedModeWithoutStorage = false,
        JobExpirationCheckInterval = TimeSpan.FromMinutes(15),
    })
    {
        JobExpirationTimeout = _jobsStay,
    };

    private sealed class KnownJobStorage(NpgsqlDataSource state, TimeSpan lockLease, ILogger log, PostgreSqlStorageOptions options) : PostgreSqlStorage(new SharedPool(state), options)
    {
        public override IStorageConnection GetConnection() => new KnownJobConnection(this, state, Schema, lockLease, log);

        public override IMonitoringApi GetMonitoringApi() => new KnownJobMonitor(this, state, Schema);
    }

    private sealed class SharedPool(NpgsqlDataSource state) : IConnectionFactory
    {
        public NpgsqlConnection GetOrCreateConnection() => state.CreateConnection();
    }
}
