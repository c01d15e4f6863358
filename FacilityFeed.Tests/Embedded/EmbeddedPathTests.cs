using FacilityFeed.Domain;
using FacilityFeed.Infrastructure.Embedded;
using FacilityFeed.Tests.Support;

namespace FacilityFeed.Tests.Embedded;

/// <summary>A data directory may have any name that PostgreSQL itself can live with: a shell, a connection string and PostgreSQL's own lists are on the way to it.</summary>
public sealed class EmbeddedPathTests
{
    private EmbeddedServers _servers = null!;

    [SetUp]
    public void Prepare() => _servers = new EmbeddedServers();

    [TearDown]
    public async Task StopAsync() => await _servers.DisposeAsync();

    [TestCase("dou\"ble")]
    [TestCase("$HOME ${PATH} $(id) `id`")]
    [TestCase("back\\slash\\")]
    [TestCase("it's 'quoted'")]
    [TestCase("50% & more; # | * ? <x> ~ é")]
    [TestCase(", : = @")]
    public async Task StartAsync_StartsAndRevivesAServer_WhateverItsFolderIsCalled(string name)
    {
        var folder = Path.Combine(_servers.DataDirectory, name);
        var first = await _servers.StartAsync(folder);
        await first.EnsureDatabaseAsync("kept", "CREATE TABLE t AS SELECT 7 AS n", CancellationToken.None);
        await EmbeddedServers.KillPostmasterAsync(Path.Combine(folder, "postgres", "cluster", "postmaster.pid"));
        Assert.That(await first.ReviveAsync(CancellationToken.None), Is.True);
        await first.DisposeAsync();

        var second = await _servers.StartAsync(folder);

        Assert.That(await EmbeddedServers.AskAsync<int>(second.ConnectionString("kept"), "SELECT n FROM t"), Is.EqualTo(7));
        Assert.That(File.Exists(Path.Combine(folder, "postgres", "cluster", "start.log")), Is.True);
    }

    [Test]
    public async Task Publish_Works_InADataDirectoryWithSignsOfTheShell()
    {
        await using var installation = Installation.Bare();
        installation.Settings["DATA_DIR"] = """my "da$ta" \ `x`'s""";

        var result = await installation.RunAsync("publish", "facility");

        Assert.That(result.ExitCode, Is.Zero, result.Errors);
    }

    [Test]
    public void StartAsync_RefusesALineEnd_BeforeAnythingIsMade()
    {
        foreach (var sign in new[] { "\n", "\r" })
        {
            var folder = $"{_servers.DataDirectory}{sign}x";

            Assert.That(() => EmbeddedPostgres.StartAsync(folder, CancellationToken.None),
                Throws.TypeOf<FeedRejectedException>().With.Message.Contains("DATA_DIR (State:DataDirectory)").And.Message.Contains($"\\u{(int)sign[0]:X4}x'"));
            Assert.That(Directory.Exists(folder), Is.False);
        }
    }
}
