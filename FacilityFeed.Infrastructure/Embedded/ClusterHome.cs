using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using FacilityFeed.Domain;
using FacilityFeed.Infrastructure.Files;

namespace FacilityFeed.Infrastructure.Embedded;

/// <summary>Where the embedded cluster lies, and the files beside it.</summary>
internal sealed record ClusterHome(string Folder)
{
    /// <summary>Where a root process puts the cluster when the <c>postgres</c> user cannot reach the data directory.</summary>
    public const string SharedPlace = "/var/lib/facilityfeed";

    // As root: the server's user must get through to the cluster and its socket, by the group; nobody else, and it reads nothing here.
    private const UnixFileMode ServersWay = OwnFolder.Private | UnixFileMode.GroupExecute;
    public const UnixFileMode EverybodysWay = ServersWay | UnixFileMode.OtherExecute;

    public string Cluster => Path.Combine(Folder, "cluster");

    /// <summary>
    /// Where one initdb works; renamed to <see cref="Cluster"/> when it is done, so that a cluster is whole or not there. Never the same: the initdb of a
    /// process that was killed goes on for a while, and would write into the next one's.
    /// </summary>
    public string NewCluster() => Path.Combine(Folder, $"cluster.new-{Guid.NewGuid():N}");

    /// <summary>What processes that were killed have left of such folders, this version's and older ones'.</summary>
    public string[] UnfinishedClusters() => Directory.GetFileSystemEntries(Folder, "cluster.new*");

    /// <summary>The password of the superuser, who makes roles and databases.</summary>
    public string PasswordFile => Path.Combine(Folder, "password");

    /// <summary>The password of the role that does the daily work.</summary>
    public string ServicePasswordFile => Path.Combine(Folder, "service-password");

    /// <summary>Where the socket is, when it can be.</summary>
    public string SocketFolder => Path.Combine(Folder, "socket");

    /// <summary>Names the folder of the socket, when it cannot be there.</summary>
    public string SocketFolderFile => Path.Combine(Folder, "socket-folder");

    /// <summary>Held shared by every process that uses the server.</summary>
    public string UseLock => Path.Combine(Folder, "use.lock");

    /// <summary>Held alone while the server is started or stopped.</summary>
    public string StartLock => Path.Combine(Folder, "start.lock");

    /// <summary>Held alone while one of the other two is replaced; made when that is needed.</summary>
    public string ReplaceLock => Path.Combine(Folder, "replace.lock");

    /// <summary>Tells from where the server can be used.</summary>
    public string SpaceFile => Path.Combine(Folder, "space");

    public string PidFile => Path.Combine(Cluster, "postmaster.pid");

    /// <summary>
    /// The cluster as pg_ctl is told of it. Not by an option: it would put that between double quotes of a shell's command, where a $ or a quote is none of
    /// the path.
    /// </summary>
    public IReadOnlyDictionary<string, string> AsPgData => new Dictionary<string, string> { ["PGDATA"] = Cluster };

    /// <summary>The command line of the last start; written by PostgreSQL, and kept when it stops.</summary>
    public string OptionsFile => Path.Combine(Cluster, "postmaster.opts");

    public bool Exists => File.Exists(Path.Combine(Cluster, "PG_VERSION"));

    /// <exception cref="FeedRejectedException">What tells the version is no number.</exception>
    public int? Major => !Exists ? null
        : int.TryParse(ServersFile.Lines(Path.Combine(Cluster, "PG_VERSION")).FirstOrDefault("").Trim().Split('.')[0], CultureInfo.InvariantCulture, out var major) ? major
        : throw new FeedRejectedException($"{Path.Combine(Cluster, "PG_VERSION")} does not name PostgreSQL's version, so the embedded database cannot be opened: restore that file, or move {Folder} away to begin with an empty database");

    public static async Task<ClusterHome> FindAsync(string dataDirectory, ToolRunner tools, CancellationToken cancellationToken)
    {
        var nearby = new ClusterHome(Path.Combine(dataDirectory, "postgres"));
        // One cluster per data directory, whatever its path.
        var name = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(dataDirectory)))[..16];
        var shared = new ClusterHome(Path.Combine(SharedPlace, name));
        // Once made, a cluster stays where it is, whatever the rights of the folders become.
        return !Environment.IsPrivilegedProcess || nearby.Exists || (!shared.Exists && await IsReachableAsync(dataDirectory, tools, cancellationToken)) ? nearby : shared;
    }

    /// <summary>Makes the folder, or closes an older one: for us alone, and as root for the server's user to go through.</summary>
    /// <exception cref="FeedRejectedException">It cannot be made, or is not ours alone.</exception>
    public async Task PrepareAsync(CancellationToken cancellationToken)
    {
        if (!Environment.IsPrivilegedProcess)
        {
            OwnFolder.EnsureGuarded(Folder, OwnFolder.Private);
            return;
        }

        if (Path.GetDirectoryName(Folder) == SharedPlace)
        {
            OwnFolder.EnsureGuarded(SharedPlace, EverybodysWay);
        }

        OwnFolder.EnsureGuarded(Folder, ServersWay);
        await ToolRunner.AsRoot.RunAsync("chgrp", ["--no-dereference", ToolRunner.ServerUser, Folder], cancellationToken);
    }

    private static async Task<bool> IsReachableAsync(string folder, ToolRunner tools, CancellationToken cancellationToken)
    {
        var (exitCode, _) = await tools.TryRunAsync("test", ["-x", folder], cancellationToken);
        return exitCode == 0;
    }
}
