using FacilityFeed.Domain;
using FacilityFeed.Infrastructure.Embedded;
using FacilityFeed.Tests.Support;
using Npgsql;

namespace FacilityFeed.Tests.Embedded;

public sealed class EmbeddedPostgresTests
{
    private EmbeddedServers _servers = null!;

    [SetUp]
    public void Prepare() => _servers = new EmbeddedServers();

    [TearDown]
    public async Task StopAsync() => await _servers.DisposeAsync();

    [Test]
    public async Task StartAsync_MakesAClusterThatKeepsItsData()
    {
        Assert.That(await EmbeddedPostgres.ExistsAsync(_servers.DataDirectory, CancellationToken.None), Is.False);
        var first = await _servers.StartAsync();
        await first.EnsureDatabaseAsync("kept", "CREATE TABLE t AS SELECT 7 AS n", CancellationToken.None);
        await first.DisposeAsync();

        var second = await _servers.StartAsync();

        Assert.That(await EmbeddedPostgres.ExistsAsync(_servers.DataDirectory, CancellationToken.None), Is.True);
        Assert.That(await EmbeddedServers.AskAsync<int>(second.ConnectionString("kept"), "SELECT n FROM t"), Is.EqualTo(7));
    }

    [Test]
    public async Task StartAsync_KeepsWhatDurabilityNeeds()
    {
        var server = await _servers.StartAsync();

        foreach (var (setting, value) in new[] { ("fsync", "on"), ("full_page_writes", "on"), ("synchronous_commit", "on"), ("data_checksums", "on"), ("max_prepared_transactions", "0"), ("listen_addresses", ""), ("server_encoding", "UTF8") })
        {
            Assert.That(await EmbeddedServers.AskAsync<string>(server, $"SHOW {setting}"), Is.EqualTo(value), setting);
        }
    }

    [Test]
    public async Task StartAsync_JoinsTheServerThatRuns_AndTheLastToLeaveStopsIt()
    {
        var first = await _servers.StartAsync();
        var second = await _servers.StartAsync();
        var folder = EmbeddedServers.HostOf(first);
        Assert.That(EmbeddedServers.HostOf(second), Is.EqualTo(folder));

        await first.DisposeAsync();
        Assert.That(await EmbeddedServers.AskAsync<int>(second, "SELECT 1"), Is.EqualTo(1), "the second still works");

        await second.DisposeAsync();
        Assert.That(await EmbeddedServers.IsListeningAsync(folder), Is.False);
        Assert.That(_servers.PidFile, Does.Not.Exist);
    }

