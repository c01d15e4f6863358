using System.Globalization;
using FacilityFeed.Tests.Support;
using Npgsql;

namespace FacilityFeed.Tests.Embedded;

/// <summary>The embedded server as versions before the socket had it: on a port, and all of it the superuser's.</summary>
internal static class OlderServer
{
    /// <summary>Starts the cluster's server as they did. Stopped by who takes it over.</summary>
    public static async Task StartAsync(EmbeddedServers servers)
    {
        var tools = await TestServers.ToolsAsync();
        var cluster = Path.Combine(servers.Home, "cluster");
        var options = string.Create(CultureInfo.InvariantCulture, $"-p {ClosedPort.Find()} -c listen_addresses=127.0.0.1 -c unix_socket_directories=''");
        string[] command = [Path.Combine(tools, "pg_ctl"), "start", "-w", "-D", cluster, "-l", Path.Combine(cluster, "start.log"), "-o", options];
        // Left by a server that was killed, whose children may still hold its memory for a moment.
        File.Delete(servers.PidFile);
        await Until.TrueAsync(async () =>
        {
            try
            {
                await (Environment.IsPrivilegedProcess
                    ? Tool.RunAsync("setpriv", ["--reuid=postgres", "--regid=postgres", "--clear-groups", .. command])
                    : Tool.RunAsync(command[0], command[1..]));
                return true;
            }
            catch (InvalidOperationException)
            {
                return false;
            }
        }, TimeSpan.FromSeconds(30), "the server on a port to start");
    }

    /// <summary>Leaves a cluster as they did: a database of the superuser's, and no other role.</summary>
    /// <param name="servers">Where.</param>
    /// <param name="script">Fills the database.</param>
    public static async Task LeaveClusterAsync(EmbeddedServers servers, string script)
    {
        await using (var server = await servers.StartAsync())
        {
            await ExecuteAsync(servers.Superuser("postgres"), "CREATE DATABASE facilityfeed; DROP ROLE IF EXISTS facilityfeed_service");
            await ExecuteAsync(servers.Superuser("facilityfeed"), script);
        }

        File.Delete(Path.Combine(servers.Home, "service-password"));
        Directory.Delete(servers.SocketFolder, recursive: true);
        const UnixFileMode ReadByAll = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
        foreach (var file in new[] { "use.lock", "start.lock", "space" })
        {
            File.SetUnixFileMode(Path.Combine(servers.Home, file), ReadByAll);
        }

        const UnixFileMode Through = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
        File.SetUnixFileMode(servers.Home, ReadByAll | Through);
    }

    private static async Task ExecuteAsync(string connectionString, string sql)
    {
        await using var database = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false });
        foreach (var statement in sql.Split(';'))
        {
            await using var command = database.CreateCommand(statement);
            await command.ExecuteNonQueryAsync();
        }
    }
}
