using System.Diagnostics;
using FacilityFeed.Domain;

namespace FacilityFeed.Infrastructure.Embedded;

/// <summary>Runs a PostgreSQL tool and waits for its end; as the <c>postgres</c> user when this process is root, for PostgreSQL refuses root.</summary>
internal sealed class ToolRunner(bool dropPrivileges)
{
    /// <summary>The user a root process hands over to; Debian's and the official images' name.</summary>
    public const string ServerUser = "postgres";

    // Nothing else is handed on: the settings in our environment are secrets, and those of a process are read by whoever shares its user.
    private static readonly string[] _handedOn = ["PATH", "TMPDIR", "LD_LIBRARY_PATH"];

    /// <summary>Runs its tools as the user that this process has.</summary>
    public static ToolRunner AsRoot { get; } = new(dropPrivileges: false);

    /// <exception cref="FeedException">The tool ended with an error; what it printed is in the message.</exception>
    public async Task RunAsync(string program, IEnumerable<string> arguments, CancellationToken cancellationToken, IReadOnlyDictionary<string, string>? environment = null)
    {
        var (exitCode, output) = await TryRunAsync(program, arguments, cancellationToken, environment);
        if (exitCode != 0)
        {
            throw new FeedException($"{Path.GetFileName(program)} ended with {exitCode}: {ForeignText.InOneLine(OneLine(output))}");
        }
    }

    /// <summary>Hands what this process has made over to the server's user; nothing to do for a process that is not root.</summary>
    public async Task GiveToServerUserAsync(string[] paths, CancellationToken cancellationToken)
    {
        if (dropPrivileges)
        {
            await AsRoot.RunAsync("chown", ["--no-dereference", $"{ServerUser}:{ServerUser}", .. paths], cancellationToken);
        }
    }

    public async Task<(int ExitCode, string Output)> TryRunAsync(string program, IEnumerable<string> arguments, CancellationToken cancellationToken, IReadOnlyDictionary<string, string>? environment = null)
    {
        using var process = new Process { StartInfo = Prepare(program, arguments, environment ?? new Dictionary<string, string>()) };
        try
        {
            process.Start();
        }
        catch (System.ComponentModel.Win32Exception missing)
        {
            throw new FeedRejectedException($"{process.StartInfo.FileName} cannot be run ({missing.Message}), and the embedded PostgreSQL needs it: install it, or set STATE_DB and DB_* to databases of your own", missing);
        }

        process.StandardInput.Close();
        // pg_ctl sends the server's output to a file, so the pipes close with the tool.
        var output = ReadAsync(process.StandardOutput);
        var errors = ReadAsync(process.StandardError);
        try
        {
            await process.WaitForExitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // An initdb that went on would write where the next process makes its cluster.
            process.Kill(entireProcessTree: true);
            throw;
        }

        return (process.ExitCode, await output + await errors);
    }

    private ProcessStartInfo Prepare(string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string> environment)
    {
        string[] command = dropPrivileges
            ? ["setpriv", $"--reuid={ServerUser}", $"--regid={ServerUser}", "--clear-groups", program, .. arguments]
            : [program, .. arguments];
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            // The folder we run in may be closed to the other user.
            WorkingDirectory = "/",
        };
        start.Environment.Clear();
        foreach (var name in _handedOn.Where(name => Environment.GetEnvironmentVariable(name) is not null))
        {
            start.Environment[name] = Environment.GetEnvironmentVariable(name);
        }

        start.Environment["LC_ALL"] = "C";
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        return start;
    }

    private static async Task<string> ReadAsync(StreamReader reader)
    {
        var text = new System.Text.StringBuilder();
        try
        {
            while (await reader.ReadLineAsync() is { } line)
            {
                text.AppendLine(line);
            }
        }
        catch (IOException)
        {
            // The pipe broke with the process: what was read until then is all there is.
        }

        return text.ToString();
    }

    private static string OneLine(string text) => string.Join(" ", text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
}
