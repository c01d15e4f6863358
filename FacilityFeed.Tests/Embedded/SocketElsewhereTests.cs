using FacilityFeed.Tests.Support;

namespace FacilityFeed.Tests.Embedded;

/// <summary>The folder of a socket that cannot be beside its cluster comes and goes with the server, and is never another's.</summary>
public sealed class SocketElsewhereTests
{
    private const string Long = "of a length that no path of a socket can have, which is not long for a folder, and there are many such folders";

    private EmbeddedServers _servers = null!;

    private string DataDirectory => Path.Combine(_servers.DataDirectory, Long);

    /// <summary>Names the folder.</summary>
    private string NameFile => Path.Combine(DataDirectory, "postgres", "socket-folder");

    [SetUp]
    public void Prepare() => _servers = new EmbeddedServers();

    [TearDown]
    public async Task StopAsync()
    {
        await _servers.DisposeAsync();
        SharedHome.RemoveIfEmpty();
    }

    [Test]
    public async Task TheFolder_IsRemoved_WhenTheServerIsDeadAlready()
    {
        var folder = EmbeddedServers.HostOf(await _servers.StartAsync(DataDirectory));
        await EmbeddedServers.KillPostmasterAsync(Path.Combine(DataDirectory, "postgres", "cluster", "postmaster.pid"));

        await _servers.LeaveAsync();

        Assert.That(folder, Does.Not.Exist);
    }

    [Test]
    public async Task TheFolder_IsLeft_WhileAnotherProcessUsesIt()
    {
        var (first, second) = (await _servers.StartAsync(DataDirectory), await _servers.StartAsync(DataDirectory));

        await first.DisposeAsync();

        Assert.That(await EmbeddedServers.AskAsync<int>(second, "SELECT 1"), Is.EqualTo(1));
    }

    [Test]
    public async Task AFolderThatAKilledServiceHasLeft_IsUsedAgain()
    {
        var folder = EmbeddedServers.HostOf(await _servers.StartAsync(DataDirectory));
        await _servers.LeaveAsync();
        Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        await File.WriteAllTextAsync(Path.Combine(folder, ".s.PGSQL.5432.lock"), "1\n");

        Assert.That(EmbeddedServers.HostOf(await _servers.StartAsync(DataDirectory)), Is.EqualTo(folder));
        await _servers.LeaveAsync();
        Assert.That(folder, Does.Not.Exist);
    }

    [Test]
    public async Task TheEmptyFolderOfAVersionBefore_IsRemoved()
    {
        var before = EmbeddedServers.HostOf(await _servers.StartAsync(DataDirectory));
        await _servers.LeaveAsync();
        var old = Path.Combine(Path.GetDirectoryName(before)!, $"socket-{Guid.NewGuid().ToString("N")[..12]}");
        await Tool.RunAsync("cp", "--archive", Path.Combine(DataDirectory, "postgres", "cluster"), old);
        Directory.EnumerateFileSystemEntries(old).ToList().ForEach(entry =>
        {
            if (Directory.Exists(entry)) { Directory.Delete(entry, recursive: true); } else { File.Delete(entry); }
        });
        await File.WriteAllTextAsync(NameFile, $"{old}\n");

        await _servers.StartAsync(DataDirectory);

        Assert.That(old, Does.Not.Exist);
    }

    [Test]
    public async Task ACopyOfACluster_TakesAnotherFolder_AndLeavesTheFirstAlone()
    {
        // A copy of the files of a server at rest, as a restored backup is.
        await _servers.StartAsync(DataDirectory);
        await _servers.LeaveAsync();
        var copy = $"{DataDirectory} copied";
        await Tool.RunAsync("cp", "--archive", DataDirectory, copy);
        var first = await _servers.StartAsync(DataDirectory);
        await first.EnsureDatabaseAsync("kept", "CREATE TABLE t AS SELECT 7 AS n", CancellationToken.None);

        var second = await _servers.StartAsync(copy);

        Assert.That(EmbeddedServers.HostOf(second), Is.Not.EqualTo(EmbeddedServers.HostOf(first)));
        await second.DisposeAsync();
        Assert.That(await EmbeddedServers.AskAsync<int>(first.ConnectionString("kept"), "SELECT n FROM t"), Is.EqualTo(7));
    }

    [TestCase("a link")]
    [TestCase("a folder with something else in it")]
    [TestCase("a folder that others may write to")]
    public async Task WhatIsNotOurs_IsNeitherFollowedNorRemoved(string what)
    {
        var first = EmbeddedServers.HostOf(await _servers.StartAsync(DataDirectory));
        await _servers.LeaveAsync();
        using var elsewhere = new TempFolder();
        var precious = Path.Combine(what == "a link" ? elsewhere.Path : first, what == "a link" ? ".s.PGSQL.5432" : "precious");
        try
        {
            if (what == "a link")
            {
                Directory.CreateSymbolicLink(first, elsewhere.Path);
            }
            else
            {
                Directory.CreateDirectory(first, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            }

            await File.WriteAllTextAsync(precious, "precious");
            var server = await _servers.StartAsync(DataDirectory);
            if (what == "a folder that others may write to")
            {
                File.SetUnixFileMode(first, File.GetUnixFileMode(first) | UnixFileMode.OtherWrite);
            }

            Assert.That(EmbeddedServers.HostOf(server) == first, Is.EqualTo(what != "a link"));
            await _servers.LeaveAsync();
            Assert.That(await File.ReadAllTextAsync(precious), Is.EqualTo("precious"));
        }
        finally
        {
            if (what == "a link")
            {
                File.Delete(first);
            }
            else
            {
                Directory.Delete(first, recursive: true);
            }
        }
    }

    [Test]
    public async Task AFileInItsPlace_IsLeftAlone_AndAnotherFolderTaken()
    {
        var first = EmbeddedServers.HostOf(await _servers.StartAsync(DataDirectory));
        await _servers.LeaveAsync();
        // Its service was killed, and somebody else has put a file in its place since.
        await File.WriteAllTextAsync(first, "another's");
        try
        {
            var second = EmbeddedServers.HostOf(await _servers.StartAsync(DataDirectory));

            Assert.That((second == first, (await File.ReadAllTextAsync(NameFile)).TrimEnd('\n')), Is.EqualTo((false, second)));
            await _servers.LeaveAsync();
            Assert.That(second, Does.Not.Exist);
            Assert.That(await File.ReadAllTextAsync(first), Is.EqualTo("another's"));
        }
        finally
        {
            File.Delete(first);
        }
    }
}
