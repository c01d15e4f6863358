using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace FacilityFeed.Tests.Support;

/// <summary>How the program ended.</summary>
public sealed record ProgramResult(int ExitCode, string Output, string Errors)
{
    /// <summary>The lines on stderr.</summary>
    public IReadOnlyList<string> ErrorLines => Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries);
}

/// <summary>The real program as a process of its own, with nothing in its environment but what is given. Killed when it is not ended in time.</summary>
public sealed class ProgramRun : IAsyncDisposable
{
    private static readonly TimeSpan _deadline = TimeSpan.FromSeconds(120);
    private static readonly string _program = Path.Combine(AppContext.BaseDirectory, "FacilityFeed.Scheduler.dll");

    // https://docs.docker.com/engine/containers/run/#runtime-privilege-and-linux-capabilities: no CAP_SYS_PTRACE, no CAP_SYS_ADMIN.
    private const string DockersCapabilities = "+chown,+dac_override,+fowner,+fsetid,+kill,+setgid,+setuid,+setpcap,+net_bind_service,+net_raw,+sys_chroot,+mknod,+audit_write,+setfcap";

    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly StringBuilder _errors = new();

    private ProgramRun(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, line) => Append(_output, line.Data);
        process.ErrorDataReceived += (_, line) => Append(_errors, line.Data);
    }

    /// <summary>In the folder that a program was started in at a terminal: every letter that it wrote.</summary>
    public const string TerminalFile = "terminal";

    /// <summary>What stderr holds so far.</summary>
    public string Errors => Read(_errors);

    /// <summary>What stdout holds so far.</summary>
    public string Output => Read(_output);

    public bool HasEnded => _process.HasExited;

    /// <summary>Whether SIGSTOP has stopped it.</summary>
    public bool IsStopped => File.ReadLines($"/proc/{_process.Id}/status").Any(line => line.StartsWith("State:\tT", StringComparison.Ordinal));

    public static ProgramRun Start(string folder, IEnumerable<KeyValuePair<string, string>> settings, IEnumerable<string> arguments) => Start(folder, settings, ["dotnet", _program, .. arguments]);

    /// <summary>The same program with the rights that Docker leaves to root unless it is told otherwise; where the tests are no root, as it is.</summary>
    public static ProgramRun StartAsContainerRoot(string folder, IEnumerable<KeyValuePair<string, string>> settings, IEnumerable<string> arguments) => Start(
        folder,
        settings,
        [.. Environment.IsPrivilegedProcess ? ["setpriv", $"--bounding-set=-all,{DockersCapabilities}", "--inh-caps=-all"] : Array.Empty<string>(), "dotnet", _program, .. arguments]);

    /// <summary>The same program, with the tests' own assembly beside it: ASP.NET Core starts what the environment names of it.</summary>
    /// <param name="folder">Where it is started.</param>
    /// <param name="settings">Its environment.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="build">The folder of the tests' assembly of another build; null: of this one.</param>
    public static ProgramRun StartWithTests(string folder, IEnumerable<KeyValuePair<string, string>> settings, IEnumerable<string> arguments, string? build = null)
    {
        var tests = Path.Combine(build ?? AppContext.BaseDirectory, "FacilityFeed.Tests");
        var program = Path.Combine(build ?? AppContext.BaseDirectory, "FacilityFeed.Scheduler.dll");
        return Start(folder, settings, ["dotnet", "exec", "--depsfile", $"{tests}.deps.json", "--runtimeconfig", $"{tests}.runtimeconfig.json", program, .. arguments]);
    }

    /// <summary>At a terminal of so many columns, which <c>script</c> provides; what is written to it, by stderr too, is in <see cref="TerminalFile"/>.</summary>
    public static ProgramRun StartAtTerminal(string folder, IEnumerable<KeyValuePair<string, string>> settings, int columns, IEnumerable<string> arguments) => Start(
        folder,
        [.. settings, KeyValuePair.Create("TERM", "xterm")],
        ["sh", "-c", string.Create(CultureInfo.InvariantCulture, $"script --quiet --return --command 'stty cols {columns}; dotnet {_program} {string.Join(' ', arguments)}' /dev/null > {TerminalFile}")]);

    /// <summary>A shell's command, where <c>./run</c> is the program.</summary>
    public static ProgramRun StartShell(string folder, IEnumerable<KeyValuePair<string, string>> settings, string command)
    {
        var run = Path.Combine(folder, "run");
        File.WriteAllText(run, $"#!/bin/sh\nexec dotnet '{_program}' \"$@\"\n");
        File.SetUnixFileMode(run, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return Start(folder, settings, ["sh", "-c", command]);
    }

    private static ProgramRun Start(string folder, IEnumerable<KeyValuePair<string, string>> settings, string[] command)
    {
        // Ctrl-C must mean to the program what it means at a terminal, also where the tests run in the background of a script,
        // which has them ignore it. env becomes the program, so its process id stays.
        var start = new ProcessStartInfo("env", ["--default-signal=INT", .. command])
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment.Clear();
        start.Environment["PATH"] = Environment.GetEnvironmentVariable("PATH");
        start.Environment["HOME"] = folder;
        foreach (var (name, value) in settings)
        {
            start.Environment[name] = value;
        }

        var run = new ProgramRun(new Process { StartInfo = start });
        run._process.Start();
        run._process.StandardInput.Close();
        run._process.BeginOutputReadLine();
        run._process.BeginErrorReadLine();
        return run;
    }

    /// <summary>Waits for the end of a program that something kills.</summary>
    public Task DieAsync() => Until.TrueAsync(() => Task.FromResult(HasEnded), _deadline, "the program's death");

    /// <summary>Waits for the program's end.</summary>
    public async Task<ProgramResult> EndAsync()
    {
        using var deadline = new CancellationTokenSource(_deadline);
        try
        {
            await _process.WaitForExitAsync(deadline.Token);
        }
        catch (OperationCanceledException)
        {
            Kill();
            Assert.Fail($"the program did not end within {_deadline.TotalSeconds} s; it said:\n{Output}\n{Errors}");
        }

        return new ProgramResult(_process.ExitCode, Output, Errors);
    }

    /// <summary>Tells it to stop, as a service manager does, and waits for its end.</summary>
    public async Task<ProgramResult> TermAsync()
    {
        await SignalAsync("TERM");
        return await EndAsync();
    }

    /// <summary>Sends a signal, for example <c>INT</c>.</summary>
    public async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("kill", ["-s", signal, _process.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
        Assert.That(kill.ExitCode, Is.Zero, $"signal {signal} was not sent");
    }

    /// <summary>Waits until the program has written <paramref name="text"/>, to stdout or stderr; fails at once when it ended instead.</summary>
    public Task SaysAsync(string text) => Until.TrueAsync(() =>
    {
        var hasEnded = HasEnded;
        var isSaid = Errors.Contains(text, StringComparison.Ordinal) || Output.Contains(text, StringComparison.Ordinal);
        Assert.That(isSaid || !hasEnded, $"the program ended without '{text}'; it said:\n{Output}\n{Errors}");
        return Task.FromResult(isSaid);
    }, _deadline, $"'{text}'");

    public async ValueTask DisposeAsync()
    {
        Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private void Kill()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }
    }

    private static void Append(StringBuilder text, string? line)
    {
        lock (text)
        {
            text.Append(line).Append(line is null ? "" : "\n");
        }
    }

    private static string Read(StringBuilder text)
    {
        lock (text)
        {
            return text.ToString();
        }
    }
}
