using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace FacilityFeed.Infrastructure.Ledger.Attempts;

/// <summary>
/// The names of Hangfire's job servers, which stand in the state of each job that is at work. They say of which process a server is, so that what it
/// fetched and did not begin is taken over at once when that process is known to be gone.
/// </summary>
public static class JobServerName
{
    private static readonly string _place = Place(ProcessIdentity.Current);

    /// <summary>The name of a server of this process: <c>MACHINE:QUEUE/PLACE-START</c>. Hangfire adds its pid and a number, each after a colon, all in small letters.</summary>
    /// <param name="queue">The first of its queues.</param>
    public static string Of(string queue) => string.Create(CultureInfo.InvariantCulture, $"{Environment.MachineName}:{queue}/{_place}-{ProcessIdentity.Current.StartTicks}");

    /// <summary>The machine and the pid of a server's whole name, for people; null for what no such name is.</summary>
    public static (string Machine, string Pid)? Parse(string? name) => name?.Split(':') is [var machine, _, var pid, _] ? (machine, pid) : null;

    /// <summary>Whether it is certain that the process of the server with this whole name is gone.</summary>
    public static bool IsOfTheDead(string? name)
    {
        if (name?.Split(':') is not [_, var queue, var pid, _] || queue.Split('/') is not [_, var mark] || mark.Split('-') is not [var place, var start])
        {
            return false;
        }

        return place == _place && int.TryParse(pid, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && long.TryParse(start, NumberStyles.None, CultureInfo.InvariantCulture, out var ticks)
            && (ProcessIdentity.Current with { Pid = number, StartTicks = ticks }).IsDead();
    }

    // Short, for the dashboard shows it: of the start of a machine, and of the namespaces of a process.
    private static string Place(ProcessIdentity process) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{process.Boot} {process.Namespace}")))[..16];
}
