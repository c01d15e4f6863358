using System.Globalization;
using FacilityFeed.Infrastructure.Embedded;
using FacilityFeed.Tests.Support;
using Npgsql;

namespace FacilityFeed.Tests.Embedded;

/// <summary>What a crash leaves behind does not stop the next start.</summary>
public sealed class EmbeddedRecoveryTests
{
    private EmbeddedServers _servers = null!;

    [SetUp]
    public void Prepare() => _servers = new EmbeddedServers();

    [TearDown]
    public async Task StopAsync() => await _servers.DisposeAsync();

    [Test]
    public async Task StartAsync_BringsTheDataBack_WhenThePostmasterWasKilled([Values] bool hasOtherUser)
    {
        var first = await _servers.StartAsync();
        await first.EnsureDatabaseAsync("kept", "CREATE TABLE t AS SELECT generate_series(1, 1000) AS n", CancellationToken.None);
        await _servers.KillPostmasterAsync();
        if (!hasOtherUser)
        {
            await first.DisposeAsync();
        }

        var second = await _servers.StartAsync();

        Assert.That(await EmbeddedServers.AskAsync<long>(second.ConnectionString("kept"), "SELECT sum(n) FROM t"), Is.EqualTo(500_500));
    }

    [Test]
    public async Task StartAsync_StartsADeadServerWhereItsOtherUsersLookForIt([Values] bool leavesPidFile)
    {
        var first = await _servers.StartAsync();
        await _servers.KillPostmasterAsync();
        if (!leavesPidFile)
        {
            File.Delete(_servers.PidFile);
        }

        await _servers.StartAsync();

        Assert.That(await EmbeddedServers.AskAsync<int>(first, "SELECT 1"), Is.EqualTo(1));
    }

    [Test]
    public async Task DisposeAsync_IsQuiet_WhenThePostmasterWasKilled()
    {
        var server = await _servers.StartAsync();
        await _servers.KillPostmasterAsync();

        await server.DisposeAsync();

        Assert.That(await EmbeddedServers.IsListeningAsync(EmbeddedServers.HostOf(server)), Is.False);
    }

    [Test]
    public async Task StartAsync_RefusesTheServerOfAnotherContainer_AndTakesItsFilesOverWhenThatIsGone()
    {
        var elsewhere = await _servers.StartAsync();
        var space = Path.Combine(_servers.Home, "space");
        var pidFile = await File.ReadAllTextAsync(_servers.PidFile);
        await File.WriteAllTextAsync(space, "another container\n");

        Assert.That(async () => await _servers.StartAsync(), Throws.InstanceOf<Domain.FeedRejectedException>().With.Message.Contains("another container").And.Message.Contains("STATE_DB"));
        Assert.That(await File.ReadAllTextAsync(_servers.PidFile), Is.EqualTo(pidFile), "the running server is left alone");
        Assert.That(await EmbeddedServers.AskAsync<int>(elsewhere, "SELECT 1"), Is.EqualTo(1));
        await elsewhere.DisposeAsync();
        await _servers.StartAsync();
        Assert.That(await File.ReadAllTextAsync(space), Is.Not.EqualTo("another container\n"));
    }

    [Test]
    public async Task StartAsync_Starts_WhenTheNumberInThePidFileIsAnotherProgramsNow()
    {
        await (await _servers.StartAsync()).DisposeAsync();
        _servers.WritePidFile(Environment.ProcessId);

        var server = await _servers.StartAsync();

        Assert.That(await EmbeddedServers.AskAsync<int>(server, "SELECT 1"), Is.EqualTo(1));
    }

    [Test]
    public async Task StartAsync_Starts_WhenTheNumberInThePidFileIsAnotherPostgresNow()
    {
        await using var others = new EmbeddedServers();
        var other = await others.StartAsync();
        await (await _servers.StartAsync()).DisposeAsync();
        _servers.WritePidFile(int.Parse(File.ReadAllLines(others.PidFile)[0], CultureInfo.InvariantCulture));

        var server = await _servers.StartAsync();

        Assert.That(EmbeddedServers.HostOf(server), Is.Not.EqualTo(EmbeddedServers.HostOf(other)));
        Assert.That(await EmbeddedServers.AskAsync<int>(server, "SELECT 1"), Is.EqualTo(1));
        Assert.That(await EmbeddedServers.AskAsync<int>(other, "SELECT 1"), Is.EqualTo(1), "the other one was left alone");
    }

    [Test]
    public async Task StartAsync_Starts_WhenTheNumberInTheSocketsLockIsAnotherProgramsNow([Values] bool hasOtherUser)
    {
        var first = await _servers.StartAsync();
        await _servers.KillPostmasterAsync();
        if (!hasOtherUser)
        {
            await first.DisposeAsync();
        }

        var file = Path.Combine(_servers.SocketFolder, ".s.PGSQL.5432.lock");
        // PostgreSQL takes a number of its own user for a living server. As root ours is another user's, and a postgres runs for the tests.
        var living = Environment.IsPrivilegedProcess ? File.ReadAllLines(TestServers.PidFile)[0] : Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
        var lines = await File.ReadAllLinesAsync(file);
        await File.WriteAllLinesAsync(file, [living, .. lines[1..]]);

        var server = hasOtherUser ? first : await _servers.StartAsync();
        Assert.That(!hasOtherUser || await server.ReviveAsync(CancellationToken.None));

        Assert.That(await EmbeddedServers.AskAsync<int>(server, "SELECT 1"), Is.EqualTo(1));
    }

