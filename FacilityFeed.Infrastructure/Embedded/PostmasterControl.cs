using FacilityFeed.Domain;
using Npgsql;

namespace FacilityFeed.Infrastructure.Embedded;

/// <summary>Starts and stops the server process. Only ever called under the start lock, but for <see cref="Running"/>.</summary>
internal sealed class PostmasterControl(ClusterHome home, PostgresBinaries binaries, ToolRunner tools, SocketPlace socket)
{
    private const int StartAttempts = 5;

    private static readonly TimeSpan _answerPatience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan _deathPatience = TimeSpan.FromSeconds(5);

    /// <summary>Tells whether the server runs, and where.</summary>
    public RunningServer Running { get; } = new(home, binaries, tools);

    /// <summary>Joins the running server, or starts it.</summary>
    /// <param name="connection">How to ask it for a sign of life; its host is added.</param>
    /// <param name="isAlone">Whether no other process uses the server.</param>
    /// <param name="cancellationToken">Stops the waiting.</param>
    /// <returns>The folder of its socket.</returns>
    /// <exception cref="FeedRejectedException">Programs of an older version use it, through a port.</exception>
    public async Task<string> EnsureRunningAsync(NpgsqlConnectionStringBuilder connection, bool isAlone, CancellationToken cancellationToken)
    {
        var found = await Running.LookAsync(cancellationToken);
        if (!isAlone && (found.IsOnAPort || Running.WasOnAPort()))
        {
            throw new FeedRejectedException(
                $"The embedded database in {home.Folder} was started by an older version of this program, which still uses it through a port: stop that program and start it anew with this version. {home.UseLock} is held by {LockHolders.Describe(home.UseLock)}");
        }

        if (found is { Life: ServerLife.Lives, IsOnAPort: true })
        {
            // Nobody uses it any more: left by an older version that was killed.
            await StopAsync();
        }

        if (await TryJoinAsync(connection, cancellationToken) is { } running)
        {
            return running;
        }

        if (!isAlone)
        {
            // The others' connections know the folder that it had.
            var known = socket.Current;
            await socket.RestoreAsync(known, cancellationToken);
            await StartAsync(known, cancellationToken);
            return known;
        }

        // The number may belong to another program by now, and PostgreSQL would not start beside it. With other users about, the judgement is left to PostgreSQL.
        await DeletePidFileAsync(socket.OfOurs, cancellationToken);
        var folder = await socket.ChooseAsync(cancellationToken);
        ServerSocket.Remove(folder);
        await StartAsync(folder, cancellationToken);
        return folder;
    }

    /// <summary>Starts the server again after its death, where our connections look for it.</summary>
    /// <param name="connection">How to ask it for a sign of life, and where it was.</param>
    /// <param name="cancellationToken">Stops the waiting.</param>
    /// <returns>False when it runs: another process was faster.</returns>
    public async Task<bool> RestartAsync(NpgsqlConnectionStringBuilder connection, CancellationToken cancellationToken)
    {
        if (await TryJoinAsync(connection, cancellationToken) is not null)
        {
            return false;
        }

        var folder = connection.Host!;
        // PostgreSQL would go by the number alone, and that one may belong to another program, or to a dead process that nobody waits for, as in a container.
        await DeletePidFileAsync(folder, cancellationToken);
        await socket.RestoreAsync(folder, cancellationToken);
        ServerSocket.Remove(folder);
        await StartAsync(folder, cancellationToken);
        return true;
    }

    /// <summary>Stops the server, if it runs, and leaves no socket of it elsewhere on the machine. Only for who is alone.</summary>
    public async Task StopAsync()
    {
        if (await Running.LookAsync(CancellationToken.None) is { Life: ServerLife.Lives, Process: > 0 })
        {
            await StopServerAsync();
        }

        // What may be it is left alone: a server that stays is taken over by the next start.
        if ((await Running.LookAsync(CancellationToken.None)).Life is ServerLife.Dead && !ServerSocket.Answers(socket.OfOurs))
        {
            socket.RemoveElsewhere();
        }
    }

    private async Task StopServerAsync()
    {
        var (exitCode, output) = await tools.TryRunAsync(binaries.PgCtl, ["stop", "-m", "fast", "-w", "-t", "60"], CancellationToken.None, home.AsPgData);
        // When it died by itself meanwhile, pg_ctl reports that as a failure.
        if (exitCode != 0 && (await Running.LookAsync(CancellationToken.None)).Life is not ServerLife.Dead)
        {
            throw new FeedException($"The embedded database in {home.Folder} did not stop ({ForeignText.InOneLine(output)}): see the log folder in {home.Cluster}");
        }
    }

    /// <summary>
    /// Removes the pid file of a server whose process is dead or another program. The last proof is its socket: a server in another container has a process
    /// that is not seen from here.
    /// </summary>
    private async Task DeletePidFileAsync(string folder, CancellationToken cancellationToken)
    {
        var start = TimeProvider.System.GetTimestamp();
        // The children of a dead postmaster may have it for a moment.
        while (ServerSocket.Answers(folder))
        {
            if (TimeProvider.System.GetElapsedTime(start) > _deathPatience)
            {
                throw new FeedException($"A server answers at the socket of the embedded database in {home.Folder}, and its process is not seen from here, so it runs in another container that has this folder: stop that container, or give both a STATE_DB");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(100), cancellationToken);
        }

        File.Delete(home.PidFile);
    }

