using FacilityFeed.Domain;
using FacilityFeed.Infrastructure.Files;

namespace FacilityFeed.Infrastructure.Embedded;

/// <summary>
/// Where the server runs: this start of this machine, and this container. From another container that shares the data
/// directory neither its process nor its socket can be used, and PostgreSQL would start a second server on the same files.
/// </summary>
internal static class ServerSpace
{
    /// <summary>Writes down that the server belongs here. Only for who is alone and holds the start lock.</summary>
    public static void Claim(ClusterHome home) => OwnFile.Replace(home.SpaceFile, Here());

    /// <exception cref="FeedRejectedException">The server in use runs elsewhere.</exception>
    public static void RefuseElsewhere(ClusterHome home)
    {
        // Whatever else has that name is replaced by the next who is alone.
        if (Lines(home).Length > 0 && !IsHere(home))
        {
            throw new FeedRejectedException(
                $"DATA_DIR (State:DataDirectory): the embedded database in {home.Folder} is in use by another container, and only usable from there: run the command inside it (docker exec), or give both a STATE_DB. {home.UseLock} is held by {LockHolders.Describe(home.UseLock)}");
        }
    }

    /// <summary>Whether the last who was alone was here: then whoever uses the server is seen from here.</summary>
    public static bool IsHere(ClusterHome home) => Lines(home) is [var place] && $"{place}\n" == Here();

    // Older versions let everybody read it, and the lock that .NET puts on a file it reads is kept out by another's.
    private static string[] Lines(ClusterHome home) => ServersFile.Lines(home.SpaceFile);

    private static string Here()
    {
        var machine = ServersFile.Lines("/proc/sys/kernel/random/boot_id") is [var boot, ..] ? boot.Trim() : Environment.MachineName;
        return $"{machine} {new FileInfo("/proc/self/ns/pid").LinkTarget}\n";
    }
}
