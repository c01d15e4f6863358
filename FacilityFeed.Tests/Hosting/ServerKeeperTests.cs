using FacilityFeed.Infrastructure.Embedded;
using FacilityFeed.Scheduler.Hosting;
using FacilityFeed.Tests.Embedded;
using Microsoft.Extensions.Logging;

namespace FacilityFeed.Tests.Hosting;

public sealed class ServerKeeperTests
{
    private readonly Lines _log = new();
    private EmbeddedServers _servers = null!;
    private EmbeddedPostgres _server = null!;
    private ServerKeeper _keeper = null!;

    [SetUp]
    public async Task StartAsync()
    {
        _servers = new EmbeddedServers();
        _server = await _servers.StartAsync();
        _keeper = new ServerKeeper(_server, _log);
        _log.Clear();
    }

    [TearDown]
    public async Task StopAsync()
    {
        await _keeper.DisposeAsync();
        await _servers.DisposeAsync();
    }

    [Test]
    public async Task LookAsync_SaysOnceWhyItCannotStartTheServer_AndOnceThatItHas()
    {
        await _keeper.LookAsync();
        await _servers.KillPostmasterAsync();
        _servers.TakeSocketFolder();
        await _keeper.LookAsync();
        await _keeper.LookAsync();
        _servers.GiveSocketFolderBack();
        await _keeper.LookAsync();
        await _keeper.LookAsync();

        Assert.That(_log, Has.Count.EqualTo(2), string.Join('\n', _log));
        Assert.That(_log[0], Does.StartWith("The embedded PostgreSQL has died and cannot be started again: ").And.Contain($"its socket in {_servers.SocketFolder}"));
        Assert.That(_log[1], Is.EqualTo("The embedded PostgreSQL had died; it was started again"));
    }

    [Test]
    public async Task LookAsync_SaysSo_WhenAnotherProcessHasMendedWhatItCouldNot()
    {
        var neighbour = await _servers.StartAsync();
        await _servers.KillPostmasterAsync();
        _servers.TakeSocketFolder();
        await _keeper.LookAsync();
        _servers.GiveSocketFolderBack();
        await neighbour.ReviveAsync(CancellationToken.None);
        await _keeper.LookAsync();
        await _keeper.LookAsync();

        Assert.That(_log.Skip(1), Is.EqualTo(new[] { "The embedded PostgreSQL is there again" }));
    }

    private sealed class Lines : List<string>, ILogger<ServerKeeper>
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => Add(formatter(state, exception));
    }
}
