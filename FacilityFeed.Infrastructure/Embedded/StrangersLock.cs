using FacilityFeed.Infrastructure.Files;

namespace FacilityFeed.Infrastructure.Embedded;

/// <summary>
/// A lock that another user of the machine holds on one of our lock files: older versions let everybody read these, and who has opened one then can still
/// lock it, though nobody else can open it any more. A new file takes its place.
/// </summary>
internal static class StrangersLock
{
    /// <summary>Puts a new file in the place of one whose lock only strangers hold.</summary>
    /// <param name="path">The lock file, in the folder that only we can open.</param>
    /// <param name="inode">The file that could not be locked.</param>
    /// <returns>Whether another file has that name now, by this process or another of ours.</returns>
    public static bool TryShakeOff(string path, ulong inode)
    {
        var home = new ClusterHome(Path.GetDirectoryName(path)!);
        // A user in another container is not seen from here, and may hold it rightly.
        if (!LockHolders.AreStrangers(path) || !ServerSpace.IsHere(home))
        {
            return false;
        }

        // One at a time: the new file that another of us holds already must not be replaced.
        using var turn = FileLock.Take(home.ReplaceLock);
        if (FileStatus.Of(path)?.Inode != inode)
        {
            return true;
        }

        // Looked at again: one of ours may have joined the strangers meanwhile.
        if (!LockHolders.AreStrangers(path))
        {
            return false;
        }

        OwnFile.Replace(path, "");
        return true;
    }
}
