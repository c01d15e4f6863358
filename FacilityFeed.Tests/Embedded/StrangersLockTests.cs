using System.Diagnostics;
using System.Globalization;
using FacilityFeed.Domain;
using FacilityFeed.Infrastructure.Embedded;
using FacilityFeed.Tests.Support;

namespace FacilityFeed.Tests.Embedded;

/// <summary>
/// Older versions let every user read the lock files, and so lock them; the lock outlives the upgrade. It must keep no program of ours out, and no program of
/// ours may be shaken off with it. Where the tests are no root there is no stranger: then the same lock is one of ours, which is respected and named.
/// </summary>
public sealed class StrangersLockTests
{
    private readonly List<Process> _strangers = [];
    private EmbeddedServers _servers = null!;

    private string UseLock => Path.Combine(_servers.Home, "use.lock");

    [SetUp]
    public async Task PrepareAsync()
    {
        _servers = new EmbeddedServers();
        await OlderServer.LeaveClusterAsync(_servers, "SELECT 1");
    }

    [TearDown]
    public async Task StopAsync()
    {
        EndStrangers();
        if (File.Exists(_servers.PidFile))
        {
            // Left running to whom it was taken for another user of.
            await _servers.StartAsync();
        }

        await _servers.DisposeAsync();
    }

