using FacilityFeed.Infrastructure.Reading;
using MySqlConnector;

namespace FacilityFeed.Tests.Support;

/// <summary>A database on the tests' MariaDB.</summary>
public sealed class MariaDbDatabase : SourceDatabase
{
    private readonly MariaDbServer _server;

    private MariaDbDatabase(MariaDbServer server, SourceOptions options) : base(options, new MySqlDataSource(server.ConnectionString(options.Database))) => _server = server;

    /// <param name="script">Run once in the new database.</param>
    public static async Task<MariaDbDatabase> CreateAsync(string script = "")
    {
        var server = await TestServers.MariaDbAsync();
        var name = $"test_{Guid.NewGuid():N}";
        await server.ExecuteAsync($"CREATE DATABASE {name} CHARACTER SET utf8mb4");
        var database = new MariaDbDatabase(server, server.SourceOptions(name));
        if (script.Length > 0)
        {
            await database.ExecuteAsync(script);
        }

        return database;
    }

    protected override Task DropAsync() => _server.ExecuteAsync($"DROP DATABASE {Name}");
}
