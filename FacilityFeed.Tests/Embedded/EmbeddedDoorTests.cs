using FacilityFeed.Domain;
using FacilityFeed.Infrastructure.Reading;
using FacilityFeed.Tests.Support;
using Npgsql;

namespace FacilityFeed.Tests.Embedded;

/// <summary>Who gets to the embedded server, and what whoever stands in for it gets to know.</summary>
public sealed class EmbeddedDoorTests
{
    private EmbeddedServers _servers = null!;

    [SetUp]
    public void Prepare() => _servers = new EmbeddedServers();

    [TearDown]
    public async Task StopAsync() => await _servers.DisposeAsync();

    [Test]
    public async Task AServerInItsPlace_GetsNoPassword([Values("clear text", "md5", "nothing")] string asks)
    {
        var server = await _servers.StartAsync();
        await server.EnsureDatabaseAsync("sample", "CREATE TABLE t AS SELECT 7 AS n", CancellationToken.None);
        var connectionString = server.ConnectionString("sample");
        var parts = new NpgsqlConnectionStringBuilder(connectionString);
        await using var source = new SourcePool(new SourceOptions { Host = parts.Host!, Port = parts.Port, Database = "sample", User = parts.Username!, Password = parts.Password, IsScramOnly = true });
        await _servers.KillPostmasterAsync();
        await using var impostor = ImpostorServer.At(connectionString, asks switch { "clear text" => ImpostorServer.ClearText, "md5" => ImpostorServer.Md5, _ => ImpostorServer.Nothing });

        Assert.That(() => EmbeddedServers.AskAsync<int>(connectionString, "SELECT 1"), Throws.InstanceOf<NpgsqlException>());
        Assert.That(async () => await source.Database.OpenConnectionAsync(), Throws.InstanceOf<NpgsqlException>());

        // What it may hear is that we leave: Terminate, X and a length of four.
        Assert.That((await impostor.HeardAsync()).Replace("X\0\0\0\u0004", "", StringComparison.Ordinal), Is.Empty);
    }

    [Test]
    public async Task TheServer_ListensOnNoPort()
    {
        var server = await _servers.StartAsync();

        var parts = new NpgsqlConnectionStringBuilder(server.ConnectionString("postgres"));
        Assert.That(parts.Host, Is.EqualTo(_servers.SocketFolder));
        Assert.That(await EmbeddedServers.AskAsync<string>(server, "SELECT current_setting('listen_addresses') || coalesce(inet_server_addr()::text, '')"), Is.Empty);
    }

    [Test]
    public async Task AnotherUser_CannotReachTheServer()
    {
        var server = await _servers.StartAsync();
        var folder = EmbeddedServers.HostOf(server);
        var port = new NpgsqlConnectionStringBuilder(server.ConnectionString("postgres")).Port;
        var tools = await TestServers.ToolsAsync();

        OtherUser.AssertDenied(_servers.Home, Path.Combine(tools, "psql"), "--no-password", "-h", folder, "-p", $"{port}", "-U", "facilityfeed", "-d", "postgres", "-c", "SELECT 1");
        Assert.That(File.GetUnixFileMode(folder), Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute));
    }

    [TestCase("use.lock")]
    [TestCase("start.lock")]
    public async Task AnotherUser_CannotHoldTheLocks(string file)
    {
        await _servers.StartAsync();
        var path = Path.Combine(_servers.Home, file);

        OtherUser.AssertDenied(path, "flock", "--nonblock", path, "true");
        OtherUser.AssertDenied(_servers.Home, "flock", "--nonblock", _servers.Home, "true");
    }

    [Test]
    public async Task TheDailyRole_IsNoSuperuser_AndOwnsItsDatabases()
    {
        var server = await _servers.StartAsync();
        await server.EnsureDatabaseAsync("kept", "CREATE TABLE t AS SELECT 7 AS n", CancellationToken.None);
        var kept = server.ConnectionString("kept");

        Assert.That(await EmbeddedServers.AskAsync<bool>(kept, "SELECT rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls FROM pg_roles WHERE rolname = current_user"), Is.False);
        Assert.That(await EmbeddedServers.AskAsync<bool>(kept, "SELECT pg_get_userbyid(datdba) = current_user FROM pg_database WHERE datname = 'kept'"), Is.True);
        Assert.That(await EmbeddedServers.AskAsync<bool>(kept, "SELECT tableowner = current_user FROM pg_tables WHERE tablename = 't'"), Is.True);
        Assert.That(() => EmbeddedServers.AskAsync<int>(kept, "COPY (SELECT 1) TO PROGRAM 'true'"), Throws.InstanceOf<PostgresException>().With.Property("SqlState").EqualTo(PostgresErrorCodes.InsufficientPrivilege));
    }

    [TestCase("of a length that no path of a socket can have, which is not long for a folder, and there are many such folders")]
    [TestCase("with a,comma and a:colon")]
    [TestCase("it's one, with blanks")]
    public async Task StartAsync_PutsTheSocketElsewhere_WhereItCannotBe(string name)
    {
        var dataDirectory = Path.Combine(_servers.DataDirectory, name);
        var server = await _servers.StartAsync(dataDirectory);
        var folder = EmbeddedServers.HostOf(server);
        try
        {
            Assert.That(await EmbeddedServers.AskAsync<int>(server, "SELECT 1"), Is.EqualTo(1));
            Assert.That(folder, Does.Not.StartWith(dataDirectory));
            Assert.That(File.GetUnixFileMode(folder), Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute));
            Assert.That(EmbeddedServers.HostOf(await _servers.StartAsync(dataDirectory)), Is.EqualTo(folder), "a second program finds it");
            await EmbeddedServers.KillPostmasterAsync(Path.Combine(dataDirectory, "postgres", "cluster", "postmaster.pid"));
            Assert.That(await server.ReviveAsync(CancellationToken.None));
            Assert.That(await EmbeddedServers.AskAsync<int>(server, "SELECT 1"), Is.EqualTo(1), "after the server's death");
            await _servers.LeaveAsync();
            Assert.That(folder, Does.Not.Exist, "the last to leave removes it");
            server = await _servers.StartAsync(dataDirectory);
            Assert.That(EmbeddedServers.HostOf(server), Is.EqualTo(folder), "the next start keeps it");
        }
        finally
        {
            await _servers.LeaveAsync();
            SharedHome.RemoveIfEmpty();
        }
    }

    [Test]
    public async Task StartAsync_StandsAnyCharacterThatASocketsPathMayHave()
    {
        var dataDirectory = Path.Combine(_servers.DataDirectory, "it's one");

        var server = await _servers.StartAsync(dataDirectory);

        Assert.That(EmbeddedServers.HostOf(server), Is.EqualTo(Path.Combine(dataDirectory, "postgres", "socket")));
        Assert.That(await EmbeddedServers.AskAsync<int>(server, "SELECT 1"), Is.EqualTo(1));
    }

    [Test]
    public async Task StartAsync_TakesNoFolderThatOthersMayWriteTo_ForTheSocket()
    {
        var server = await _servers.StartAsync();
        File.SetUnixFileMode(_servers.SocketFolder, File.GetUnixFileMode(_servers.SocketFolder) | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute);

        Assert.That(() => _servers.StartAsync(), Throws.InstanceOf<FeedRejectedException>().With.Message.Contains($"its socket in {_servers.SocketFolder}, where others could answer"));
        await server.DisposeAsync();
        Assert.That(EmbeddedServers.HostOf(await _servers.StartAsync()), Is.EqualTo(_servers.SocketFolder), "it is closed at the next start");
    }
}
