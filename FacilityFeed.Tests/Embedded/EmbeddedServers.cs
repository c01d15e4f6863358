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

    /// <summary>Where the server's socket is.</summary>
    public string SocketFolder => Path.Combine(Home, "socket");

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
    public void WritePidFile(int pid) => File.WriteAllText(PidFile, string.Create(CultureInfo.InvariantCulture, $"""
        {pid}
        {Path.Combine(Home, "cluster")}
        1700000000
        5432
        {SocketFolder}

          1234567         1
        ready

        """));

    /// <summary>The folder of its socket.</summary>
    public static string HostOf(EmbeddedPostgres server) => new NpgsqlConnectionStringBuilder(server.ConnectionString("postgres")).Host!;

    /// <summary>Connection string of the user that the cluster was made with.</summary>
    public static string Superuser(string home, string database) => new NpgsqlConnectionStringBuilder
    {
        Host = Path.Combine(home, "socket"),
        Username = "facilityfeed",
        Password = File.ReadAllText(Path.Combine(home, "password")).Trim(),
        Database = database,
        SslMode = SslMode.Disable,
    }.ConnectionString;

    /// <inheritdoc cref="Superuser(string, string)"/>
    public string Superuser(string database) => Superuser(Home, database);

    /// <summary>Puts something else in the place of the socket's folder: no server can start there.</summary>
    public void TakeSocketFolder()
    {
        Directory.Delete(SocketFolder, recursive: true);
        File.WriteAllText(SocketFolder, "");
    }

    public void GiveSocketFolderBack() => File.Delete(SocketFolder);

    public static async Task<T> AskAsync<T>(string connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false }.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return (T)(await command.ExecuteScalarAsync())!;
    }

    public static Task<T> AskAsync<T>(EmbeddedPostgres server, string sql) => AskAsync<T>(server.ConnectionString("postgres"), sql);

    public static async Task<bool> IsListeningAsync(string folder)
    {
        using var client = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await client.ConnectAsync(new UnixDomainSocketEndPoint(Path.Combine(folder, ".s.PGSQL.5432")));
            return true;
        }
        catch (SocketException refused) when (refused.SocketErrorCode is SocketError.ConnectionRefused or SocketError.AddressNotAvailable)
        {
            return false;
        }
    }

    /// <summary>Ends all uses. Leaving twice does no harm, and the last one stops the server, whatever became of the test.</summary>
    public async Task LeaveAsync()
    {
        foreach (var server in _started)
        {
            await server.DisposeAsync();
        }

        _started.Clear();
    }

    public async ValueTask DisposeAsync()
    {
        await LeaveAsync();
        _folder.Dispose();
    }
}
