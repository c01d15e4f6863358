using FacilityFeed.Domain;

namespace FacilityFeed.Infrastructure.Files;

/// <summary>The folders below DATA_DIR, and that one itself: who may do what there is stated, whatever the umask is.</summary>
internal static class OwnFolder
{
    /// <summary>For one user alone: 0700.</summary>
    public const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Readable by all, writable by one: 0755. The umask may take from it.</summary>
    public const UnixFileMode Readable = Private | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    private const UnixFileMode WritableByOthers = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;

    /// <summary>Makes a folder that only this user writes to; what others may write of an existing one of ours is taken from them.</summary>
    /// <returns>What a person should know: that something was taken. Null when nothing was.</returns>
    /// <exception cref="FeedRejectedException">It cannot be made.</exception>
    public static string? EnsureReadable(string folder)
    {
        MakeOwn(folder, Readable);
        return Take(folder, WritableByOthers);
    }

    /// <summary>
    /// The same for a folder of feeds below ours, where nothing is written through a link, or into what another user made. The setgid bit says that the
    /// group that may write there was chosen, such as a web server's, and did not come from a umask: it keeps that right.
    /// </summary>
    /// <inheritdoc cref="EnsureReadable"/>
    /// <exception cref="FeedRejectedException">It is a link, or another user's but root's.</exception>
    public static string? EnsureShared(string folder)
    {
        var isChosen = Examine(folder, mayBeRoots: true).Mode.HasFlag(UnixFileMode.SetGroup);
        return Take(folder, isChosen ? UnixFileMode.OtherWrite : WritableByOthers) is { } taken
            ? $"{taken}{(isChosen ? "" : $". If its group is meant to write there, chmod g+ws {folder}")}"
            : null;
    }

    private static string? Take(string folder, UnixFileMode rights)
    {
        // Another's is another's to decide; in a sticky one, such as /tmp, nobody can take away what is ours.
        if (FileStatus.Of(folder) is not { IsFolder: true, IsOurs: true } status || (status.Mode & rights) == 0 || status.Mode.HasFlag(UnixFileMode.StickyBit))
        {
            return null;
        }

        Set(folder, status.Mode & ~rights);
        return $"others could write to {folder} (mode {Octal(status.Mode)}), and cannot any more (mode {Octal(status.Mode & ~rights)})";
    }

    /// <summary>Makes a folder of this user alone, or takes the others' rights from an existing one. One that root made for us, by a mount for instance, is left as it is.</summary>
    /// <exception cref="FeedRejectedException">It cannot be made, is a link, or another user's.</exception>
    public static void EnsurePrivate(string folder)
    {
        MakeOwn(folder, Private);
        var status = Examine(folder, mayBeRoots: true);
        if (status.IsOurs && status.Mode != Private)
        {
            Set(folder, Private);
        }
    }

    /// <summary>As <see cref="EnsurePrivate"/>, for what must never have been in other hands: it is strictly ours, and was not open to all.</summary>
    /// <param name="folder">Its path.</param>
    /// <param name="mode">What others may do in it.</param>
    /// <exception cref="FeedRejectedException">It cannot be made, is a link, another user's, or others may write to it.</exception>
    public static void EnsureGuarded(string folder, UnixFileMode mode)
    {
        MakeOwn(folder, Private);
        var status = Examine(folder, mayBeRoots: false);
        // With a umask of 002 our own group may have got it; that group is ours alone, as a rule.
        if (status.Mode.HasFlag(UnixFileMode.OtherWrite) || (status.Mode.HasFlag(UnixFileMode.GroupWrite) && (status.Group != PosixUser.Group || PosixNames.HasOthers(status.Group))))
        {
            throw new FeedRejectedException(
                $"DATA_DIR (State:DataDirectory): other users of this machine may write to {folder} (mode {Octal(status.Mode)}), so what lies in it need not be ours. If it is, chmod 700 {folder}; else move it away to begin with an empty database");
        }

        if (status.Mode != mode)
        {
            Set(folder, mode);
        }
    }

    private static FileStatus Examine(string folder, bool mayBeRoots)
    {
        var status = FileStatus.Of(folder);
        if (status is not { IsFolder: true })
        {
            throw new FeedRejectedException($"DATA_DIR (State:DataDirectory): {folder} is {(status?.Kind == FileKind.Link ? "a link" : "no folder")}, and nothing is written through one: put a folder in its place, or name another DATA_DIR");
        }

        return status.IsOurs || (mayBeRoots && status.Owner == 0) ? status : throw new FeedRejectedException(
            $"DATA_DIR (State:DataDirectory): {folder} belongs to another user (id {status.Owner}; this program runs as {PosixUser.Id}): run as that user, or name another folder");
    }

    /// <summary>Makes a folder, and those above it, that all may read and one may write to.</summary>
    /// <exception cref="IOException">It cannot be made.</exception>
    /// <exception cref="UnauthorizedAccessException">It cannot be made.</exception>
    public static void MakeReadable(string folder) => Make(folder, Readable);

    private static void Make(string folder, UnixFileMode mode)
    {
        // Each by itself: .NET gives the mode to the last one alone.
        if (Path.GetDirectoryName(folder) is { Length: > 0 } above && !Directory.Exists(above))
        {
            Make(above, Readable);
        }

        Directory.CreateDirectory(folder, mode);
    }

    private static void MakeOwn(string folder, UnixFileMode mode)
    {
        try
        {
            Make(folder, mode);
        }
        catch (IOException) when (new FileInfo(folder).LinkTarget is not null)
        {
            // A link that leads nowhere: said by who looks at what was made.
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw new FeedRejectedException($"DATA_DIR (State:DataDirectory): {folder} cannot be made ({refused.Message}). Give the service's user write access, or name another folder", refused);
        }
    }

    private static void Set(string folder, UnixFileMode mode)
    {
        try
        {
            File.SetUnixFileMode(folder, mode);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw new FeedRejectedException($"DATA_DIR (State:DataDirectory): {folder} cannot be given the mode {Octal(mode)} ({refused.Message}): name a folder on a file system that has modes", refused);
        }
    }

    /// <summary>As <c>chmod</c> takes it.</summary>
    public static string Octal(UnixFileMode mode) => Convert.ToString((int)mode, 8).PadLeft(4, '0');
}
