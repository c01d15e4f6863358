using System.Globalization;
using FacilityFeed.Tests.Support;

namespace FacilityFeed.Tests.Embedded;

/// <summary>
/// Root of a container as Docker makes one: without CAP_SYS_PTRACE, the folder that another user's process works in is not shown. Where the tests are no root
/// themselves, the programs have the rights of an ordinary user.
/// </summary>
public sealed class ContainerRootTests
{
    private Support.Installation _installation = null!;

    private string PidFile => Path.Combine(_installation.Folder.File("data"), "postgres", "cluster", "postmaster.pid");

    [SetUp]
    public void Prepare()
    {
        _ = TestServers.Postgres;
        _installation = Support.Installation.Bare();
        _installation.Settings["HTTP_PORT"] = ClosedPort.Find().ToString(CultureInfo.InvariantCulture);
        _installation.Settings["FEED_CRON"] = "0 0 29 2 1";
    }

    [TearDown]
    public async Task CleanAsync()
    {
        if (File.Exists(PidFile))
        {
            await EmbeddedServers.KillPostmasterAsync(PidFile);
        }

        await _installation.DisposeAsync();
    }

    [Test]
    public async Task TheServer_IsJoined_TakenOver_Stopped_AndKeepsItsPidFile()
    {
        await using var service = Start("serve");
        await service.SaysAsync("Dashboard: ");
        var first = await File.ReadAllLinesAsync(PidFile);

        // Beside the service.
        var beside = await PublishAsync();
        Assert.That(beside.ExitCode, Is.Zero, beside.Errors);
        AssertSame(first);

        // Whose keeper has looked by then as well.
        await service.SignalAsync("KILL");
        await service.DieAsync();
        Assert.That(service.Errors, Does.Not.Contain("The embedded PostgreSQL"));
        AssertSame(first);

        // Left alone by it.
        await using var next = Start("serve");
        await next.SaysAsync("Dashboard: ");
        AssertSame(first);
        await next.TermAsync();
        Assert.That(PidFile, Does.Not.Exist, "the last to leave stops it");
    }

    [Test]
    public async Task AServerThatWasKilled_IsStartedAgain_ByTheServiceAndByTheNext()
    {
        await using var service = Start("serve");
        await service.SaysAsync("Dashboard: ");
        await EmbeddedServers.KillPostmasterAsync(PidFile);
        await service.SaysAsync("The embedded PostgreSQL had died; it was started again");

        await service.SignalAsync("KILL");
        await service.DieAsync();
        await EmbeddedServers.KillPostmasterAsync(PidFile);
        var next = await PublishAsync();

        Assert.That(next.ExitCode, Is.Zero, next.Errors);
        Assert.That(PidFile, Does.Not.Exist);
    }

    private void AssertSame(string[] first) => Assert.That(File.ReadLines(PidFile).Take(3), Is.EqualTo(first.Take(3)), "the same server, by the same pid file");

    private async Task<ProgramResult> PublishAsync()
    {
        await using var publish = Start("publish", "facility");
        return await publish.EndAsync();
    }

    private ProgramRun Start(params string[] arguments) => ProgramRun.StartAsContainerRoot(_installation.Folder.Path, _installation.Settings, arguments);
}