    [Test]
    public async Task StartAsync_StartsOneServer_WhenSeveralStartAtOnce()
    {
        var servers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => EmbeddedPostgres.StartAsync(_servers.DataDirectory, CancellationToken.None))));

        Assert.That(servers.Select(EmbeddedServers.HostOf).Distinct().Count(), Is.EqualTo(1));

        await Task.WhenAll(servers.Select(server => server.DisposeAsync().AsTask()));
        Assert.That(await EmbeddedServers.IsListeningAsync(EmbeddedServers.HostOf(servers[0])), Is.False);
    }

    [Test]
    public async Task DisposeAsync_MayBeCalledTwice()
    {
        var first = await _servers.StartAsync();
        var second = await _servers.StartAsync();

        await first.DisposeAsync();
        await first.DisposeAsync();

        Assert.That(await EmbeddedServers.AskAsync<int>(second, "SELECT 1"), Is.EqualTo(1));
    }

    [Test]
    public async Task StartAsync_KeepsThePasswordToItself()
    {
        var server = await _servers.StartAsync();

        var password = new NpgsqlConnectionStringBuilder(server.ConnectionString("postgres")).Password;
        foreach (var file in new[] { "password", "service-password" })
        {
            Assert.That(File.GetUnixFileMode(Path.Combine(_servers.Home, file)), Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite), file);
            Assert.That(File.ReadAllText(Path.Combine(_servers.Home, file)), Has.Length.EqualTo(49), file);
        }

        Assert.That(File.ReadAllText(Path.Combine(_servers.Home, "service-password")), Is.EqualTo(password + "\n"));
        Assert.That(Directory.GetFiles(_servers.Home).Select(Path.GetFileName), Is.EquivalentTo(new[] { "password", "service-password", "space", "start.lock", "use.lock" }));
        Assert.That(await EmbeddedServers.AskAsync<long>(_servers.Superuser("postgres"), "SELECT count(*) FROM pg_authid WHERE rolpassword LIKE 'SCRAM-SHA-256$%'"), Is.EqualTo(2));
    }

    [Test]
    public async Task StartAsync_LetsNobodyInWithoutThePassword()
    {
        var server = await _servers.StartAsync();
        var wrong = new NpgsqlConnectionStringBuilder(server.ConnectionString("postgres")) { Password = "wrong" };

        Assert.That(() => EmbeddedServers.AskAsync<int>(wrong.ConnectionString, "SELECT 1"),
            Throws.InstanceOf<PostgresException>().With.Property("SqlState").EqualTo(PostgresErrorCodes.InvalidPassword));

        var rules = File.ReadLines(Path.Combine(_servers.Home, "cluster", "pg_hba.conf")).Where(line => line.Length > 0 && line[0] != '#').ToList();
        Assert.That(rules.Where(rule => rule.StartsWith("local", StringComparison.Ordinal)), Is.Not.Empty.And.All.EndsWith("scram-sha-256"));
        Assert.That(rules.Where(rule => rule.StartsWith("host", StringComparison.Ordinal)), Is.Not.Empty.And.All.EndsWith("reject"));
    }

    [Test]
    public async Task StartAsync_GivesEachClusterAnotherPassword()
    {
        await using var others = new EmbeddedServers();

        var (one, other) = (await _servers.StartAsync(), await others.StartAsync());

        Assert.That(Password(other), Is.Not.EqualTo(Password(one)));
    }

    [Test]
    public async Task StartAsync_NamesTheFile_WhenThePasswordIsGone()
    {
        await (await _servers.StartAsync()).DisposeAsync();
        File.Delete(Path.Combine(_servers.Home, "password"));

        Assert.That(() => _servers.StartAsync(), Throws.InstanceOf<FeedRejectedException>().With.Message.Contains(Path.Combine(_servers.Home, "password")));
    }

    [Test]
    public async Task StartAsync_NamesTheFile_WhenThePasswordIsAnother()
    {
        await _servers.StartAsync();
        var file = Path.Combine(_servers.Home, "service-password");
        await File.WriteAllTextAsync(file, "another\n");

        Assert.That(() => _servers.StartAsync(), Throws.InstanceOf<FeedRejectedException>().With.Message.Contains(file).And.Message.Contains("remove that file"));

        File.Delete(file);
        Assert.That(await EmbeddedServers.AskAsync<int>(await _servers.StartAsync(), "SELECT 1"), Is.EqualTo(1), "with a new password");
    }

    [Test]
    public async Task EnsureDatabaseAsync_NamesTheFile_WhenTheSuperusersPasswordIsAnother()
    {
        var server = await _servers.StartAsync();
        await server.DisposeAsync();
        await File.WriteAllTextAsync(Path.Combine(_servers.Home, "password"), "another\n");
        server = await _servers.StartAsync();

        Assert.That(await EmbeddedServers.AskAsync<int>(server, "SELECT 1"), Is.EqualTo(1), "the daily work does not need it");
        Assert.That(() => server.EnsureDatabaseAsync("new", null, CancellationToken.None), Throws.InstanceOf<FeedRejectedException>().With.Message.Contains(Path.Combine(_servers.Home, "password")));
    }

    [Test]
    public void StartAsync_NamesTheSetting_WhenTheFolderCannotBeMade()
    {
        var file = Path.GetTempFileName();
        try
        {
            Assert.That(() => _servers.StartAsync(Path.Combine(file, "data")), Throws.InstanceOf<FeedRejectedException>().With.Message.Contains("DATA_DIR (State:DataDirectory)"));
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Test]
    public async Task StartAsync_Works_BelowAFolderThatIsClosedToOthers()
    {
        using var folder = new TempFolder();
        Directory.CreateDirectory(folder.File("closed"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var dataDirectory = folder.File("closed/data");
        // A server that runs as another user than the service cannot reach that folder.
        var home = Environment.IsPrivilegedProcess ? SharedHome.Of(dataDirectory) : Path.Combine(dataDirectory, "postgres");
        try
        {
            await using var server = await EmbeddedPostgres.StartAsync(dataDirectory, CancellationToken.None);

            Assert.That(await EmbeddedServers.AskAsync<string>(EmbeddedServers.Superuser(home, "postgres"), "SHOW data_directory"), Is.EqualTo(Path.Combine(home, "cluster")));
            Assert.That(await EmbeddedPostgres.ExistsAsync(dataDirectory, CancellationToken.None), Is.True);
            Assert.That(File.GetUnixFileMode(Path.Combine(home, "password")), Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite));
        }
        finally
        {
            if (Directory.Exists(home))
            {
                Directory.Delete(home, recursive: true);
            }

            SharedHome.RemoveIfEmpty();
        }
    }

    private static string? Password(EmbeddedPostgres server) => new NpgsqlConnectionStringBuilder(server.ConnectionString("postgres")).Password;
}
