using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using FacilityFeed.Domain;
using Npgsql;

namespace FacilityFeed.Infrastructure.Embedded;

/// <summary>Starts and stops the server process. Only ever called under the start lock, but for <see cref="RunningPort"/>.</summary>
internal sealed class PostmasterControl(ClusterHome home, PostgresBinaries binaries, ToolRunner tools)
{
    private const int StartAttempts = 5;

    private static readonly TimeSpan _answerPatience = TimeSpan.FromSeconds(60);

    /// <summary>Joins the running server, or starts it.</summary>
    /// <param name="connection">How to ask it for a sign of life; the port is added.</param>
    /// <param name="isAlone">Whether no other process uses the server.</param>
    /// <param name="cancellationToken">Stops the waiting.</param>
    /// <returns>Its port.</returns>
    public async Task<int> EnsureRunningAsync(NpgsqlConnectionStringBuilder connection, bool isAlone, CancellationToken cancellationToken)
    {
        if (await TryJoinAsync(connection, cancellationToken) is { } running)
        {
            return running;
        }

        if (isAlone)
        {
            // A pid file without its postmaster: the number may belong to another program by now, and PostgreSQL would not
            // start beside it. With other users about, the judgement is left to PostgreSQL.
            File.Delete(home.PidFile);
        }

        // The others' connections know the port that it had.
        return await StartAsync(isAlone ? null : LastPort(), cancellationToken);
    }

    /// <summary>Starts the server again after its death, where our connections look for it.</summary>
    /// <param name="connection">How to ask it for a sign of life, and the port that it had.</param>
    /// <param name="cancellationToken">Stops the waiting.</param>
    /// <returns>False when it runs: another process was faster.</returns>
    public async Task<bool> RestartAsync(NpgsqlConnectionStringBuilder connection, CancellationToken cancellationToken)
    {
        if (await TryJoinAsync(connection, cancellationToken) is not null)
        {
            return false;
        }

        RefuseTakenPort(connection.Port);
        // Its process is not our server, and nobody answers: PostgreSQL would go by the number alone, and that one may belong to
        // another program, or to a dead process that nobody waits for, as in a container.
        File.Delete(home.PidFile);
        await StartAsync(connection.Port, cancellationToken);
        return true;
    }

    public async Task StopAsync()
    {
        if (RunningPort() is null)
        {
            return;
        }

        try
        {
            await tools.RunAsync(binaries.PgCtl, ["stop", "-D", home.Cluster, "-m", "fast", "-w", "-t", "60"], CancellationToken.None);
        }
        catch (FeedException) when (RunningPort() is null)
        {
            // It died by itself meanwhile, which pg_ctl reports as a failure.
        }
    }

