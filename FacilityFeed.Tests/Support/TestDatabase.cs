using FacilityFeed.Infrastructure.Reading;
using Npgsql;

namespace FacilityFeed.Tests.Support;

/// <summary>A database on the tests' PostgreSQL.</summary>
public sealed class TestDatabase : SourceDatabase
{
    private TestDatabase(string connectionString, NpgsqlDataSource connect) : base(OptionsOf(connectionString), connect)
    {
        ConnectionString = connectionString;
        Connect = connect;
    }

    public string ConnectionString { get; }

    public NpgsqlDataSource Connect { get; }

    /// <param name="script">Run once in the new database.</param>
    public static async Task<TestDatabase> CreateAsync(string? script = null)
    {
        var name = $"test_{Guid.NewGuid():N}";
        await TestServers.Postgres.EnsureDatabaseAsync(name, script, CancellationToken.None);
        var connectionString = TestServers.Postgres.ConnectionString(name);
        return new TestDatabase(connectionString, NpgsqlDataSource.Create(connectionString));
    }

    protected override Task DropAsync() => ExecuteOnServerAsync($"DROP DATABASE {Name} WITH (FORCE)");

    /// <summary>As the superuser, for what belongs to no database or its owner may not do.</summary>
    public static async Task ExecuteOnServerAsync(string sql, string database = "postgres")
    {
        await using var server = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(TestServers.Superuser(database)) { Pooling = false });
        await using var command = server.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>As a primary that was demoted: all sessions are ended, and new ones may only read.</summary>
    public async Task DemoteAsync()
    {
        await ExecuteOnServerAsync($"ALTER DATABASE {Name} SET default_transaction_read_only = on");
        await EndSessionsAsync();
    }

    /// <summary>Sessions that were opened meanwhile stay as they are.</summary>
    public async Task PromoteAsync()
    {
        await ExecuteOnServerAsync($"ALTER DATABASE {Name} RESET default_transaction_read_only");
        Connect.Clear();
    }

    /// <summary>As an administrator ends them, or a server that stops.</summary>
    public async Task EndSessionsAsync()
    {
        await ExecuteOnServerAsync($"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{Name}'");
        Connect.Clear();
    }

    private static SourceOptions OptionsOf(string connectionString)
    {
        var parts = new NpgsqlConnectionStringBuilder(connectionString);
        return new SourceOptions { Host = parts.Host!, Port = parts.Port, Database = parts.Database!, User = parts.Username!, Password = parts.Password };
    }
}
