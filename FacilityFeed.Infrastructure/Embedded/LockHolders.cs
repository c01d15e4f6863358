using System.Globalization;
using FacilityFeed.Domain;
using FacilityFeed.Infrastructure.Files;

namespace FacilityFeed.Infrastructure.Embedded;

/// <summary>Who holds a lock on a file, as Linux tells it: <c>/proc/locks</c>, man proc_locks(5). Elsewhere, and of what another container holds, nothing is told.</summary>
internal static class LockHolders
{
    private const string Locks = "/proc/locks";

    // Locks of a million files, and more: whoever fills it up is seen by others first.
    private const int MostBytes = 64 * 1024 * 1024;

    // Number, kind, way, READ or WRITE, process, device:inode, from, to; a waiting one has an arrow behind its number.
    private const int Process = 4;
    private const int File = 5;

    /// <summary>
    /// Whether all holders are other users' processes. A lock of ours is held by a living process of this very user: nobody else can use the folder, and
    /// no child inherits a lock. A dead process is told of when a child of its has the lock: so is none of ours. One that is hidden from us (hidepid) may be.
    /// </summary>
    public static bool AreStrangers(string path) => Of(path) is { Count: > 0 } holders && holders.All(holder => holder > 0 && IsStranger(holder));

    /// <summary>The holders but this process, for a message: <c>process 17 (sleep) of user guest</c>; without them, how to find them.</summary>
    public static string Describe(string path) => Of(path).Where(holder => holder > 0 && holder != Environment.ProcessId).Distinct().Select(DescribeOne).ToList() is { Count: > 0 } holders
        ? string.Join(", ", holders)
        : $"nobody whom this process sees: fuser {path}, in each container that uses it";

    // The inode's number alone: some file systems tell another device here. Another file with that number only makes for more holders.
    private static List<int> Of(string path)
    {
        if (FileStatus.Of(path)?.Inode is not { } inode)
        {
            return [];
        }

        var end = string.Create(CultureInfo.InvariantCulture, $":{inode}");
        return [.. from line in ServersFile.Lines(Locks, MostBytes)
                   let words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries)
                   where words.Length > File && words[1] == "FLOCK" && words[File].EndsWith(end, StringComparison.Ordinal)
                   select int.TryParse(words[Process], CultureInfo.InvariantCulture, out var process) ? process : 0];
    }

    private static bool IsStranger(int process) => ProcessFacts.Of(process) is { User: { } user } ? user != PosixUser.Id : ProcessFacts.IsGone(process);

    private static string DescribeOne(int process) => string.Create(CultureInfo.InvariantCulture, $"process {process}{ProcessFacts.Of(process) switch
    {
        { } facts => $" ({ForeignText.InOneLine(facts.Name)}) of user {(facts.User is { } user ? PosixNames.OfUser(user) : "?")}",
        null when ProcessFacts.IsGone(process) => ", which has ended and left it to a child",
        null => ", which is hidden from this one",
    }}");
}
