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

    /// <summary>For what belongs to no database.</summary>
    public static async Task ExecuteOnServerAsync(string sql)
    {
        await using var server = NpgsqlDataSource.Create(TestServers.Postgres.ConnectionString("postgres"));
        await using var command = server.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    private static SourceOptions OptionsOf(string connectionString)
    {
        var parts = new NpgsqlConnectionStringBuilder(connectionString);
        return new SourceOptions { Host = parts.Host!, Port = parts.Port, Database = parts.Database!, User = parts.Username!, Password = parts.Password };
    }
}
