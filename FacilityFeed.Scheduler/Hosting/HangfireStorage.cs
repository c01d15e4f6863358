using FacilityFeed.Infrastructure.Ledger;
using FacilityFeed.Scheduler.Watching;
using Hangfire;
using Hangfire.PostgreSql;
using Npgsql;

namespace FacilityFeed.Scheduler.Hosting;

/// <summary>Hangfire's storage on the state database's one pool, with the settings that make its promises hold.</summary>
internal static class HangfireStorage
{
    private const string Schema = "hangfire";

    private static readonly TimeSpan _jobsStay = TimeSpan.FromDays(7);

    /// <summary>Migrates the ledger and installs Hangfire's schema, one instance at a time.</summary>
    public static Task InstallAsync(Databases databases, CancellationToken cancellationToken) =>
        LedgerMigrator.MigrateAsync(databases.State, databases.StateConnectionString, connection => PostgreSqlObjectsInstaller.Install(connection, Schema), cancellationToken);

    public static JobStorage Open(NpgsqlDataSource state, WatchTimes times) => new PostgreSqlStorage(new SharedPool(state), new PostgreSqlStorageOptions
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

    private sealed class SharedPool(NpgsqlDataSource state) : IConnectionFactory
    {
        public NpgsqlConnection GetOrCreateConnection() => state.CreateConnection();
    }
}
