using DbUp;
using DbUp.Engine.Output;
using Npgsql;

namespace FacilityFeed.Infrastructure.Ledger;

/// <summary>Brings the schema <c>feed</c> up to date, by the numbered scripts in <c>Migrations</c>.</summary>
public static class LedgerMigrator
{
    /// <summary>Any number of ours; the same for all instances.</summary>
    private const long MigrationLock = 0x0FAC_FEED_0001;

    /// <summary>Migrates, then runs <paramref name="thenInstall"/>, while no other instance does either.</summary>
    /// <param name="state">The state database's pool.</param>
    /// <param name="connectionString">The same database for DbUp, which makes its own connections. A secret.</param>
    /// <param name="thenInstall">Installs what else the database needs: Hangfire's schema, which is not safe against a second installer.</param>
    /// <param name="cancellationToken">Stops the wait for another instance.</param>
    public static async Task MigrateAsync(NpgsqlDataSource state, string connectionString, Action<NpgsqlConnection> thenInstall, CancellationToken cancellationToken)
    {
        try
        {
            await MigrateAloneAsync(state, connectionString, thenInstall, cancellationToken);
        }
        catch (NpgsqlException failure)
        {
            throw StateFailure.Sort(failure);
        }
    }

    private static async Task MigrateAloneAsync(NpgsqlDataSource state, string connectionString, Action<NpgsqlConnection> thenInstall, CancellationToken cancellationToken)
    {
        await using var connection = await state.OpenConnectionAsync(cancellationToken);
        await ExecuteAsync(connection, $"SELECT pg_advisory_lock({MigrationLock})", cancellationToken);
        try
        {
            await ExecuteAsync(connection, "CREATE SCHEMA IF NOT EXISTS feed", cancellationToken);
            var result = DeployChanges.To.PostgresqlDatabase(connectionString)
                .WithScriptsEmbeddedInAssembly(typeof(LedgerMigrator).Assembly, name => name.EndsWith(".sql", StringComparison.Ordinal) && char.IsAsciiDigit(name[0]))
                .JournalToPostgresqlTable("feed", "schema_version")
                .WithTransactionPerScript()
                .LogTo(new NoOpUpgradeLog())
                .Build()
                .PerformUpgrade();
            if (!result.Successful)
            {
                throw result.Error;
            }

            thenInstall(connection);
        }
        finally
        {
            await UnlockAsync(connection);
        }
    }

    private static async Task UnlockAsync(NpgsqlConnection connection)
    {
        try
        {
            await ExecuteAsync(connection, $"SELECT pg_advisory_unlock({MigrationLock})", CancellationToken.None);
        }
        catch (NpgsqlException)
        {
            // The session is gone, and the lock with it; what broke it is on its way to the caller.
        }
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        // No command time-out: another instance may be migrating a large ledger.
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
