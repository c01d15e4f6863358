using System.Globalization;
using FacilityFeed.Infrastructure.Embedded;

namespace FacilityFeed.Infrastructure.Ledger.Attempts;

/// <summary>
/// A process, so that another one can know that it is gone: kept with each attempt. A pid alone comes again, another machine or container has its own,
/// and so have two starts of one machine.
/// </summary>
/// <param name="Boot">Of this start of the machine; empty where the system does not tell, and then nothing is known of anybody.</param>
/// <param name="Namespace">Where the pid is valid and the ticks are counted: the links of the pid and time namespaces.</param>
/// <param name="Pid">In that namespace.</param>
/// <param name="StartTicks">When it started, in clock ticks since the machine did: field 22 of <c>/proc/PID/stat</c>, proc(5).</param>
public sealed record ProcessIdentity(string Boot, string Namespace, int Pid, long StartTicks)
{
    /// <summary>This process.</summary>
    public static ProcessIdentity Current { get; } = Read();

    /// <summary>
    /// Whether it is certain that the process is gone. False as well of one on another machine or in another container, of which nothing can be
    /// known from here.
    /// </summary>
    public bool IsDead() => Boot.Length > 0 && (Boot, Namespace) == (Current.Boot, Current.Namespace) && !LivesHere();

    /// <summary>As it is stored: four words.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Boot} {Namespace} {Pid} {StartTicks}");

    /// <returns>Null for what no process has written.</returns>
    public static ProcessIdentity? Parse(string? text) =>
        text?.Split(' ') is [var boot, var space, var pid, var ticks]
            && int.TryParse(pid, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && long.TryParse(ticks, NumberStyles.None, CultureInfo.InvariantCulture, out var start)
                ? new ProcessIdentity(boot, space, number, start)
                : null;

    private static ProcessIdentity Read()
    {
        var boot = ServersFile.Lines("/proc/sys/kernel/random/boot_id") is [var id, ..] ? id.Trim() : "";
        var space = $"{new FileInfo("/proc/self/ns/pid").LinkTarget},{new FileInfo("/proc/self/ns/time").LinkTarget}";
        return StatOf(Environment.ProcessId) is var (_, ticks) ? new ProcessIdentity(boot, space, Environment.ProcessId, ticks) : new ProcessIdentity("", space, Environment.ProcessId, 0);
    }

    private bool LivesHere() => StatOf(Pid) is var (state, ticks)
        // One that is dead and that nobody has waited for holds nothing any more.
        ? ticks == StartTicks && state is not ('Z' or 'X')
        // Another user's may be hidden (hidepid): a process that may not be signalled is there.
        : !ProcessFacts.IsGone(Pid);

    private static (char State, long Ticks)? StatOf(int pid)
    {
        // The name, which may have any sign in it, is in brackets; after the last one come the third field and the others.
        return ServersFile.Lines(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/stat")) is [var line, ..] && line.LastIndexOf(')') is > 0 and var end
            && line[(end + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries) is { Length: > 19 } fields && long.TryParse(fields[19], NumberStyles.None, CultureInfo.InvariantCulture, out var ticks)
                ? (fields[0][0], ticks)
                : null;
    }
}