    private async Task StartAsync(string folder, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                cancellationToken.ThrowIfCancellationRequested();
                // Not cancelled in the middle: a server that is only half there cannot be stopped, and would stay.
                await tools.RunAsync(binaries.PgCtl,
                    ["start", "-w", "-t", "120", "-l", Escaped(Path.Combine(home.Cluster, "start.log")), "-o", ServerOptions(folder)],
                    CancellationToken.None, home.AsPgData);
                return;
            }
            catch (FeedException) when (attempt < StartAttempts)
            {
                // Children of a dead postmaster still hold its shared memory for a moment.
                await Task.Delay(TimeSpan.FromSeconds(attempt), cancellationToken);
            }
            catch (FeedException refused)
            {
                throw new FeedException($"The embedded database in {home.Folder} did not start: {refused.Message} See start.log and the log folder in {home.Cluster}", refused);
            }
        }
    }

    // As the log's name, which pg_ctl puts there too.
    private static string Escaped(string path) => string.Concat(path.Select(sign => sign is '"' or '$' or '`' or '\\' ? $"\\{sign}" : $"{sign}"));

    private static string ServerOptions(string folder) => string.Join(' ',
        $"-p {SocketPlace.Port}",
        // No port: on one, any user of the machine could fill the server, or wait in its place when it dies.
        "-c listen_addresses=''",
        $"-c unix_socket_directories={Quoted(folder)}",
        "-c unix_socket_permissions=0700",
        "-c max_connections=200",
        // A second connection in a transaction must fail loudly instead of turning it into a prepared one.
        "-c max_prepared_transactions=0",
        // A week of logs, each day written over.
        "-c logging_collector=on -c log_filename=server-%a.log -c log_rotation_age=1440 -c log_rotation_size=0 -c log_truncate_on_rotation=on");

    // A name in PostgreSQL's list of folders, as a word for the shell that pg_ctl starts the server with.
    private static string Quoted(string folder) => $"""'"{folder.Replace("\"", "\"\"", StringComparison.Ordinal).Replace("'", "'\\''", StringComparison.Ordinal)}"'""";

    /// <summary>Waits until the running server answers: it may still be starting, or recovering after a crash.</summary>
    /// <returns>The folder of its socket; null when there is none, or it dies meanwhile.</returns>
    private async Task<string?> TryJoinAsync(NpgsqlConnectionStringBuilder connection, CancellationToken cancellationToken)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (await Running.LookAsync(cancellationToken) is { Life: not ServerLife.Dead } found)
        {
            if (found.Process <= 0)
            {
                throw new FeedException(found.Process == 0
                    ? $"{home.PidFile} is there and cannot be read, so it is not known whether the embedded database runs: give this program's user the right to read it"
                    : $"Process {-found.Process} works on the embedded database in {home.Folder} alone (postgres --single): end it, and start again");
            }

            var waitedFor = "it has not begun to listen";
            if (found.Folder is { } folder)
            {
                if (!socket.IsSafe(folder))
                {
                    throw new FeedRejectedException($"The embedded database in {home.Folder} has its socket in {folder}, where others could answer in its place: stop every program that uses it and start again");
                }

                try
                {
                    await using var asking = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(connection.ConnectionString) { Host = folder, Pooling = false }.ConnectionString);
                    await asking.OpenAsync(cancellationToken);
                    return folder;
                }
                catch (NpgsqlException wrong) when (wrong.SqlState is PostgresErrorCodes.InvalidPassword)
                {
                    throw ServiceRole.WrongPassword(home, connection.Username!, wrong);
                }
                catch (NpgsqlException notYet) when (notYet.SqlState is null or PostgresErrorCodes.CannotConnectNow)
                {
                    waitedFor = $"its socket in {folder} has not answered ({ForeignText.InOneLine(notYet.Message)})";
                }
                catch (NpgsqlException refused)
                {
                    throw new FeedException($"The embedded database in {home.Folder} runs, but does not let us in ({ForeignText.InOneLine(refused.Message)}). See the log folder in {home.Cluster}", refused);
                }
            }

            if (TimeProvider.System.GetElapsedTime(start) > _answerPatience)
            {
                throw new FeedException(found.Life is ServerLife.Lives
                    ? $"The embedded database in {home.Folder} runs, and {waitedFor} for {_answerPatience.TotalSeconds:0} s: see the log folder in {home.Cluster}"
                    : $"It cannot be told from here whether process {found.Process} is the server of the embedded database in {home.Folder}, and {waitedFor} for {_answerPatience.TotalSeconds:0} s: stop it if it is that server; if it is another program, remove {home.PidFile}");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(200), cancellationToken);
        }

        return null;
    }
}
