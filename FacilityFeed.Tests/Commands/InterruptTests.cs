using System.Globalization;
using System.Text.Json;
using FacilityFeed.Tests.Support;

namespace FacilityFeed.Tests.Commands;

/// <summary>Programs that are told to stop while a run is under way.</summary>
public sealed class InterruptTests
{
    private static readonly TimeSpan _deadline = TimeSpan.FromSeconds(90);

    [TestCase("INT")]
    [TestCase("TERM")]
    public async Task Publish_CancelsItsRun_WhenItIsAlone(string signal)
    {
        await using var installation = await Installation.WithSourceAsync(Facilities.Gated(40));
        installation.Settings["CHUNK_SIZE"] = "10";
        await using var gate = await ReadGate.CloseAsync(installation.Source);
        await using var publish = installation.Start("publish", "facility", "--json");
        await ReadGate.WaitForReaderAsync(installation.Source);

        await publish.SignalAsync(signal);
        var result = await publish.EndAsync();

        using var answer = JsonDocument.Parse(result.Output);
        Assert.That((result.ExitCode, answer.RootElement.GetProperty("state").GetString()), Is.EqualTo((130, "cancelled")), result.Errors);
        Assert.That(installation.Stored(), Is.Empty);
        Assert.That(installation.Folder.File("data/postgres/cluster/PG_VERSION"), Does.Exist);
        Assert.That(installation.Folder.File("data/postgres/cluster/postmaster.pid"), Does.Not.Exist);
        Assert.That((await installation.RunAsync("status", "1")).Output, Does.Contain("cancelled, interrupted at the terminal"));
    }

    [Test]
    public async Task Publish_LeavesTheRunToTheService_WhenOneIsUp()
    {
        await using var installation = await Installation.CreateAsync(Facilities.Gated(40));
        installation.Settings["CHUNK_SIZE"] = "10";
        await using var gate = await ReadGate.CloseAsync(installation.Source);
        var (service, client) = await installation.ServeAsync();
        await using var running = service;
        using var http = client;
        await using var publish = installation.Start("publish", "facility");
        await publish.SaysAsync("run 1 running");

        await publish.SignalAsync("INT");
        var result = await publish.EndAsync();
        await gate.OpenAsync();

        Assert.That(result.ExitCode, Is.EqualTo(130), result.Errors);
        Assert.That(result.Errors, Does.Contain("it goes on where others work on it"));
        await RunIsAsync(installation, "published");
    }

    [Test]
    public async Task Serve_LeavesTheRunToTheNext_WhenItIsStoppedInTheMiddle()
    {
        await using var installation = await Installation.CreateAsync(Facilities.Gated(40));
        installation.Settings["CHUNK_SIZE"] = "10";
        await using var gate = await ReadGate.CloseAsync(installation.Source);
        var (service, client) = await installation.ServeAsync();
        await using var running = service;
        using var http = client;
        using var triggered = await Dashboard.TriggerAsync(client);
        await ReadGate.WaitForReaderAsync(installation.Source);

        await service.SignalAsync("TERM");
        var stopped = await service.EndAsync();
        await RunIsAsync(installation, "running");
        await gate.OpenAsync();
        var next = await installation.RunAsync("publish", "facility");

        Assert.That((stopped.ExitCode, next.ExitCode), Is.EqualTo((0, 0)), stopped.Errors + next.Errors);
        Assert.That(next.Output, Does.StartWith("run 1 published (joined): 40 records in 4 chunks"));
    }

    [Test]
    public async Task Serve_GivesItsChunkBackWithoutUsingARetry_WhenItIsTerminated_AndTheNextServiceMakesIt()
    {
        await using var installation = await Installation.CreateAsync(Facilities.Gated(10));
        await using var gate = await ReadGate.CloseAsync(installation.Source);
        var (service, client) = await installation.ServeAsync();
        await using var running = service;
        using var http = client;
        using var triggered = await Dashboard.TriggerAsync(client);
        await ReadGate.WaitForReaderAsync(installation.Source);

        var start = TimeProvider.System.GetTimestamp();
        await service.SignalAsync("TERM");
        var stopped = await service.EndAsync();
        var took = TimeProvider.System.GetElapsedTime(start);
        var stored = installation.Stored();
        await gate.OpenAsync();
        var (next, nextClient) = await installation.ServeAsync();
        await using var nextRunning = next;
        using var nextHttp = nextClient;
        await RunIsAsync(installation, "published");

        Assert.That((stopped.ExitCode, stored.Count), Is.EqualTo((0, 0)), stopped.Errors);
        Assert.That(took, Is.LessThan(Scheduler.Hosting.HostSetup.HostShutdown));
        Assert.That(await installation.State.ScalarAsync<int>("SELECT attempt FROM feed.chunk"), Is.EqualTo(2));
        Assert.That(await installation.State.ScalarAsync<long>("SELECT count(*) FROM hangfire.jobparameter WHERE name = 'RetryCount'"), Is.Zero);
    }

    [TestCase("serve")]
    [TestCase("publish", "facility")]
    public async Task AnyCommand_StopsTheEmbeddedDatabase_WhenInterruptedAtItsStart(params string[] command)
    {
        _ = TestServers.Postgres;
        await using var installation = Installation.Bare();
        installation.Settings["HTTP_PORT"] = ClosedPort.Find().ToString(CultureInfo.InvariantCulture);
        var pidFile = installation.Folder.File("data/postgres/cluster/postmaster.pid");
        await using var starting = installation.Start(command);
        await Until.TrueAsync(() => Task.FromResult(File.Exists(pidFile)), _deadline, "the embedded database");

        await starting.SignalAsync("INT");
        var result = await starting.EndAsync();

        Assert.That(result.ExitCode, Is.EqualTo(130), result.Errors);
        Assert.That(result.Errors + result.Output, Is.Empty);
        Assert.That(pidFile, Does.Not.Exist);
    }

    private static Task RunIsAsync(Installation installation, string state) => Until.TrueAsync(
        async () => await installation.State.ScalarAsync<long>($"SELECT count(*) FROM feed.run WHERE state = '{state}'") == 1, _deadline, $"a run that is {state}");
}