    [TestCase("")]
    [TestCase("\n")]
    [TestCase("99999999\n")]
    [TestCase("not a number\n\n\n5432\n")]
    public async Task StartAsync_Starts_WhenThePidFileIsDamaged(string text)
    {
        await (await _servers.StartAsync()).DisposeAsync();
        await File.WriteAllTextAsync(_servers.PidFile, text);

        var server = await _servers.StartAsync();

        Assert.That(await EmbeddedServers.AskAsync<int>(server, "SELECT 1"), Is.EqualTo(1));
    }

    [Test]
    public async Task StartAsync_MakesTheClusterAnew_WhenInitdbWasKilled()
    {
        var half = Path.Combine(_servers.Home, "cluster.new");
        Directory.CreateDirectory(Path.Combine(half, "base"));
        await File.WriteAllTextAsync(Path.Combine(half, "PG_VERSION"), "1\n");
        await File.WriteAllTextAsync(Path.Combine(_servers.Home, "password"), "of the cluster that never was\n");
        await File.WriteAllTextAsync(Path.Combine(_servers.Home, "initdb-password"), "of the cluster that never was\n");

        var server = await _servers.StartAsync();

        Assert.That(await EmbeddedServers.AskAsync<int>(server, "SELECT 1"), Is.EqualTo(1));
        Assert.That(half, Does.Not.Exist);
    }

    [Test]
    public async Task StartAsync_MakesTheClusterAnew_WhileTheInitdbOfAKilledProcessGoesOn()
    {
        // Its folder, as this version and as older ones call it.
        var folders = new[] { "cluster.new", "cluster.new-0" }.Select(name => Path.Combine(_servers.Home, name)).ToArray();
        Directory.CreateDirectory(_servers.Home, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        using var killed = new CancellationTokenSource();
        var orphan = Task.Factory.StartNew(() =>
        {
            for (var number = 0; !killed.IsCancellationRequested; number++)
            {
                foreach (var folder in folders)
                {
                    TryMake(Path.Combine(folder, "base", $"{number % 100}"));
                }
            }
        }, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        await Until.TrueAsync(() => Task.FromResult(folders.All(Directory.Exists)), TimeSpan.FromSeconds(20), "the orphan to write");

        EmbeddedPostgres server;
        try
        {
            server = await _servers.StartAsync();
        }
        finally
        {
            await killed.CancelAsync();
            await orphan;
        }

        Assert.That(await EmbeddedServers.AskAsync<int>(server, "SELECT 1"), Is.EqualTo(1));
        await server.DisposeAsync();
        await _servers.StartAsync();
        Assert.That(Directory.GetDirectories(_servers.Home, "cluster.new*"), Is.Empty);
    }

    private static void TryMake(string folder)
    {
        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (IOException)
        {
            // Removed in the middle of it, which is what this is for.
        }
    }

    [Test]
    public async Task EnsureDatabaseAsync_LeavesNoDatabase_WhenItsScriptFails()
    {
        var server = await _servers.StartAsync();

        Assert.That(() => server.EnsureDatabaseAsync("sample", "CREATE TABLE t (n int); INSERT INTO t VALUES ('x')", CancellationToken.None), Throws.InstanceOf<PostgresException>());

        Assert.That(await DatabasesAsync(server), Is.Zero);
        await server.EnsureDatabaseAsync("sample", "CREATE TABLE t AS SELECT 7 AS n", CancellationToken.None);
        Assert.That(await EmbeddedServers.AskAsync<int>(server.ConnectionString("sample"), "SELECT n FROM t"), Is.EqualTo(7));
    }

    [Test]
    public async Task EnsureDatabaseAsync_BeginsAnew_WhenAProcessWasKilledWhileFilling()
    {
        var server = await _servers.StartAsync();
        await server.EnsureDatabaseAsync("sample_unfinished", "CREATE TABLE t AS SELECT 6 AS n", CancellationToken.None);

        await server.EnsureDatabaseAsync("sample", "CREATE TABLE t AS SELECT 7 AS n", CancellationToken.None);

        Assert.That(await EmbeddedServers.AskAsync<int>(server.ConnectionString("sample"), "SELECT n FROM t"), Is.EqualTo(7));
        Assert.That(await DatabasesAsync(server), Is.EqualTo(1));
    }

    [Test]
    public async Task EnsureDatabaseAsync_FillsOnce_WhenSeveralAskAtOnce()
    {
        var servers = new[] { await _servers.StartAsync(), await _servers.StartAsync(), await _servers.StartAsync() };

        await Task.WhenAll(servers.Select(server => Task.Run(() => server.EnsureDatabaseAsync("sample", "CREATE TABLE t AS SELECT 7 AS n", CancellationToken.None))));

        Assert.That(await EmbeddedServers.AskAsync<long>(servers[0].ConnectionString("sample"), "SELECT count(*) FROM t"), Is.EqualTo(1));
    }

    private static Task<long> DatabasesAsync(EmbeddedPostgres server) =>
        EmbeddedServers.AskAsync<long>(server, "SELECT count(*) FROM pg_database WHERE datname LIKE 'sample%'");
}
