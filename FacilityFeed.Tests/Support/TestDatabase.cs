using FacilityFeed.Infrastructure.Reading;
using Npgsql;

namespace FacilityFeed.Tests.Support;

/// <summary>An empty database of its own on the tests' PostgreSQL; dropped after the test.</summary>
public sealed class TestDatabase : IAsyncDisposable
{
    private TestDatabase(string name)
    {
        Name = name;
        ConnectionString = TestServers.Postgres.ConnectionString(name);
        Connect = NpgsqlDataSource.Create(ConnectionString);
    }

    public string Name { get; }

    public string ConnectionString { get; }

    public NpgsqlDataSource Connect { get; }

    /// <summary>This database as a source of facilities.</summary>
    public SourceOptions SourceOptions
    {
        get
        {
            var parts = new NpgsqlConnectionStringBuilder(ConnectionString);
            return new SourceOptions { Host = parts.Host!, Port = parts.Port, Database = parts.Database!, User = parts.Username!, Password = parts.Password };
        }
    }

    /// <param name="script">Run once in the new database.</param>
    public static async Task<TestDatabase> CreateAsync(string? script = null)
    {
        var name = $"test_{Guid.NewGuid():N}";
        await TestServers.Postgres.EnsureDatabaseAsync(name, script, CancellationToken.None);
        return new TestDatabase(name);
    }

    public async Task ExecuteAsync(string sql)
    {
        await using var command = Connect.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    public async Task<T> ScalarAsync<T>(string sql)
    {
        await using var command = Connect.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync())!;
    }

    public async ValueTask DisposeAsync()
    {
        await Connect.DisposeAsync();
        await using var server = NpgsqlDataSource.Create(TestServers.Postgres.ConnectionString("postgres"));
        await using var drop = server.CreateCommand($"DROP DATABASE {Name} WITH (FORCE)");
        await drop.ExecuteNonQueryAsync();
    }
}
