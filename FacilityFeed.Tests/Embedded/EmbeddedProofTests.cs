using System.Globalization;
using FacilityFeed.Domain;
using FacilityFeed.Tests.Support;

namespace FacilityFeed.Tests.Embedded;

/// <summary>A server that cannot be seen is not taken for a dead one: its files stay as they are, and no second one is started on them.</summary>
public sealed class EmbeddedProofTests
{
    private EmbeddedServers _servers = null!;

    [SetUp]
    public void Prepare() => _servers = new EmbeddedServers();

    [TearDown]
    public async Task StopAsync() => await _servers.DisposeAsync();

    [Test]
    public async Task ReviveAsync_LeavesAServerAlone_WhoseProcessIsInAnotherContainer()
    {
        var server = await _servers.StartAsync();
        var known = await File.ReadAllTextAsync(_servers.PidFile);
        // As it looks from another container: no process here has that number, and the socket is the same.
        _servers.WritePidFile(99_999_999);
        var elsewhere = await File.ReadAllTextAsync(_servers.PidFile);

        Assert.That(() => server.ReviveAsync(CancellationToken.None), Throws.InstanceOf<FeedException>().With.Message.Contains("another container"));

        Assert.That(await File.ReadAllTextAsync(_servers.PidFile), Is.EqualTo(elsewhere));
        Assert.That(await EmbeddedServers.AskAsync<int>(server, "SELECT 1"), Is.EqualTo(1));
        await File.WriteAllTextAsync(_servers.PidFile, known);
        Assert.That(await server.ReviveAsync(CancellationToken.None), Is.False);
    }

    [Test]
    public async Task StartAsync_NamesTheProcess_ThatWorksOnTheClusterAlone()
    {
        await (await _servers.StartAsync()).DisposeAsync();
        var tools = await TestServers.ToolsAsync();
        string[] alone = ["sh", "-c", $"sleep 300 | '{tools}/postgres' --single -D '{Path.GetDirectoryName(_servers.PidFile)}' postgres"];
        using var single = Environment.IsPrivilegedProcess ? Tool.Keep("setpriv", ["--reuid=postgres", "--regid=postgres", "--clear-groups", .. alone]) : Tool.Keep(alone[0], alone[1..]);
        try
        {
            // The seventh line, its shared memory, is the last that it writes.
            await Until.TrueAsync(() => Task.FromResult(File.Exists(_servers.PidFile) && File.ReadAllLines(_servers.PidFile).Length == 7), TimeSpan.FromSeconds(20), "postgres --single");
            var pidFile = await File.ReadAllLinesAsync(_servers.PidFile);
            var number = -int.Parse(pidFile[0], CultureInfo.InvariantCulture);

            Assert.That(() => _servers.StartAsync(), Throws.InstanceOf<FeedException>().With.Message.Contains(string.Create(CultureInfo.InvariantCulture, $"Process {number} works on the embedded database")));

            Assert.That(await File.ReadAllLinesAsync(_servers.PidFile), Is.EqualTo(pidFile));
        }
        finally
        {
            single.Kill(entireProcessTree: true);
            await single.WaitForExitAsync();
        }

        Assert.That(await EmbeddedServers.AskAsync<int>(await _servers.StartAsync(), "SELECT 1"), Is.EqualTo(1));
    }
}
