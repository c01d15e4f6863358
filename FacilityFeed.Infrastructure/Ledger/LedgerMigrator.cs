using System.Globalization;
using DbUp;
using DbUp.Engine;
using DbUp.Engine.Output;
using FacilityFeed.Domain;
using FacilityFeed.Infrastructure.Settings;
using Npgsql;

namespace FacilityFeed.Infrastructure.Ledger;

/// <summary>Brings the schema <c>feed</c> up to date, by the numbered scripts in <c>Migrations</c>.</summary>
public static class LedgerMigrator
{
    /// <summary>Any number of ours; the same for all instances.</summary>
    private const long MigrationLock = 0x0FAC_FEED_0001;

    // While a change waits for a table, all others wait behind it.
    private static readonly TimeSpan _tablePatience = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan _pause = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan _lockPause = TimeSpan.FromMilliseconds(250);

    /// <summary>Migrates, then runs <paramref name="thenInstall"/>, while no other instance does either.</summary>
    /// <param name="state">The state database's pool.</param>
    /// <param name="connectionString">The same database for DbUp, which makes its own connections. A secret.</param>
    /// <param name="thenInstall">Installs what else the database needs: Hangfire's schema, which is not safe against a second installer.</param>
    /// <param name="cancellationToken">Stops the wait for another instance.</param>
    /// <param name="limit">For all of it, the wait for another instance included; null: none, for a large ledger takes its time.</param>
    /// <param name="tell">Is told what is waited for: another instance, or who uses a table that is to be changed.</param>
    /// <exception cref="FeedException">It did not end within the limit, or the state database did not answer.</exception>
    public static async Task MigrateAsync(NpgsqlDataSource state, string connectionString, Action<NpgsqlConnection> thenInstall, CancellationToken cancellationToken, TimeSpan? limit = null, Action<string>? tell = null)
    {
        try
        {
            await TimeLimit.RunAsync(stop => MigrateAloneAsync(state, WithoutLimit(connectionString, limit), thenInstall, tell, stop), limit ?? Timeout.InfiniteTimeSpan, cancellationToken);
        }
        catch (OverdueException late)
        {
            throw new FeedException($"{StateOptions.PlaceOf(connectionString)} came to no end while its tables were brought up to date ({late.Message}). Another process may be at it: try again later; or see what that server does", late);
        }
        catch (Exception failure) when (StateFailure.IsOne(failure))
        {
            throw StateFailure.SortAtStart(failure);
        }
    }

    private static async Task MigrateAloneAsync(NpgsqlDataSource state, string connectionString, Action<NpgsqlConnection> thenInstall, Action<string>? tell, CancellationToken cancellationToken)
    {
        await using var connection = await state.OpenConnectionAsync(cancellationToken);
        var waits = new MigrationWaits(connection, tell);
        // Asked again and again: a statement that waited would be cut by a limit that the database sets to statements, and keep it from cleaning up.
        while (!await AskAsync(connection, $"SELECT pg_try_advisory_lock({MigrationLock})", cancellationToken))
        {
            await waits.ForLockAsync(MigrationLock, cancellationToken);
            await Task.Delay(_lockPause, cancellationToken);
        }

        try
        {
            await ExecuteAsync(connection, "CREATE SCHEMA IF NOT EXISTS feed", cancellationToken);
            await RunScriptsAsync(connectionString, waits, cancellationToken);
            thenInstall(connection);
        }
        finally
        {
            await UnlockAsync(connection);
        }
    }

    private static async Task RunScriptsAsync(string connectionString, MigrationWaits waits, CancellationToken cancellationToken)
    {
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var result = DeployChanges.To.PostgresqlDatabase(connectionString)
                .WithScriptsEmbeddedInAssembly(typeof(LedgerMigrator).Assembly, name => name.EndsWith(".sql", StringComparison.Ordinal) && char.IsAsciiDigit(name[0]))
                .WithPreprocessor(new ScriptLimits())
                .JournalToPostgresqlTable("feed", "schema_version")
                .WithTransactionPerScript()
                .LogTo(new NoOpUpgradeLog())
                .Build()
                .PerformUpgrade();
            if (result.Successful)
            {
                return;
            }

            if (result.Error is not PostgresException { SqlState: PostgresErrorCodes.LockNotAvailable or PostgresErrorCodes.DeadlockDetected })
            {
                throw result.Error;
            }

            await waits.ForTablesAsync(cancellationToken);
            await Task.Delay(_pause, cancellationToken);
        }
    }

    // The driver cuts a command after 30 seconds unless it is told otherwise, and a large ledger takes longer.
    private static string WithoutLimit(string connectionString, TimeSpan? limit) =>
        new NpgsqlConnectionStringBuilder(connectionString) { CommandTimeout = limit is { } most ? (int)Math.Ceiling((most + TimeLimit.Grace).TotalSeconds) : 0 }.ConnectionString;

    private static async Task UnlockAsync(NpgsqlConnection connection)
    {
        try
        {
            await ExecuteAsync(connection, $"SELECT pg_advisory_unlock({MigrationLock})", CancellationToken.None);
        }
        catch (Exception gone) when (StateFailure.IsOne(gone))
        {
            // The session is gone, and the lock with it; what broke it is on its way to the caller.
        }
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static async Task<bool> AskAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return (bool)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    /// <summary>Whatever limits the database or the user have by default: a script may take its time, but not keep others waiting for a table.</summary>
    private sealed class ScriptLimits : IScriptPreprocessor
    {
        public string Process(string contents) => string.Create(CultureInfo.InvariantCulture, $"SET LOCAL statement_timeout = 0;\nSET LOCAL lock_timeout = '{_tablePatience.TotalMilliseconds:0}ms';\n{contents}");
    }
}
