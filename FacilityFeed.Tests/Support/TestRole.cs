using Npgsql;

namespace FacilityFeed.Tests.Support;

/// <summary>A login role of its own on the tests' PostgreSQL, with no rights; declared before the databases it is used in, for it goes after them.</summary>
public sealed class TestRole : IAsyncDisposable
{
    private TestRole(string name, string password)
    {
        Name = name;
        Password = password;
    }

    public string Name { get; }

    public string Password { get; }

    public static async Task<TestRole> CreateAsync(string password = "a plain password")
    {
        var role = new TestRole($"role_{Guid.NewGuid():N}", password);
        await ExecuteAsync($"CREATE ROLE {role.Name} LOGIN PASSWORD '{password.Replace("'", "''", StringComparison.Ordinal)}'");
        return role;
    }

    public async ValueTask DisposeAsync() => await ExecuteAsync($"DROP ROLE {Name}");

    private static async Task ExecuteAsync(string sql)
    {
        await using var server = NpgsqlDataSource.Create(TestServers.Postgres.ConnectionString("postgres"));
        await using var command = server.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }
}
