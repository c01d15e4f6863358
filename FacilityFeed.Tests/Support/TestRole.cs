namespace FacilityFeed.Tests.Support;

/// <summary>A user of its own on one of the tests' servers, with no rights; declared before the databases it is used in, for it goes after them.</summary>
public sealed class TestRole : IAsyncDisposable
{
    private readonly Func<Task> _drop;

    private TestRole(string name, string password, Func<Task> drop)
    {
        Name = name;
        Password = password;
        _drop = drop;
    }

    public string Name { get; }

    public string Password { get; }

    public static Task<TestRole> CreateAsync(string password = "a plain password") =>
        CreateAsync(password, sql => TestDatabase.ExecuteOnServerAsync(sql), (name, literal) => $"CREATE ROLE {name} LOGIN PASSWORD {literal}", name => $"DROP ROLE {name}");

    public static async Task<TestRole> CreateMariaDbAsync(string password = "a plain password")
    {
        var server = await TestServers.MariaDbAsync();
        return await CreateAsync(password, server.ExecuteAsync, (name, literal) => $"CREATE USER {name} IDENTIFIED BY {literal.Replace("\\", "\\\\", StringComparison.Ordinal)}", name => $"DROP USER {name}");
    }

    public async ValueTask DisposeAsync() => await _drop();

    private static async Task<TestRole> CreateAsync(string password, Func<string, Task> execute, Func<string, string, string> create, Func<string, string> drop)
    {
        var name = $"role_{Guid.NewGuid():N}";
        await execute(create(name, $"'{password.Replace("'", "''", StringComparison.Ordinal)}'"));
        return new TestRole(name, password, () => execute(drop(name)));
    }
}
