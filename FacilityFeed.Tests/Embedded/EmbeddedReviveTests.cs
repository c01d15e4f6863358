using System.Globalization;
using FacilityFeed.Domain;
using Npgsql;

namespace FacilityFeed.Tests.Embedded;

/// <summary>A server that dies under the processes that use it.</summary>
public sealed class EmbeddedReviveTests
{
    private EmbeddedServers _servers = null!;

    [SetUp]
    public void Prepare() => _servers = new EmbeddedServers();

    [TearDown]
    public async Task StopAsync() => await _servers.DisposeAsync();

    [Test]
    public async Task ReviveAsync_LeavesALivingServerAlone()
    {
        var server = await _servers.StartAsync();
        var pidFile = await File.ReadAllTextAsync(_servers.PidFile);

        var isRestarted = await server.ReviveAsync(CancellationToken.None);

        Assert.That(isRestarted, Is.False);
        Assert.That(await File.ReadAllTextAsync(_servers.PidFile), Is.EqualTo(pidFile));
    }

    [Test]
    public async Task ReviveAsync_LetsOpenPoolsGoOn()
    {
        var server = await _servers.StartAsync();
        await server.EnsureDatabaseAsync("kept", "CREATE TABLE t AS SELECT generate_series(1, 1000) AS n", CancellationToken.None);
        await using var pool = NpgsqlDataSource.Create(server.ConnectionString("kept"));
        await using var sum = pool.CreateCommand("SELECT sum(n) FROM t");
        await sum.ExecuteScalarAsync();
        await _servers.KillPostmasterAsync();
        Assert.That(async () => await sum.ExecuteScalarAsync(), Throws.InstanceOf<NpgsqlException>());

        var isRestarted = await server.ReviveAsync(CancellationToken.None);

        Assert.That((isRestarted, await sum.ExecuteScalarAsync()), Is.EqualTo((true, 500_500L)));
    }

    [Test]
    public async Task ReviveAsync_StartsItOnce_WhenSeveralProcessesUseIt()
    {
        var users = new[] { await _servers.StartAsync(), await _servers.StartAsync(), await _servers.StartAsync() };
        await _servers.KillPostmasterAsync();

        var areRestarted = await Task.WhenAll(users.Select(user => Task.Run(() => user.ReviveAsync(CancellationToken.None))));

        Assert.That(areRestarted, Is.EquivalentTo(new[] { true, false, false }));
        foreach (var user in users)
        {
            Assert.That(await EmbeddedServers.AskAsync<int>(user, "SELECT 1"), Is.EqualTo(1));
        }

        await Task.WhenAll(users.Select(user => user.DisposeAsync().AsTask()));
        Assert.That(_servers.PidFile, Does.Not.Exist, "the last to leave stops it");
    }

    [Test]
    public async Task ReviveAsync_StartsIt_WhenItsNumberIsAnotherPostgresNow([Values] bool hasOtherUser)
    {
        await using var others = new EmbeddedServers();
        var other = await others.StartAsync();
        var server = await _servers.StartAsync();
        if (hasOtherUser)
        {
            await _servers.StartAsync();
        }

        await _servers.KillPostmasterAsync();
        _servers.WritePidFile(int.Parse(File.ReadAllLines(others.PidFile)[0], CultureInfo.InvariantCulture));

        var isRestarted = await server.ReviveAsync(CancellationToken.None);

        Assert.That((isRestarted, await EmbeddedServers.AskAsync<int>(server, "SELECT 1"), await EmbeddedServers.AskAsync<int>(other, "SELECT 1")), Is.EqualTo((true, 1, 1)));
    }

    [Test]
    public async Task ReviveAsync_SaysWhere_WhileSomethingElseIsInThePlaceOfItsSocket()
    {
        var server = await _servers.StartAsync();
        await _servers.KillPostmasterAsync();
        _servers.TakeSocketFolder();

        Assert.That(() => server.ReviveAsync(CancellationToken.None), Throws.InstanceOf<FeedException>().With.Message.Contains($"its socket in {_servers.SocketFolder}"));

        _servers.GiveSocketFolderBack();
        Assert.That(await server.ReviveAsync(CancellationToken.None), Is.True);
    }

    [Test]
    public async Task ReviveAsync_SaysSo_WhenAnotherProgramHasStartedItElsewhere()
    {
        var server = await _servers.StartAsync();
        await _servers.KillPostmasterAsync();
        await OlderServer.StartAsync(_servers);

        Assert.That(() => server.ReviveAsync(CancellationToken.None), Throws.InstanceOf<FeedException>().With.Message.Contains($"not with its socket in {_servers.SocketFolder}"));
    }
}
