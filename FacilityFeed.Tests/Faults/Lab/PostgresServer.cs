using FacilityFeed.Infrastructure.Embedded;
using FacilityFeed.Tests.Support;

namespace FacilityFeed.Tests.Faults.Lab;

/// <summary>A PostgreSQL of its own that can be stopped, killed and started again at the same socket.</summary>
internal sealed class PostgresServer : IAsyncDisposable
{
    private readonly TempFolder _folder;
    private readonly EmbeddedPostgres _server;
    private readonly string _tools;

    private PostgresServer(TempFolder folder, EmbeddedPostgres server, string tools)
    {
        (_folder, _server, _tools) = (folder, server, tools);
    }

    /// <summary>Everything of it.</summary>
    public string Home => Path.Combine(_folder.Path, "postgres");

    private string Cluster => Path.Combine(Home, "cluster");

    public static async Task<PostgresServer> StartAsync()
    {
        // Skips or fails the test when the machine has no PostgreSQL.
        _ = TestServers.Postgres;
        var folder = new TempFolder();
        var server = await EmbeddedPostgres.StartAsync(folder.Path, CancellationToken.None);
        return new PostgresServer(folder, server, await TestServers.ToolsAsync());
    }

    /// <summary>Makes a database.</summary>
    /// <returns>Its connection string.</returns>
    public async Task<string> CreateAsync(string name, string? script)
    {
        await _server.EnsureDatabaseAsync(name, script, CancellationToken.None);
        return _server.ConnectionString(name);
    }

    /// <summary>As an administrator stops it: open connections are ended.</summary>
    public Task StopAsync() => ControlAsync("stop", "-m", "fast", "-w");

    /// <summary>kill -9 of the postmaster and everything below it, as a machine out of memory does.</summary>
    public async Task KillAsync()
    {
        var postmaster = (await File.ReadAllLinesAsync(Path.Combine(Cluster, "postmaster.pid")))[0];
        var children = (await File.ReadAllTextAsync($"/proc/{postmaster}/task/{postmaster}/children")).Split(' ', StringSplitOptions.RemoveEmptyEntries);
        await Tool.RunAsync("kill", ["-9", postmaster, .. children]);
        await Until.TrueAsync(() => Task.FromResult(!Directory.Exists($"/proc/{postmaster}/cwd")), TimeSpan.FromSeconds(20), "the postmaster's death");
        // Where nobody waits for dead processes, pg_ctl would take the number in it for a living one.
        File.Delete(Path.Combine(Cluster, "postmaster.pid"));
        File.Delete(Path.Combine(_folder.Path, "postgres", "socket", ".s.PGSQL.5432.lock"));
    }

    /// <summary>After it was stopped or killed. The order is "restart", for that takes the options of the last start, the socket among them.</summary>
    public Task StartAgainAsync() => ControlAsync("restart", "-w", "-t", "60", "-l", Path.Combine(Cluster, "start.log"));

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _folder.Dispose();
    }

    private Task ControlAsync(string order, params string[] arguments)
    {
        string[] command = [Path.Combine(_tools, "pg_ctl"), order, "-D", Cluster, .. arguments];
        return Environment.IsPrivilegedProcess
            ? Tool.RunAsync("setpriv", ["--reuid=postgres", "--regid=postgres", "--clear-groups", .. command])
            : Tool.RunAsync(command[0], command[1..]);
    }
}
