using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using FacilityFeed.Infrastructure.Embedded;
using FacilityFeed.Tests.Support;
using Npgsql;

namespace FacilityFeed.Tests.Embedded;

/// <summary>A data directory of its own and the embedded servers that a test starts there; all of it is gone afterwards.</summary>
internal sealed class EmbeddedServers : IAsyncDisposable
{
    private readonly TempFolder _folder = new();
    private readonly List<EmbeddedPostgres> _started = [];

    public EmbeddedServers()
    {
        // Skips or fails the test when the machine has no PostgreSQL.
        _ = TestServers.Postgres;
    }

    public string DataDirectory => _folder.File("data");

    public string Home => Path.Combine(DataDirectory, "postgres");

    public string PidFile => Path.Combine(Home, "cluster", "postmaster.pid");

    public async Task<EmbeddedPostgres> StartAsync(string? dataDirectory = null)
    {
        var server = await EmbeddedPostgres.StartAsync(dataDirectory ?? DataDirectory, CancellationToken.None);
        _started.Add(server);
        return server;
    }

    /// <summary>Kills the postmaster alone, as a machine out of memory does.</summary>
    public Task KillPostmasterAsync() => KillPostmasterAsync(PidFile);

    /// <inheritdoc cref="KillPostmasterAsync()"/>
    public static async Task KillPostmasterAsync(string pidFile)
    {
        var pid = int.Parse(File.ReadAllLines(pidFile)[0], CultureInfo.InvariantCulture);
        using var postmaster = Process.GetProcessById(pid);
        postmaster.Kill();
        // Not its end, which somebody else may have to wait for: a dead process has no folder.
        await Until.TrueAsync(() => Task.FromResult(!Directory.Exists($"/proc/{pid}/cwd/")), TimeSpan.FromSeconds(20), "the death of the postmaster");
    }

    /// <summary>Writes the pid file that a postmaster of this cluster with that number would have.</summary>
    public void WritePidFile(int pid, int port) => File.WriteAllText(PidFile, string.Create(CultureInfo.InvariantCulture, $"""
        {pid}
        {Path.Combine(Home, "cluster")}
        1700000000
        {port}

        127.0.0.1
          1234567         1
        ready

        """));

    public static int PortOf(EmbeddedPostgres server) => new NpgsqlConnectionStringBuilder(server.ConnectionString("postgres")).Port;

    public static async Task<T> AskAsync<T>(string connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false }.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return (T)(await command.ExecuteScalarAsync())!;
    }

    public static Task<T> AskAsync<T>(EmbeddedPostgres server, string sql) => AskAsync<T>(server.ConnectionString("postgres"), sql);

    public static async Task<bool> IsListeningAsync(int port)
    {
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync("127.0.0.1", port);
            return true;
        }
        catch (SocketException refused) when (refused.SocketErrorCode == SocketError.ConnectionRefused)
        {
            return false;
        }
    }

    public async ValueTask DisposeAsync()
    {
        // Leaving twice does no harm, and the last one stops the server, whatever became of the test.
        foreach (var server in _started)
        {
            await server.DisposeAsync();
        }

        _folder.Dispose();
    }
}
