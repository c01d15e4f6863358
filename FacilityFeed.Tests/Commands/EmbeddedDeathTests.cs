using FacilityFeed.Tests.Embedded;
using FacilityFeed.Tests.Support;

namespace FacilityFeed.Tests.Commands;

/// <summary>The embedded database is killed under programs that go on.</summary>
public sealed class EmbeddedDeathTests
{
    private const string Restarted = "The embedded PostgreSQL had died; it was started again";

    private static readonly TimeSpan _deadline = TimeSpan.FromSeconds(60);

    [Test]
    public async Task Serve_BringsItBack_OnceAndForAll_BesideACommandThatWaits()
    {
        await using var installation = await Installation.WithSourceAsync(Facilities.Gated(20));
        installation.Settings["CHUNK_SIZE"] = "10";
        await using var gate = await ReadGate.CloseAsync(installation.Source);
        var (service, client) = await installation.ServeAsync();
        await using var running = service;
        using var http = client;
        await using var publish = installation.Start("publish", "facility");
        await publish.SaysAsync("run 1 running");
        await ReadGate.WaitForReaderAsync(installation.Source);

        await EmbeddedServers.KillPostmasterAsync(PidFile(installation));
        await Until.TrueAsync(() => Task.FromResult((service.Errors + publish.Errors).Contains(Restarted, StringComparison.Ordinal)), _deadline, "a server again");
        await gate.OpenAsync();
        var published = await publish.EndAsync();
        await service.SignalAsync("TERM");
        var stopped = await service.EndAsync();

        Assert.That((published.ExitCode, stopped.ExitCode), Is.EqualTo((0, 0)), published.Errors + stopped.Errors);
        Assert.That(published.Output, Does.Contain("20 records in 2 chunks"));
        Assert.That((stopped.Errors + published.Errors).Split(Restarted), Has.Length.EqualTo(2), "it is said once, by who did it");
        Assert.That(PidFile(installation), Does.Not.Exist);
    }

    [Test]
    public async Task Publish_BringsItBack_WhenItIsAlone()
    {
        await using var installation = await Installation.WithSourceAsync(Facilities.Gated(20));
        await using var gate = await ReadGate.CloseAsync(installation.Source);
        await using var publish = installation.Start("publish", "facility");
        await ReadGate.WaitForReaderAsync(installation.Source);

        await EmbeddedServers.KillPostmasterAsync(PidFile(installation));
        await publish.SaysAsync(Restarted);
        await gate.OpenAsync();
        var result = await publish.EndAsync();

        Assert.That(result.ExitCode, Is.Zero, result.Errors);
        Assert.That(PidFile(installation), Does.Not.Exist);
    }

    private static string PidFile(Installation installation) => installation.Folder.File("data/postgres/cluster/postmaster.pid");
}