    [TestCase("use.lock", "--shared")]
    [TestCase("use.lock", "--exclusive")]
    [TestCase("start.lock", "--shared")]
    [TestCase("start.lock", "--exclusive")]
    public async Task AStrangersLock_KeepsNobodyOut(string file, string how)
    {
        await HoldAsync(file, "flock", how, Path.Combine(_servers.Home, file), "sleep", "300");
        if (!Environment.IsPrivilegedProcess)
        {
            await AssertRespectedAsync(file, isShared: how == "--shared");
            return;
        }

        var (first, second) = (await _servers.StartAsync(), await _servers.StartAsync());

        Assert.That((await EmbeddedServers.AskAsync<int>(first, "SELECT 1"), EmbeddedServers.HostOf(second)), Is.EqualTo((1, EmbeddedServers.HostOf(first))));
        Assert.That(File.GetUnixFileMode(Path.Combine(_servers.Home, file)), Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite));
        await first.DisposeAsync();
        Assert.That(await EmbeddedServers.AskAsync<int>(second, "SELECT 1"), Is.EqualTo(1), "the second still works");
        await second.DisposeAsync();
        Assert.That(_servers.PidFile, Does.Not.Exist, "the last to leave stops it");
    }

    [Test]
    public async Task AStrangersLock_ThatAChildHasInherited_KeepsNobodyOut()
    {
        await HoldAsync("use.lock", "bash", "-c", $"exec 9< {UseLock}; flock --shared 9; exec sleep 300");
        // By the number of the dead process that took it. In a container the system does not tell of it, and nothing can be done but to live with it.
        var isTold = (await File.ReadAllTextAsync("/proc/locks")).Contains($":{await InodeOfAsync(UseLock)} ", StringComparison.Ordinal);

        var server = await _servers.StartAsync();
        Assert.That(await EmbeddedServers.AskAsync<int>(server, "SELECT 1"), Is.EqualTo(1));
        await server.DisposeAsync();

        Assert.That(File.Exists(_servers.PidFile), Is.EqualTo(!isTold), "the last to leave stops it");
    }

    [Test]
    public async Task OneServerIsStarted_WhenSeveralMeetAStrangersLockAtOnce([Values("use.lock", "start.lock")] string file)
    {
        if (Environment.IsPrivilegedProcess)
        {
            await HoldAsync(file, "flock", "--exclusive", Path.Combine(_servers.Home, file), "sleep", "300");
        }

        var servers = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Task.Run(() => EmbeddedPostgres.StartAsync(_servers.DataDirectory, CancellationToken.None))));

        var postmaster = (await File.ReadAllLinesAsync(_servers.PidFile))[0];
        foreach (var server in servers[1..])
        {
            await server.DisposeAsync();
            Assert.That(await EmbeddedServers.AskAsync<int>(servers[0], "SELECT 1"), Is.EqualTo(1));
        }

        Assert.That((await File.ReadAllLinesAsync(_servers.PidFile))[0], Is.EqualTo(postmaster));
        await servers[0].DisposeAsync();
        Assert.That(_servers.PidFile, Does.Not.Exist, "the last to leave stops it");
    }

    [Test]
    public async Task AnOlderProgramOfOurs_BesideAStranger_IsRespected_AndNamed()
    {
        await OlderServer.StartAsync(_servers);
        if (Environment.IsPrivilegedProcess)
        {
            await HoldAsync("use.lock", "flock", "--shared", UseLock, "sleep", "300");
        }

        // As an older program holds it.
        _strangers.Add(Tool.Keep("flock", "--shared", UseLock, "sleep", "300"));
        var named = string.Create(CultureInfo.InvariantCulture, $"process {_strangers[^1].Id} (flock) of user {Environment.UserName}");
        await Until.TrueAsync(async () => (await File.ReadAllTextAsync("/proc/locks")).Contains($" {_strangers[^1].Id} ", StringComparison.Ordinal), TimeSpan.FromSeconds(20), "the older program's lock");

        Assert.That(() => _servers.StartAsync(), Throws.InstanceOf<FeedRejectedException>().With.Message.Contains("older version").And.Message.Contains(named));

        // The older one ends, and the stranger stays.
        _strangers[^1].Kill(entireProcessTree: true);
        await _strangers[^1].WaitForExitAsync();
        Assert.That(await EmbeddedServers.AskAsync<int>(await _servers.StartAsync(), "SELECT 1"), Is.EqualTo(1));
    }

    [Test]
    public async Task AStranger_IsNamed_WhereItCannotBeShakenOff()
    {
        await HoldAsync("use.lock", "flock", "--shared", UseLock, "sleep", "300");
        // Whoever uses the server there is not seen from here.
        await File.WriteAllTextAsync(Path.Combine(_servers.Home, "space"), "another container\n");

        Assert.That(() => _servers.StartAsync(), Throws.InstanceOf<FeedRejectedException>().With.Message.Contains("another container").And.Message.Contains(
            string.Create(CultureInfo.InvariantCulture, $"{UseLock} is held by process {_strangers[0].Id} (flock) of user {(Environment.IsPrivilegedProcess ? "nobody" : Environment.UserName)}")));
        EndStrangers();
        Assert.That(await EmbeddedServers.AskAsync<int>(await _servers.StartAsync(), "SELECT 1"), Is.EqualTo(1));
    }

    [Test]
    public async Task AStrangersLock_OnTheFileThatTellsWhereTheServerIs_KeepsNobodyOut()
    {
        await using var first = await _servers.StartAsync();
        // As any user could when the file was readable by all (flock).
        await using var reader = new FileStream(Path.Combine(_servers.Home, "space"), FileMode.Open, FileAccess.Read, FileShare.None);

        Assert.That(EmbeddedServers.HostOf(await _servers.StartAsync()), Is.EqualTo(EmbeddedServers.HostOf(first)));
    }

    private async Task AssertRespectedAsync(string file, bool isShared)
    {
        if (file == "start.lock")
        {
            using var soon = new CancellationTokenSource(TimeSpan.FromSeconds(1));
            Assert.That(() => EmbeddedPostgres.StartAsync(_servers.DataDirectory, soon.Token), Throws.InstanceOf<OperationCanceledException>());
        }
        else if (isShared)
        {
            await (await _servers.StartAsync()).DisposeAsync();
            Assert.That(_servers.PidFile, Does.Exist, "it is left to its other user");
        }
        else
        {
            Assert.That(() => _servers.StartAsync(), Throws.InstanceOf<FeedException>().With.Message.Contains(string.Create(CultureInfo.InvariantCulture, $"{UseLock} is locked by process {_strangers[0].Id} (flock)")));
        }
    }

    /// <summary>Lets another user lock a file, as long as the test lasts.</summary>
    private async Task HoldAsync(string file, params string[] command)
    {
        _strangers.Add(Environment.IsPrivilegedProcess
            ? Tool.Keep("setpriv", [$"--reuid={OtherUser.Id}", $"--regid={OtherUser.Id}", "--clear-groups", .. command])
            : Tool.Keep(command[0], command[1..]));
        await Until.TrueAsync(async () => !await CanLockAsync(Path.Combine(_servers.Home, file)), TimeSpan.FromSeconds(20), $"a stranger's lock on {file}");
    }

    private static async Task<bool> CanLockAsync(string path)
    {
        try
        {
            await Tool.RunAsync("flock", "--nonblock", "--exclusive", path, "true");
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    private static async Task<string> InodeOfAsync(string path) => (await Tool.RunAsync("stat", "--format=%i", path)).Trim();

    private void EndStrangers()
    {
        foreach (var stranger in _strangers)
        {
            stranger.Kill(entireProcessTree: true);
            stranger.WaitForExit();
            stranger.Dispose();
        }

        _strangers.Clear();
    }
}
