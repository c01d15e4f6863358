using System.Security.Cryptography;
using FacilityFeed.Domain;
using FacilityFeed.Infrastructure.Files;
using Microsoft.Win32.SafeHandles;
using Npgsql;

namespace FacilityFeed.Infrastructure.Embedded;

/// <summary>
/// A private PostgreSQL under the data directory, from the machine's own binaries: reached by a socket that only its user can open, generated
/// passwords, fsync on. Several processes share it, each holding a shared file lock; the last one to leave stops it.
/// A kill -9 of its users leaves it running, and the next user takes it over.
/// </summary>
public sealed class EmbeddedPostgres : IAsyncDisposable
{
    // Makes roles and databases. Older versions did everything as this one.
    private const string Superuser = "facilityfeed";

    private static readonly TimeSpan _startPatience = TimeSpan.FromMinutes(2);

    private readonly ClusterHome _home;
    private readonly PostmasterControl _postmaster;
    private readonly SafeFileHandle _useLock;
    private readonly NpgsqlConnectionStringBuilder _superuser;
    private readonly NpgsqlConnectionStringBuilder _connection;

    private EmbeddedPostgres(ClusterHome home, PostmasterControl postmaster, SafeFileHandle useLock, NpgsqlConnectionStringBuilder superuser, NpgsqlConnectionStringBuilder connection)
    {
        _home = home;
        _postmaster = postmaster;
        _useLock = useLock;
        _superuser = superuser;
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
        RefuseLineEnd(dataDirectory);
        var tools = new ToolRunner(Environment.IsPrivilegedProcess);
        _ = OwnFolder.EnsureReadable(dataDirectory);
        var home = await ClusterHome.FindAsync(dataDirectory, tools, cancellationToken);
        await home.PrepareAsync(cancellationToken);

        using var startLock = await FileLock.TakeAloneAsync(home.StartLock, _startPatience, cancellationToken);
        var isAlone = IsAlone(home);
        var useLock = FileLock.TryTake(home.UseLock, isShared: true) ?? throw new FeedException($"{home.UseLock} is locked by {LockHolders.Describe(home.UseLock)}, and no program of ours locks it so: stop that process");
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
            postmaster = new PostmasterControl(home, binaries, tools, new SocketPlace(home, tools));
            var superuser = ServiceRole.With(Superuser, await new ClusterMaker(home, binaries, tools).EnsureAsync(Superuser, cancellationToken));
            var role = new ServiceRole(home);
            superuser.Host = await postmaster.EnsureRunningAsync(role.Connection() ?? superuser, isAlone, cancellationToken);
            return new EmbeddedPostgres(home, postmaster, useLock, superuser, await role.EnsureAsync(superuser, cancellationToken));
        }
        catch
        {
            await LeaveAsync(home, postmaster, useLock);
            throw;
        }
    }

    /// <summary>Connection string to a database of this server, for the role that owns what <see cref="EnsureDatabaseAsync"/> makes. A secret.</summary>
    public string ConnectionString(string database) => new NpgsqlConnectionStringBuilder(_connection.ConnectionString) { Database = database }.ConnectionString;

    /// <summary>Makes a database unless it is there, and fills it by <paramref name="script"/>: all of it or nothing.</summary>
    public async Task EnsureDatabaseAsync(string database, string? script, CancellationToken cancellationToken)
    {
        using var startLock = await FileLock.TakeAloneAsync(_home.StartLock, _startPatience, cancellationToken);
        await new OwnDatabases(_home, _superuser, _connection).EnsureAsync(database, script, cancellationToken);
    }

    /// <summary>
    /// Starts the server again when it has died: at its socket and with its passwords, so that every process that uses it goes on.
    /// For a look every few seconds: cheap while the server lives.
    /// </summary>
    /// <returns>Whether it was started here; false when it lives, or another process was faster.</returns>
    /// <exception cref="FeedException">It did not start, or runs where this process does not look for it.</exception>
    public async Task<bool> ReviveAsync(CancellationToken cancellationToken)
    {
        var isRestarted = false;
        var found = await _postmaster.Running.LookAsync(cancellationToken);
        if (found.Life is not ServerLife.Lives)
        {
            using var startLock = await FileLock.TakeAloneAsync(_home.StartLock, _startPatience, cancellationToken);
            isRestarted = await _postmaster.RestartAsync(_connection, cancellationToken);
            found = await _postmaster.Running.LookAsync(cancellationToken);
        }

        // Without a place yet it has only just begun: another process has started it.
        var isWhereWeLook = found.Folder == _connection.Host || (found.Folder is null && !found.IsOnAPort);
        return found.Life is ServerLife.Dead || isWhereWeLook
            ? isRestarted
            : throw new FeedException($"The embedded database in {_home.Folder} was started by another program, and not with its socket in {_connection.Host}: restart this program");
    }

    /// <summary>Leaves the server; the last process to leave stops it.</summary>
    public async ValueTask DisposeAsync()
    {
        using var startLock = await FileLock.TakeAloneAsync(_home.StartLock, _startPatience, CancellationToken.None);
        await LeaveAsync(_home, _postmaster, _useLock);
    }

    // The pid file has a line for each fact, the folder among them: PostgreSQL's own tools would not find their way in it.
    private static void RefuseLineEnd(string dataDirectory)
    {
        if (dataDirectory.AsSpan().ContainsAny('\n', '\r'))
        {
            throw new FeedRejectedException($"DATA_DIR (State:DataDirectory) is '{ShownValue.Of(dataDirectory)}': the embedded database cannot lie in a folder with a line end in its path. Name another, or set STATE_DB to a database of your own");
        }
    }

    // Nobody can join meanwhile: joining needs the start lock, which the caller holds.
    private static async Task LeaveAsync(ClusterHome home, PostmasterControl? postmaster, SafeFileHandle useLock)
    {
        useLock.Dispose();
        if (postmaster is not null && IsAlone(home))
        {
            await postmaster.StopAsync();
        }
    }

    private static bool IsAlone(ClusterHome home)
    {
        using var alone = FileLock.TryTake(home.UseLock, isShared: false);
        return alone is not null;
    }

    internal static string NewPassword() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(24));
}
