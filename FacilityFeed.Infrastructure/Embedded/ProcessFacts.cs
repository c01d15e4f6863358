using System.Globalization;
using System.Runtime.InteropServices;

namespace FacilityFeed.Infrastructure.Embedded;

/// <summary>What Linux tells everybody of a process, whoever's it is: <c>/proc/PID/status</c>, proc(5). A system that hides others' processes (hidepid) does not tell even that.</summary>
/// <param name="Name">Of its program.</param>
/// <param name="HasEnded">Whether it is dead, and only nobody has waited for it.</param>
/// <param name="User">Effective user id.</param>
internal sealed partial record ProcessFacts(string Name, bool HasEnded, uint? User)
{
    private const int NoSuchProcess = 3; // ESRCH

    /// <summary>Null when it is gone, and when it is hidden: only <see cref="IsGone"/> tells the two apart.</summary>
    public static ProcessFacts? Of(int process)
    {
        var lines = ServersFile.Lines(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/status"));
        return Value(lines, "Name:") is not { } name ? null : new ProcessFacts(
            name,
            HasEnded: Value(lines, "State:") is ['Z' or 'X', ..],
            // Real, effective, saved and file system's user id.
            Value(lines, "Uid:")?.Split('\t') is { Length: > 1 } ids && uint.TryParse(ids[1], CultureInfo.InvariantCulture, out var user) ? user : null);
    }

    /// <summary>Proof of death: no process has that number. One that may not be signalled is there, and so is one that is hidden.</summary>
    public static bool IsGone(int process) => Kill(process, 0) != 0 && Marshal.GetLastPInvokeError() == NoSuchProcess;

    private static string? Value(string[] lines, string name) => lines.FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal))?[name.Length..].Trim();

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int process, int signal);
}
