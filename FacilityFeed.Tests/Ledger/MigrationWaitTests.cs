using System.Collections.Concurrent;
using System.Globalization;
using FacilityFeed.Infrastructure.Ledger;
using FacilityFeed.Tests.Support;
using Npgsql;

namespace FacilityFeed.Tests.Ledger;

/// <summary>A large ledger takes its time, and so does another process that is at it: no time-out ends the wait, and it is said what is waited for.</summary>
public sealed class MigrationWaitTests
{
    private const long MigrationLock = 0x0FAC_FEED_0001;

    private readonly ConcurrentQueue<string> _told = [];
    private TestDatabase _database = null!;

    [SetUp]
    public async Task PrepareAsync()
    {
        _told.Clear();
        _database = await TestDatabase.CreateAsync();
        await MigrationTests.MigrateToAsync(_database, MigrationTests.Before);
    }

    [TearDown]
    public async Task CleanAsync() => await _database.DisposeAsync();

    [Test]
    public async Task Migrate_IsCutByNoTimeOut_WhileATableIsInUse([Values] bool byTheServer)
    {
        await using var user = await UseAsync("BEGIN; SELECT FROM feed.chunk");
        var migrating = await MigrateAsync(byTheServer);

        await ToldAsync($"while session {user.ProcessID}");
        // Whoever reads and writes meanwhile goes on.
        await _database.ExecuteAsync("UPDATE feed.chunk SET number = 1");
        await EndAsync(user, "COMMIT");

        await migrating;
        Assert.That(await _database.ScalarAsync<long>("SELECT count(*) FROM feed.schema_version WHERE scriptname > '0007'"), Is.Positive);
    }

    [Test]
    public async Task Migrate_IsCutByNoTimeOut_AndSaysSo_WhileAnotherProcessIsAtIt([Values] bool byTheServer)
    {
        await using var other = await UseAsync($"SELECT pg_advisory_lock({MigrationLock})");
        var migrating = await MigrateAsync(byTheServer);

        await ToldAsync($"brought up to date by session {other.ProcessID}");
        // Longer than a statement may last.
        var start = TimeProvider.System.GetTimestamp();
        await Until.TrueAsync(() => Task.FromResult(TimeProvider.System.GetElapsedTime(start) > TimeSpan.FromSeconds(1.5) || migrating.IsCompleted), TimeSpan.FromSeconds(20), "more than the time-out");
        await EndAsync(other, $"SELECT pg_advisory_unlock({MigrationLock})");

        await migrating;
        Assert.That(_told, Has.Count.EqualTo(1), "once a minute");
    }

    /// <summary>Begins to migrate where every statement is cut after a second.</summary>
    private async Task<Task> MigrateAsync(bool byTheServer)
    {
        if (byTheServer)
        {
            await TestDatabase.ExecuteOnServerAsync($"ALTER DATABASE {_database.Name} SET statement_timeout = '1s'");
        }

        var connection = new NpgsqlConnectionStringBuilder(_database.ConnectionString) { CommandTimeout = byTheServer ? 30 : 1, ApplicationName = "a migration" }.ConnectionString;
        return Task.Run(async () =>
        {
            await using var state = NpgsqlDataSource.Create(connection);
            await LedgerMigrator.MigrateAsync(state, connection, _ => { }, CancellationToken.None, tell: _told.Enqueue);
        });
    }

    private Task ToldAsync(string what) => Until.TrueAsync(() => Task.FromResult(_told.Any(told => told.Contains(what, StringComparison.Ordinal))), TimeSpan.FromSeconds(20), string.Create(CultureInfo.InvariantCulture, $"'{what}'"));

    private async Task<NpgsqlConnection> UseAsync(string sql)
    {
        var connection = await _database.Connect.OpenConnectionAsync();
        await EndAsync(connection, sql);
        return connection;
    }

    private static async Task EndAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
