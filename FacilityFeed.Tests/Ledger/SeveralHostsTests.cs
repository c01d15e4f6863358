using FacilityFeed.Infrastructure;
using FacilityFeed.Infrastructure.Embedded;
using FacilityFeed.Infrastructure.Ledger;
using FacilityFeed.Scheduler.Watching;
using FacilityFeed.Tests.Embedded;
using FacilityFeed.Tests.Support;
using Npgsql;

namespace FacilityFeed.Tests.Ledger;

/// <summary>A state database on several hosts, of which one may be written to.</summary>
public sealed class SeveralHostsTests
{
    [TestCase("")]
    [TestCase(";Target Session Attributes=primary")]
    public async Task TheHostThatMayBeWrittenTo_IsTaken_AlsoAfterAFailOver(string attributes)
    {
        await using var homes = new EmbeddedServers();
        await using var others = new EmbeddedServers();
        var (old, young) = (await MakeAsync(homes), await MakeAsync(others));
        var connection = new NpgsqlConnectionStringBuilder(old.ConnectionString("state")) { Host = $"{EmbeddedServers.HostOf(old)},{EmbeddedServers.HostOf(young)}", HostRecheckSeconds = 1 };
        // One password for both, as servers that follow each other have.
        await ExecuteAsync(others, $"ALTER ROLE {connection.Username} PASSWORD '{connection.Password}'");
        await DemoteAsync(homes);
        await using var databases = await Databases.OpenAsync(Settings.Configured.With(("State:ConnectionString", connection.ConnectionString + attributes), ("Source:Database", "d"), ("Source:User", "u")), new Patience(TimeProvider.System), CancellationToken.None);

        await WriteAsync(databases);
        var before = (await WrittenAsync(homes), await WrittenAsync(others));
        await DemoteAsync(others);
        await ExecuteAsync(homes, "ALTER DATABASE state RESET default_transaction_read_only");
        await Until.TrueAsync(async () =>
        {
            try
            {
                await WriteAsync(databases);
                return true;
            }
            catch (NpgsqlException)
            {
                return false;
            }
        }, TimeSpan.FromSeconds(20), "the host that was promoted");
        await using var watching = await Until.Async(async () =>
        {
            try
            {
                return await WatchLock.TryTakeAsync(databases, CancellationToken.None);
            }
            catch (NpgsqlException)
            {
                return null;
            }
        }, TimeSpan.FromSeconds(20), "the watcher's own connection");

        Assert.That((before, await WrittenAsync(homes), await WrittenAsync(others)), Is.EqualTo(((0L, 1L), 1L, 1L)));
    }

    private static async Task<EmbeddedPostgres> MakeAsync(EmbeddedServers home)
    {
        var server = await home.StartAsync();
        await server.EnsureDatabaseAsync("state", "CREATE TABLE written ()", CancellationToken.None);
        return server;
    }

    private static async Task WriteAsync(Databases databases)
    {
        await using var write = databases.State.CreateCommand("INSERT INTO written DEFAULT VALUES");
        await write.ExecuteNonQueryAsync();
    }

    private static Task<long> WrittenAsync(EmbeddedServers home) => EmbeddedServers.AskAsync<long>(home.Superuser("state"), "SELECT count(*) FROM written");

    private static async Task DemoteAsync(EmbeddedServers home)
    {
        await ExecuteAsync(home, "ALTER DATABASE state SET default_transaction_read_only = on");
        await ExecuteAsync(home, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'state'");
    }

    private static async Task ExecuteAsync(EmbeddedServers home, string sql)
    {
        await using var server = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(home.Superuser("postgres")) { Pooling = false });
        await using var command = server.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }
}
