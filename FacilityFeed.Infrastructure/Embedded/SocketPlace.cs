using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using FacilityFeed.Domain;
using FacilityFeed.Infrastructure.Files;

namespace FacilityFeed.Infrastructure.Embedded;

/// <summary>
/// The folder of the server's socket, closed to all users but the server's: nobody else can ask the server anything, nor answer in its
/// place. It is beside the cluster, unless a socket cannot be there: a system takes about a hundred bytes for a socket's path, some file systems take
/// no socket, and a comma or a colon says something else to Npgsql. Then it is elsewhere, and a file beside the cluster says where.
/// </summary>
internal sealed class SocketPlace(ClusterHome home, ToolRunner tools)
{
    /// <summary>Only a part of the socket's name; nothing listens on a port.</summary>
    public const int Port = 5432;

    /// <summary>Chooses the folder and makes it, with nothing in it. Only for who is alone, where no server runs.</summary>
    /// <exception cref="FeedException">There is no place for a socket.</exception>
    public async Task<string> ChooseAsync(CancellationToken cancellationToken)
    {
        foreach (var folder in new[] { home.SocketFolder, KeptOfOurs() }.OfType<string>().Concat(Elsewhere()))
        {
            if (!IsFree(folder))
            {
                continue;
            }

            if (folder != home.SocketFolder)
            {
                // First: a process that is killed in the middle leaves no folder that nobody knows of.
                Keep(folder);
            }

            if (await TryMakeAsync(folder, cancellationToken))
            {
                Keep(folder);
                return folder;
            }
        }

        throw new FeedException($"There is no folder for the socket of the embedded database in {home.Folder}: name a DATA_DIR (State:DataDirectory) with a shorter path, or a TMPDIR that a socket can be in");
    }

    /// <summary>Makes the folder again where our connections look for it, after the death of the server in it.</summary>
    /// <exception cref="FeedException">Something else has its name.</exception>
    public async Task RestoreAsync(string folder, CancellationToken cancellationToken)
    {
        if (!IsFree(folder) || !await TryMakeAsync(folder, cancellationToken))
        {
            throw new FeedException($"The embedded database in {home.Folder} cannot have its socket in {folder} again, which is not a folder of its own any more: remove what is there, or restart this program");
        }
    }

    /// <summary>The folder that a server of ours would have at this moment.</summary>
    public string Current => Kept() ?? home.SocketFolder;

    /// <summary>The same for who is alone: not the folder of another cluster, of which this one is a copy.</summary>
    public string OfOurs => KeptOfOurs() ?? home.SocketFolder;

    /// <summary>Before a password is spoken of: whether only the server's user can have put a socket there.</summary>
    public bool IsSafe(string folder) => FileStatus.Of(folder) is { IsFolder: true } status && status.Owner == ServerUser() && (status.Mode & ~OwnFolder.Private) == 0;

    /// <summary>
    /// Removes the folder again when it is elsewhere: by and by it would be one of many. Its name stays known, so that the next start has the same. Only for
    /// who is alone, where no server runs.
    /// </summary>
    public void RemoveElsewhere()
    {
        if (KeptOfOurs() is { } folder)
        {
            Remove(folder);
        }
    }

    private uint ServerUser() => FileStatus.Of(home.Cluster)?.Owner ?? PosixUser.Id;

    private string? Kept() => FileStatus.Of(home.SocketFolderFile) is { Kind: FileKind.File } ? File.ReadAllText(home.SocketFolderFile).TrimEnd('\n') : null;

    // The name holds the cluster's path. A copy of a cluster names the folder of the other one, whose server may run; and so does any older version's.
    private string? KeptOfOurs() => Kept() is { } folder && Path.GetFileName(folder).StartsWith(NameStart, StringComparison.Ordinal) ? folder : null;

    private string NameStart => $"socket-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(home.Folder)))[..12]}-";

    private void Keep(string folder)
    {
        if (folder != Kept())
        {
            RemoveElsewhere();
            RemoveEmpty(Kept());
        }

        if (folder == home.SocketFolder)
        {
            File.Delete(home.SocketFolderFile);
        }
        else if (folder != Kept())
        {
            OwnFile.Replace(home.SocketFolderFile, $"{folder}\n");
        }
    }

    // A folder that is the server's alone: nobody else can have put a link in its place, and whatever else is in it is not ours to remove.
    private void Remove(string folder)
    {
        try
        {
            if (IsSafe(folder))
            {
                ServerSocket.Remove(folder);
                Directory.Delete(folder);
            }
        }
        catch (Exception left) when (left is IOException or UnauthorizedAccessException)
        {
            // Of no harm: it is used again, or removed at the next stop.
        }
    }

    // One of a version before, or of this data directory at another path, which nobody would know of any more. Where a server runs in it, it is not empty.
    private void RemoveEmpty(string? folder)
    {
        try
        {
            if (folder is not null && Path.GetFileName(folder).StartsWith("socket-", StringComparison.Ordinal) && IsSafe(folder))
            {
                Directory.Delete(folder);
            }
        }
        catch (Exception left) when (left is IOException or UnauthorizedAccessException)
        {
            // In use, or not ours to remove.
        }
    }

    // Not there, or a folder of the server alone.
    private bool IsFree(string folder) => FileStatus.Of(folder) is not { } status || (status.IsFolder && (status.IsOurs || status.Owner == ServerUser()));

    private IEnumerable<string> Elsewhere()
    {
        // What lies in /tmp is swept away on many machines, and a service may have a /tmp of its own: root has a better place.
        string[] places = Environment.IsPrivilegedProcess ? [ClusterHome.SharedPlace] : [Path.GetTempPath(), "/tmp"];
        return places.Where(IsTrusted).Select(place => Path.Combine(place, $"{NameStart}{Convert.ToHexStringLower(Guid.NewGuid().ToByteArray())[..12]}"));
    }

    // Where anybody may write, a folder must be safe from being renamed.
    private static bool IsTrusted(string place) =>
        place == ClusterHome.SharedPlace || (Directory.Exists(place) && (File.GetUnixFileMode(place) & (UnixFileMode.StickyBit | UnixFileMode.OtherWrite)) != UnixFileMode.OtherWrite);

    private async Task<bool> TryMakeAsync(string folder, CancellationToken cancellationToken)
    {
        if (folder.AsSpan().ContainsAny(',', ':'))
        {
            return false;
        }

        if (Path.GetDirectoryName(folder) == ClusterHome.SharedPlace)
        {
            OwnFolder.EnsureGuarded(ClusterHome.SharedPlace, ClusterHome.EverybodysWay);
        }

        var isNew = FileStatus.Of(folder) is null;
        Directory.CreateDirectory(folder, OwnFolder.Private);
        if (!CanHoldSocket(folder))
        {
            if (isNew)
            {
                Directory.Delete(folder);
            }

            return false;
        }

        File.SetUnixFileMode(folder, OwnFolder.Private);
        await tools.GiveToServerUserAsync([folder], cancellationToken);
        return IsSafe(folder);
    }

    private static bool CanHoldSocket(string folder)
    {
        // As long as the socket's name.
        var path = Path.Combine(folder, ".s.probe.5432");
        try
        {
            File.Delete(path);
            using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            probe.Bind(new UnixDomainSocketEndPoint(path));
            return true;
        }
        catch (Exception impossible) when (impossible is ArgumentException or SocketException)
        {
            return false;
        }
        finally
        {
            File.Delete(path);
        }
    }
}
