using FacilityFeed.Tests.Embedded;
using FacilityFeed.Tests.Support;
using Npgsql;

namespace FacilityFeed.Tests.Faults.Lab;

/// <summary>A standby that has every commit of a <see cref="PostgresServer"/> before its client hears of it, and can be promoted in its place.</summary>
internal sealed class StandbyServer : IAsyncDisposable
{
    private readonly TempFolder _folder = new();
    private readonly string _tools;

    private StandbyServer(string tools) => _tools = tools;

    /// <summary>The folder of its socket.</summary>
    public string Host => _folder.File("socket");

    private string Cluster => _folder.File("cluster");

    /// <param name="home">Folder of the primary.</param>
    public static async Task<StandbyServer> FollowAsync(string home)
    {
        var standby = new StandbyServer(await TestServers.ToolsAsync());
        Directory.CreateDirectory(standby.Host);
        if (Environment.IsPrivilegedProcess)
        {
            await Tool.RunAsync("chown", "-R", "postgres", standby._folder.Path);
        }

        var primary = new NpgsqlConnectionStringBuilder(EmbeddedServers.Superuser(home, "postgres"));
        await standby.RunAsync("pg_basebackup", "-R", "-c", "fast", "-D", standby.Cluster, "-d", $"host={primary.Host} user={primary.Username} password={primary.Password}");
        // No fewer connections than its primary, or it does not follow.
        await standby.RunAsync("pg_ctl", "start", "-w", "-D", standby.Cluster, "-l", standby._folder.File("log"), "-o", $"-k {standby.Host} -c listen_addresses='' -c max_connections=200");
        await EmbeddedServers.AskAsync<object>(primary.ConnectionString, "ALTER SYSTEM SET synchronous_standby_names = '*'");
        await EmbeddedServers.AskAsync<bool>(primary.ConnectionString, "SELECT pg_reload_conf()");
        await Until.TrueAsync(() => EmbeddedServers.AskAsync<bool>(primary.ConnectionString, "SELECT EXISTS (SELECT FROM pg_stat_replication WHERE sync_state = 'sync')"), TimeSpan.FromSeconds(30), "the standby to follow");
        return standby;
    }

    public Task PromoteAsync() => RunAsync("pg_ctl", "promote", "-w", "-D", Cluster);

    public async ValueTask DisposeAsync()
    {
        await RunAsync("pg_ctl", "stop", "-w", "-m", "immediate", "-D", Cluster);
        _folder.Dispose();
    }

    private Task RunAsync(string tool, params string[] arguments)
    {
        string[] command = [Path.Combine(_tools, tool), .. arguments];
        return Environment.IsPrivilegedProcess
            ? Tool.RunAsync("setpriv", ["--reuid=postgres", "--regid=postgres", "--clear-groups", .. command])
            : Tool.RunAsync(command[0], command[1..]);
    }
}