    /// <param name="fixedPort">Null: any free one.</param>
    /// <param name="cancellationToken">Stops the waiting between two attempts.</param>
    private async Task<int> StartAsync(int? fixedPort, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            var port = fixedPort ?? FreePort();
            try
            {
                cancellationToken.ThrowIfCancellationRequested();
                // Not cancelled in the middle: a server that is only half there cannot be stopped, and would stay.
                await tools.RunAsync(binaries.PgCtl,
                    ["start", "-D", home.Cluster, "-w", "-t", "120", "-l", Path.Combine(home.Cluster, "start.log"), "-o", ServerOptions(port)],
                    CancellationToken.None);
                return port;
            }
            catch (FeedException) when (attempt < StartAttempts)
            {
                // The port was taken in between, or children of a dead postmaster still hold its shared memory for a moment.
                await Task.Delay(TimeSpan.FromSeconds(attempt), cancellationToken);
            }
            catch (FeedException refused)
            {
                throw new FeedException($"The embedded database in {home.Folder} did not start: {refused.Message} See start.log and the log folder in {home.Cluster}", refused);
            }
        }
    }

    private static string ServerOptions(int port) => string.Join(' ',
        $"-p {port.ToString(CultureInfo.InvariantCulture)}",
        "-c listen_addresses=127.0.0.1",
        "-c unix_socket_directories=''",
        "-c max_connections=200",
        // A second connection in a transaction must fail loudly instead of turning it into a prepared one.
        "-c max_prepared_transactions=0",
        // A week of logs, each day written over.
        "-c logging_collector=on -c log_filename=server-%a.log -c log_rotation_age=1440 -c log_rotation_size=0 -c log_truncate_on_rotation=on");

    /// <summary>The port of the running server by its pid file; null when the file is missing or speaks of a process that is not this server.</summary>
    public int? RunningPort() =>
        ReadLines(home.PidFile) is { Length: >= 4 } lines && int.TryParse(lines[3], CultureInfo.InvariantCulture, out var port) && IsThisServer(lines) ? port : null;

    private int? LastPort()
    {
        var words = string.Concat(ReadLines(home.OptionsFile)).Split('"');
        return int.TryParse(words.SkipWhile(word => word != "-p").Skip(2).FirstOrDefault(), CultureInfo.InvariantCulture, out var port) ? port : null;
    }

    private static string[] ReadLines(string path)
    {
        try
        {
            return File.ReadAllLines(path);
        }
        catch (Exception none) when (none is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    /// <summary>After a power cut the number may be that of any program, another PostgreSQL too: joining that one fails, and stopping it would be worse.</summary>
    private static bool IsThisServer(string[] pidFile)
    {
        if (!IsPostgres(pidFile[0]))
        {
            return false;
        }

        // A postmaster works in its data directory: there lies the very same file (number, folder, time of start).
        // A dead process that nobody has waited for has no folder any more.
        return !Directory.Exists("/proc/self") || ReadLines($"/proc/{pidFile[0]}/cwd/postmaster.pid").Take(3).SequenceEqual(pidFile.Take(3));
    }

    private static bool IsPostgres(string pid)
    {
        try
        {
            using var process = Process.GetProcessById(int.Parse(pid, CultureInfo.InvariantCulture));
            return process.ProcessName.StartsWith("postgres", StringComparison.Ordinal);
        }
        catch (Exception gone) when (gone is ArgumentException or InvalidOperationException or FormatException or OverflowException)
        {
            return false;
        }
    }

    /// <summary>Waits until the running server answers: it may still be starting, or recovering after a crash.</summary>
    /// <returns>Its port; null when there is none, or it dies meanwhile.</returns>
    private async Task<int?> TryJoinAsync(NpgsqlConnectionStringBuilder connection, CancellationToken cancellationToken)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (RunningPort() is { } port)
        {
            try
            {
                await using var asking = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(connection.ConnectionString) { Port = port, Pooling = false }.ConnectionString);
                await asking.OpenAsync(cancellationToken);
                return port;
            }
            catch (NpgsqlException wrong) when (wrong.SqlState is PostgresErrorCodes.InvalidPassword)
            {
                throw new FeedRejectedException($"{home.PasswordFile} does not hold the password of the embedded database in {home.Folder}: restore that file, or move the folder away to begin with an empty one", wrong);
            }
            catch (NpgsqlException notYet) when (notYet.SqlState is null or PostgresErrorCodes.CannotConnectNow)
            {
                if (TimeProvider.System.GetElapsedTime(start) > _answerPatience)
                {
                    throw new FeedException($"The embedded database in {home.Folder} runs on port {port} and has not answered for {_answerPatience.TotalSeconds:0} s ({notYet.Message}): see the log folder in {home.Cluster}", notYet);
                }

                await Task.Delay(TimeSpan.FromMilliseconds(200), cancellationToken);
            }
            catch (NpgsqlException refused)
            {
                throw new FeedException($"The embedded database runs on port {port}, but does not let us in ({refused.Message}). See the log folder in its cluster under DATA_DIR (State:DataDirectory)", refused);
            }
        }

        return null;
    }

    private void RefuseTakenPort(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
        }
        catch (SocketException taken)
        {
            throw new FeedException($"The embedded database in {home.Folder} cannot have its port {port} back ({taken.Message}): stop the program that listens there, or restart this one", taken);
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
