using FacilityFeed.Domain;

namespace FacilityFeed.Infrastructure.Embedded;

/// <summary>
/// Where the server runs: this start of this machine, and this container. From another container that shares the data
/// directory neither its process nor its port can be seen, and PostgreSQL would start a second server on the same files.
/// </summary>
internal static class ServerSpace
{
    /// <summary>Writes down that the server belongs here. Only for who is alone and holds the start lock.</summary>
    public static void Claim(ClusterHome home) => File.WriteAllText(home.SpaceFile, Here());

    /// <exception cref="FeedRejectedException">The server in use runs elsewhere.</exception>
    public static void RefuseElsewhere(ClusterHome home)
    {
        if (File.Exists(home.SpaceFile) && File.ReadAllText(home.SpaceFile) != Here())
        {
            throw new FeedRejectedException(
                $"DATA_DIR (State:DataDirectory): the embedded database in {home.Folder} is in use by another container, and only usable from there: run the command inside it (docker exec), or give both a STATE_DB");
        }
    }

    private static string Here()
    {
        const string Machine = "/proc/sys/kernel/random/boot_id";
        var space = new FileInfo("/proc/self/ns/pid").LinkTarget;
        return $"{(File.Exists(Machine) ? File.ReadAllText(Machine).Trim() : Environment.MachineName)} {space}\n";
    }
}
