using System.Diagnostics;
using System.Globalization;
using FacilityFeed.Infrastructure.Files;

namespace FacilityFeed.Infrastructure.Embedded;

/// <summary>What is known of a server. Not to see it is no proof of anything.</summary>
internal enum ServerLife
{
    /// <summary>It is proven that it does not run.</summary>
    Dead,

    /// <summary>It is proven that it runs.</summary>
    Lives,

    /// <summary>A process may be it, and cannot be looked at.</summary>
    Unclear,
}

/// <summary>The server as one look found it.</summary>
/// <param name="Life">What is known.</param>
/// <param name="Process">Its number, or that of the process that may be it; negative for a server of one user (<c>postgres --single</c>), as PostgreSQL writes it; 0 when the pid file cannot be read.</param>
/// <param name="Folder">Of its socket; null when it does not run, has only just begun, or is on a port.</param>
/// <param name="IsOnAPort">Whether it is on a port: a version before the socket has started it.</param>
internal sealed record ServerSight(ServerLife Life, int Process, string? Folder, bool IsOnAPort)
{
    public static ServerSight Nothing { get; } = new(ServerLife.Dead, 0, null, IsOnAPort: false);
}

/// <summary>What the files of a cluster, and the process that they name, tell of its server.</summary>
internal sealed class RunningServer(ClusterHome home, PostgresBinaries binaries, ToolRunner tools)
{
    private const int NotRunning = 3; // pg_ctl status

    // A pid file has some hundred bytes.
    private const int MostBytes = 64 * 1024;

    private static readonly TimeSpan _readLimit = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Looks at the pid file and the process that it names. After a power cut the number may be that of any program, another PostgreSQL too: joining that one
    /// fails, and stopping it would be worse.
    /// </summary>
    public async Task<ServerSight> LookAsync(CancellationToken cancellationToken)
    {
        // Number, folder, time of start, port, folder of the socket, address: the last two are added when it listens.
        var lines = ServersFile.Lines(home.PidFile);
        if (lines.Length == 0)
        {
            return MayBeThere(home.PidFile) ? ServerSight.Nothing with { Life = ServerLife.Unclear } : ServerSight.Nothing;
        }

        if (lines.Length < 5 || !int.TryParse(lines[0], CultureInfo.InvariantCulture, out var number) || number is 0 or int.MinValue)
        {
            return ServerSight.Nothing;
        }

        var life = await LifeAsync(Math.Abs(number), lines, cancellationToken);
        return life is ServerLife.Dead ? ServerSight.Nothing : new ServerSight(life, number, lines[4].Length > 0 ? lines[4] : null, IsOnAPort: lines is [_, _, _, _, "", not "", ..]);
    }

    /// <summary>Whether it was last started by a version that used a port: by the options, which PostgreSQL writes down and keeps when it stops.</summary>
    public bool WasOnAPort() => ServersFile.Lines(home.OptionsFile).Any(line => line.Contains("listen_addresses=127.0.0.1", StringComparison.Ordinal));

    private async Task<ServerLife> LifeAsync(int process, string[] pidFile, CancellationToken cancellationToken)
    {
        if (!Directory.Exists("/proc/self"))
        {
            return IsPostgres(process) ? ServerLife.Lives : ServerLife.Dead;
        }

        if (ProcessFacts.IsGone(process))
        {
            return ServerLife.Dead;
        }

        var facts = ProcessFacts.Of(process);
        if (facts is not null && (facts.HasEnded || !facts.Name.StartsWith("postgres", StringComparison.Ordinal)))
        {
            return ServerLife.Dead;
        }

        // A postmaster works in its data directory: there lies the very same file (number, folder, time of start).
        var path = string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/cwd/postmaster.pid");
        if ((facts is null ? null : Seen(path)) is { } seen)
        {
            return IsSame(seen, pidFile);
        }

        // Its folder is shown to its own user, and to root with CAP_SYS_PTRACE, which a container's root has not.
        if (await TryReadAsync(path, cancellationToken) is { } output)
        {
            return IsSame(output.Split('\n'), pidFile);
        }

        // That asks whether the server's user has such a process.
        var (exitCode, _) = await tools.TryRunAsync(binaries.PgCtl, ["status"], cancellationToken, home.AsPgData);
        return exitCode == NotRunning ? ServerLife.Dead : ServerLife.Unclear;
    }

    /// <summary>As the server's user, whose file it is: it may be no file at all, or have no end.</summary>
    /// <returns>Null when it cannot be read.</returns>
    private async Task<string?> TryReadAsync(string path, CancellationToken cancellationToken)
    {
        using var soon = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        soon.CancelAfter(_readLimit);
        try
        {
            var (exitCode, output) = await tools.TryRunAsync("head", ["-c", $"{MostBytes}", path], soon.Token);
            return exitCode == 0 ? output : null;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }

    private static bool MayBeThere(string path)
    {
        try
        {
            return FileStatus.Of(path) is { Kind: FileKind.File };
        }
        catch (IOException)
        {
            return true;
        }
    }

    private static ServerLife IsSame(string[] theirs, string[] ours) => theirs.Take(3).SequenceEqual(ours.Take(3)) ? ServerLife.Lives : ServerLife.Dead;

    /// <returns>No lines when it is not there; null when it cannot be seen.</returns>
    private static string[]? Seen(string path)
    {
        try
        {
            return FileStatus.Of(path) is null ? [] : ServersFile.Lines(path) is { Length: > 0 } lines ? lines : null;
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static bool IsPostgres(int process)
    {
        try
        {
            using var found = Process.GetProcessById(process);
            return found.ProcessName.StartsWith("postgres", StringComparison.Ordinal);
        }
        catch (Exception gone) when (gone is ArgumentException or InvalidOperationException)
        {
            return false;
        }
    }
}
