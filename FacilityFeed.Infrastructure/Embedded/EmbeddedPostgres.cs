using System.Security.Cryptography;
using FacilityFeed.Domain;
using Npgsql;

namespace FacilityFeed.Infrastructure.Embedded;

/// <summary>
/// A private PostgreSQL under the data directory, from the machine's own binaries: loopback only, a generated password,
/// fsync on. Several processes share it, each holding a shared file lock; the last one to leave stops it.
/// A kill -9 of its users leaves it running, and the next user takes it over.
/// </summary>
public sealed class EmbeddedPostgres : IAsyncDisposable
{
    private const string User = "facilityfeed";

    private static readonly TimeSpan _startPatience = TimeSpan.FromMinutes(2);

    private readonly ClusterHome _home;
    private readonly PostmasterControl _postmaster;
    private readonly FileStream _useLock;
    private readonly NpgsqlConnectionStringBuilder _connection;

    private EmbeddedPostgres(ClusterHome home, PostmasterControl postmaster, FileStream useLock, NpgsqlConnectionStringBuilder connection)
    {
        _home = home;
        _postmaster = postmaster;
        _useLock = useLock;
        _connection = connection;
    }

    /// <summary>Whether a cluster has been made for this data directory.</summary>
    public static async Task<bool> ExistsAsync(string dataDirectory, CancellationToken cancellationToken)
    {
        var home = await ClusterHome.FindAsync(dataDirectory, new ToolRunner(Environment.IsPrivilegedProcess), cancellationToken);
        return home.Exists;
    }

    /// <summary>Starts the server, or joins the one that runs; makes the cluster when there is none.</summary>
    /// <exception cref="FeedRejectedException">No binaries, or a folder that cannot be used.</exception>
    /// <exception cref="FeedException">The server did not start; the message holds its reason.</exception>
    public static async Task<EmbeddedPostgres> StartAsync(string dataDirectory, CancellationToken cancellationToken)
    {
        var tools = new ToolRunner(Environment.IsPrivilegedProcess);
        ClusterHome.Create(dataDirectory);
        var home = await ClusterHome.FindAsync(dataDirectory, tools, cancellationToken);
        ClusterHome.Create(home.Folder);
        home.LetServerUserThrough();

        await using var startLock = await FileLock.TakeAloneAsync(home.StartLock, _startPatience, cancellationToken);
        var isAlone = IsAlone(home);
        var useLock = FileLock.TryTake(home.UseLock, isShared: true) ?? throw new FeedException($"{home.UseLock} is locked by a program that is not ours: see fuser {home.UseLock}");
        PostmasterControl? postmaster = null;
        try
        {
            if (isAlone)
            {
                ServerSpace.Claim(home);
            }
            else
            {
                ServerSpace.RefuseElsewhere(home);
            }

            var binaries = await PostgresBinaries.FindAsync(home.Major, tools, cancellationToken);
            postmaster = new PostmasterControl(home, binaries, tools);
            var password = await new ClusterMaker(home, binaries, tools).EnsureAsync(User, cancellationToken);
            var connection = new NpgsqlConnectionStringBuilder
            {
                Host = "127.0.0.1",
                Username = User,
                Password = password,
                Database = "postgres",
                SslMode = SslMode.Disable,
            };
            connection.Port = await postmaster.EnsureRunningAsync(connection, isAlone, cancellationToken);
            return new EmbeddedPostgres(home, postmaster, useLock, connection);
        }
        catch
        {
            await LeaveAsync(home, postmaster, useLock);
            throw;
        }
    }

    /// <summary>Connection string to a database of this server. A secret.</summary>
    public string ConnectionString(string database) => new NpgsqlConnectionStringBuilder(_connection.ConnectionString) { Database = database }.ConnectionString;

    /// <summary>Makes a database unless it is there, and fills it by <paramref name="script"/>: all of it or nothing.</summary>
    public async Task EnsureDatabaseAsync(string database, string? script, CancellationToken cancellationToken)
    {
        await using var startLock = await FileLock.TakeAloneAsync(_home.StartLock, _startPatience, cancellationToken);
        await using var server = NpgsqlDataSource.Create(_connection);
        await using var exists = server.CreateCommand("SELECT 1 FROM pg_database WHERE datname = $1");
        exists.Parameters.AddWithValue(database);
        if (await exists.ExecuteScalarAsync(cancellationToken) is not null)
        {
            return;
        }

        // Filled under another name first: a process killed in the middle leaves no half-filled database behind.
        var unfinished = $"{database}_unfinished";
        await ExecuteAsync(server, $"DROP DATABASE IF EXISTS {unfinished}", cancellationToken);
        await ExecuteAsync(server, $"CREATE DATABASE {unfinished}", cancellationToken);
        try
        {
            await FillAsync(unfinished, script, cancellationToken);
            await ExecuteAsync(server, $"ALTER DATABASE {unfinished} RENAME TO {database}", cancellationToken);
        }
        catch
        {
            await TryDropAsync(server, unfinished);
            throw;
        }
    }

    /// <summary>
    /// Starts the server again when it has died: on its port and with its password, so that every process that uses it goes on.
    /// For a look every few seconds: cheap while the server lives.
    /// </summary>
    /// <returns>Whether it was started here; false when it lives, or another process was faster.</returns>
    /// <exception cref="FeedException">It did not start, or runs where this process does not look for it.</exception>
    public async Task<bool> ReviveAsync(CancellationToken cancellationToken)
    {
        var isRestarted = false;
        if (_postmaster.RunningPort() is null)
        {
            await using var startLock = await FileLock.TakeAloneAsync(_home.StartLock, _startPatience, cancellationToken);
            isRestarted = await _postmaster.RestartAsync(_connection, cancellationToken);
        }

        return _postmaster.RunningPort() is not { } port || port == _connection.Port
            ? isRestarted
            : throw new FeedException($"The embedded database in {_home.Folder} was started by another program on port {port} instead of {_connection.Port}: restart this program");
    }

    /// <summary>Leaves the server; the last process to leave stops it.</summary>
    public async ValueTask DisposeAsync()
    {
        await using var startLock = await FileLock.TakeAloneAsync(_home.StartLock, _startPatience, CancellationToken.None);
        await LeaveAsync(_home, _postmaster, _useLock);
    }

    // Nobody can join meanwhile: joining needs the start lock, which the caller holds.
    private static async Task LeaveAsync(ClusterHome home, PostmasterControl? postmaster, FileStream useLock)
    {
        await useLock.DisposeAsync();
        if (postmaster is not null && IsAlone(home))
        {
            await postmaster.StopAsync();
        }
    }

    private async Task FillAsync(string database, string? script, CancellationToken cancellationToken)
    {
        if (script is not null)
        {
            await using var target = NpgsqlDataSource.Create(ConnectionString(database));
            await ExecuteAsync(target, script, cancellationToken);
        }
    }

    private static async Task TryDropAsync(NpgsqlDataSource server, string database)
    {
        try
        {
            await ExecuteAsync(server, $"DROP DATABASE IF EXISTS {database}", CancellationToken.None);
        }
        catch (NpgsqlException)
        {
            // What went wrong before is the news; the next attempt drops it.
        }
    }

    private static bool IsAlone(ClusterHome home)
    {
        using var alone = FileLock.TryTake(home.UseLock, isShared: false);
        return alone is not null;
    }

    internal static string NewPassword() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(24));

    private static async Task ExecuteAsync(NpgsqlDataSource server, string sql, CancellationToken cancellationToken)
    {
        await using var command = server.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
