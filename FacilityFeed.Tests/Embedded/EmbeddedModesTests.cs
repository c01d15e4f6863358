using FacilityFeed.Domain;
using FacilityFeed.Tests.Support;

namespace FacilityFeed.Tests.Embedded;

/// <summary>What lies in the folder of the embedded server is its user's alone, and nothing is written through a link there.</summary>
public sealed class EmbeddedModesTests
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private EmbeddedServers _servers = null!;

    [SetUp]
    public void Prepare() => _servers = new EmbeddedServers();

    [TearDown]
    public async Task StopAsync() => await _servers.DisposeAsync();

    [Test]
    public async Task TheFolder_IsClosed_ButForTheServersUser()
    {
        await _servers.StartAsync();

        Assert.That(File.GetUnixFileMode(_servers.Home), Is.EqualTo(Environment.IsPrivilegedProcess ? Private | UnixFileMode.GroupExecute : Private));
        foreach (var file in Directory.GetFiles(_servers.Home))
        {
            Assert.That(File.GetUnixFileMode(file), Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite), file);
        }

        foreach (var folder in Directory.GetDirectories(_servers.Home))
        {
            Assert.That(File.GetUnixFileMode(folder), Is.EqualTo(Private), folder);
        }
    }

    [Test]
    public async Task WhatAnOlderVersionHasOpenedAgain_IsClosed([Values] bool isRunning)
    {
        var server = await _servers.StartAsync();
        if (!isRunning)
        {
            await server.DisposeAsync();
        }

        // As the versions do that know nothing of all this, when they are started with the cluster of a newer one.
        File.SetUnixFileMode(_servers.Home, Private | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
        foreach (var file in new[] { "use.lock", "start.lock" })
        {
            File.SetUnixFileMode(Path.Combine(_servers.Home, file), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        }

        await _servers.StartAsync();

        Assert.That(File.GetUnixFileMode(_servers.Home), Is.EqualTo(Environment.IsPrivilegedProcess ? Private | UnixFileMode.GroupExecute : Private));
        foreach (var file in new[] { "use.lock", "start.lock" })
        {
            Assert.That(File.GetUnixFileMode(Path.Combine(_servers.Home, file)), Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite), file);
        }
    }

    [Test]
    public async Task AFolderThatOthersMayWriteTo_IsRefused()
    {
        await (await _servers.StartAsync()).DisposeAsync();
        File.SetUnixFileMode(_servers.Home, Private | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute);

        Assert.That(() => _servers.StartAsync(), Throws.InstanceOf<FeedRejectedException>().With.Message.Contains($"may write to {_servers.Home} (mode 0703)").And.Message.Contains($"chmod 700 {_servers.Home}"));
        Assert.That(File.GetUnixFileMode(_servers.Home).HasFlag(UnixFileMode.OtherWrite), "it is left as it was");
        File.SetUnixFileMode(_servers.Home, Private);
        Assert.That(await EmbeddedServers.AskAsync<int>(await _servers.StartAsync(), "SELECT 1"), Is.EqualTo(1));
    }

    [Test]
    public async Task AFolderOfAnotherUser_IsRefused()
    {
        Directory.CreateDirectory(_servers.DataDirectory);
        if (Environment.IsPrivilegedProcess)
        {
            Directory.CreateDirectory(_servers.Home);
            await Tool.RunAsync("chown", OtherUser.Id, _servers.Home);
        }
        else
        {
            // Whoever is not root has no folder of another user but through a link, which is refused as well.
            Directory.CreateSymbolicLink(_servers.Home, "/usr");
        }

        Assert.That(() => _servers.StartAsync(), Throws.InstanceOf<FeedRejectedException>().With.Message.Contains(_servers.Home).And.Message.Contains(Environment.IsPrivilegedProcess ? $"another user (id {OtherUser.Id}" : "is a link"));
        Assert.That(Directory.EnumerateFileSystemEntries(_servers.Home).Select(Path.GetFileName), Has.None.EqualTo("start.lock"));
    }

    [TestCase("use.lock", true)]
    [TestCase("start.lock", true)]
    [TestCase("space", false)]
    [TestCase("space.new", false)]
    [TestCase("password", false)]
    [TestCase("service-password", false)]
    [TestCase("initdb-password", false)]
    [TestCase("initdb-password.new", false)]
    [TestCase("cluster.new", false)]
    [TestCase("socket", false)]
    public async Task ALink_IsRefusedOrReplaced_NeverWrittenThrough(string name, bool isRefused)
    {
        using var elsewhere = new TempFolder();
        var (victim, missing) = (elsewhere.File("victim"), elsewhere.File("missing"));
        const UnixFileMode Mode = Private | UnixFileMode.GroupRead;
        foreach (var target in new[] { victim, missing })
        {
            await File.WriteAllTextAsync(victim, "precious");
            File.SetUnixFileMode(victim, Mode);
            Directory.CreateDirectory(_servers.Home, Private);
            File.CreateSymbolicLink(Path.Combine(_servers.Home, name), target);

            if (isRefused)
            {
                Assert.That(() => _servers.StartAsync(), Throws.InstanceOf<FeedRejectedException>().With.Message.Contains($"{Path.Combine(_servers.Home, name)} cannot be used for a lock (is a link)"));
            }
            else
            {
                var server = await _servers.StartAsync();
                Assert.That(await EmbeddedServers.AskAsync<int>(server, "SELECT 1"), Is.EqualTo(1));
                await _servers.LeaveAsync();
                SharedHome.RemoveIfEmpty();
            }

            Assert.That((await File.ReadAllTextAsync(victim), File.GetUnixFileMode(victim), File.Exists(missing)), Is.EqualTo(("precious", Mode, false)));
            Directory.Delete(_servers.Home, recursive: true);
        }
    }

    [Test]
    public async Task APipeInPlaceOfALock_KeepsNobodyWaiting()
    {
        Directory.CreateDirectory(_servers.Home, Private);
        await Tool.RunAsync("mkfifo", Path.Combine(_servers.Home, "use.lock"));

        Assert.That(() => _servers.StartAsync(), Throws.InstanceOf<FeedRejectedException>().With.Message.Contains("no plain file"));
    }
}
