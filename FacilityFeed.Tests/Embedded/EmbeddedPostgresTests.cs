using System.Security.Cryptography;
using System.Text;
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

        foreach (var (setting, value) in new[] { ("fsync", "on"), ("full_page_writes", "on"), ("synchronous_commit", "on"), ("data_checksums", "on"), ("max_prepared_transactions", "0"), ("listen_addresses", "127.0.0.1"), ("server_encoding", "UTF8") })
        {
            Assert.That(await EmbeddedServers.AskAsync<string>(server, $"SHOW {setting}"), Is.EqualTo(value), setting);
        }
    }

    [Test]
    public async Task StartAsync_JoinsTheServerThatRuns_AndTheLastToLeaveStopsIt()
    {
        var first = await _servers.StartAsync();
        var second = await _servers.StartAsync();
        var port = EmbeddedServers.PortOf(first);
        Assert.That(EmbeddedServers.PortOf(second), Is.EqualTo(port));

        await first.DisposeAsync();
        Assert.That(await EmbeddedServers.AskAsync<int>(second, "SELECT 1"), Is.EqualTo(1), "the second still works");

        await second.DisposeAsync();
        Assert.That(await EmbeddedServers.IsListeningAsync(port), Is.False);
        Assert.That(_servers.PidFile, Does.Not.Exist);
    }

    [Test]
    public async Task StartAsync_StartsOneServer_WhenSeveralStartAtOnce()
    {
        var servers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => EmbeddedPostgres.StartAsync(_servers.DataDirectory, CancellationToken.None))));

        Assert.That(servers.Select(EmbeddedServers.PortOf).Distinct().Count(), Is.EqualTo(1));

        await Task.WhenAll(servers.Select(server => server.DisposeAsync().AsTask()));
        Assert.That(await EmbeddedServers.IsListeningAsync(EmbeddedServers.PortOf(servers[0])), Is.False);
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
        Assert.That(File.GetUnixFileMode(Path.Combine(_servers.Home, "password")), Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite));
        Assert.That(password, Has.Length.EqualTo(48));
        Assert.That(File.ReadAllText(Path.Combine(_servers.Home, "password")), Is.EqualTo(password + "\n"));
        Assert.That(Path.Combine(_servers.Home, "initdb-password"), Does.Not.Exist);
        Assert.That(await EmbeddedServers.AskAsync<string>(server, "SELECT left(rolpassword, 13) FROM pg_authid WHERE rolname = current_user"), Is.EqualTo("SCRAM-SHA-256"));
    }

    [Test]
    public async Task StartAsync_LetsNobodyInWithoutThePassword()
    {
        var server = await _servers.StartAsync();
        var wrong = new NpgsqlConnectionStringBuilder(server.ConnectionString("postgres")) { Password = "wrong" };

        Assert.That(() => EmbeddedServers.AskAsync<int>(wrong.ConnectionString, "SELECT 1"),
            Throws.InstanceOf<PostgresException>().With.Property("SqlState").EqualTo(PostgresErrorCodes.InvalidPassword));

        var rules = File.ReadLines(Path.Combine(_servers.Home, "cluster", "pg_hba.conf")).Where(line => line.Length > 0 && line[0] != '#').ToList();
        Assert.That(rules, Is.Not.Empty.And.All.EndsWith("scram-sha-256"));
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
        await File.WriteAllTextAsync(Path.Combine(_servers.Home, "password"), "another\n");

        Assert.That(() => _servers.StartAsync(), Throws.InstanceOf<FeedRejectedException>().With.Message.Contains(Path.Combine(_servers.Home, "password")));
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
        const string shared = "/var/lib/facilityfeed";
        var wasShared = Directory.Exists(shared);
        var home = Environment.IsPrivilegedProcess
            ? $"{shared}/{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(dataDirectory)))[..16]}"
            : Path.Combine(dataDirectory, "postgres");
        try
        {
            await using var server = await EmbeddedPostgres.StartAsync(dataDirectory, CancellationToken.None);

            Assert.That(await EmbeddedServers.AskAsync<string>(server, "SHOW data_directory"), Is.EqualTo(Path.Combine(home, "cluster")));
            Assert.That(await EmbeddedPostgres.ExistsAsync(dataDirectory, CancellationToken.None), Is.True);
            Assert.That(File.GetUnixFileMode(Path.Combine(home, "password")), Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite));
        }
        finally
        {
            if (Directory.Exists(home))
            {
                Directory.Delete(home, recursive: true);
            }

            if (!wasShared && Directory.Exists(shared) && !Directory.EnumerateFileSystemEntries(shared).Any())
            {
                Directory.Delete(shared);
            }
        }
    }

    private static string? Password(EmbeddedPostgres server) => new NpgsqlConnectionStringBuilder(server.ConnectionString("postgres")).Password;
}
