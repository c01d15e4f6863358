using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using FacilityFeed.Domain;

namespace FacilityFeed.Infrastructure.Embedded;

/// <summary>Where the embedded cluster lies, and the files beside it.</summary>
internal sealed record ClusterHome(string Folder)
{
    /// <summary>Where a root process puts the cluster when the <c>postgres</c> user cannot reach the data directory.</summary>
    private const string SharedPlace = "/var/lib/facilityfeed";

    public string Cluster => Path.Combine(Folder, "cluster");

    /// <summary>Where initdb works; renamed to <see cref="Cluster"/> when it is done, so that a cluster is whole or not there.</summary>
    public string NewCluster => Path.Combine(Folder, "cluster.new");

    public string PasswordFile => Path.Combine(Folder, "password");

    /// <summary>Held shared by every process that uses the server.</summary>
    public string UseLock => Path.Combine(Folder, "use.lock");

    /// <summary>Held alone while the server is started or stopped.</summary>
    public string StartLock => Path.Combine(Folder, "start.lock");

    /// <summary>Tells from where the server can be used.</summary>
    public string SpaceFile => Path.Combine(Folder, "space");

    public string PidFile => Path.Combine(Cluster, "postmaster.pid");

    /// <summary>The command line of the last start; written by PostgreSQL, and kept when it stops.</summary>
    public string OptionsFile => Path.Combine(Cluster, "postmaster.opts");

    public bool Exists => File.Exists(Path.Combine(Cluster, "PG_VERSION"));

    public int? Major => Exists ? int.Parse(File.ReadAllText(Path.Combine(Cluster, "PG_VERSION")).Trim().Split('.')[0], CultureInfo.InvariantCulture) : null;

    public static async Task<ClusterHome> FindAsync(string dataDirectory, ToolRunner tools, CancellationToken cancellationToken)
    {
        var nearby = new ClusterHome(Path.Combine(dataDirectory, "postgres"));
        // Once made, a cluster stays where it is, whatever the rights of the folders become.
        if (!Environment.IsPrivilegedProcess || nearby.Exists || await IsReachableAsync(dataDirectory, tools, cancellationToken))
        {
            return nearby;
        }

        // One cluster per data directory, whatever its path.
        var name = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(dataDirectory)))[..16];
        return new ClusterHome(Path.Combine(SharedPlace, name));
    }

    /// <summary>As root: opens the way to the cluster for the server's user, whatever our umask. The cluster itself stays closed to all others.</summary>
    public void LetServerUserThrough()
    {
        if (!Environment.IsPrivilegedProcess)
        {
            return;
        }

        const UnixFileMode Way = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
        File.SetUnixFileMode(Folder, File.GetUnixFileMode(Folder) | Way);
        if (Path.GetDirectoryName(Folder) == SharedPlace)
        {
            File.SetUnixFileMode(SharedPlace, File.GetUnixFileMode(SharedPlace) | Way);
        }
    }

    /// <exception cref="FeedRejectedException">The folder cannot be made.</exception>
    public static void Create(string folder)
    {
        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw new FeedRejectedException($"DATA_DIR (State:DataDirectory): {folder} cannot be made ({refused.Message}). Give the service's user write access, or name another folder", refused);
        }
    }

    private static async Task<bool> IsReachableAsync(string folder, ToolRunner tools, CancellationToken cancellationToken)
    {
        var (exitCode, _) = await tools.TryRunAsync("test", ["-x", folder], cancellationToken);
        return exitCode == 0;
    }
}
