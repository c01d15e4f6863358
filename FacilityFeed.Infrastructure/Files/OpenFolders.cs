using FacilityFeed.Domain;

namespace FacilityFeed.Infrastructure.Files;

/// <summary>
/// Folders that others may write to, or own, on the way to what is ours: whoever may write to one can put something else in the place of what is in it, however
/// closed that is itself. They are not ours to close, so a person is told.
/// </summary>
public static class OpenFolders
{
    private const int MostLinks = 8;
    private const uint Root = 0;

    /// <summary>One line for each such folder, from <paramref name="path"/> upwards and along its links: who may write there, and what to do.</summary>
    /// <remarks>
    /// Not told of: folders of root's or our own with the sticky bit, such as <c>/tmp</c>, where nobody can take away what is another's; and what a group may write of a folder
    /// with the setgid bit, which nobody has by accident.
    /// </remarks>
    public static IReadOnlyList<string> Describe(string path) => [.. Way(path, MostLinks).Distinct(StringComparer.Ordinal).Select(DescribeOne).OfType<string>()];

    private static string? DescribeOne(string folder)
    {
        if (Look(folder) is not { IsFolder: true } status)
        {
            return null;
        }

        var name = ForeignText.InOneLine(folder);
        // Its owner may, whatever the mode says, and may change that too.
        if (!status.IsOurs && status.Owner != Root)
        {
            return $"{name} belongs to the user {PosixNames.OfUser(status.Owner)}, who may put something else in the place of what is in it: chown {PosixNames.OfUser(PosixUser.Id)} {name}, or choose another folder";
        }

        if (status.Mode.HasFlag(UnixFileMode.StickyBit))
        {
            return null;
        }

        var isGroups = status.Mode.HasFlag(UnixFileMode.GroupWrite) && PosixNames.HasOthers(status.Group);
        return status.Mode.HasFlag(UnixFileMode.OtherWrite)
            ? $"every user of this machine may write to {name} (mode {OwnFolder.Octal(status.Mode)}), and so put something else in the place of what is in it: chmod {(isGroups ? "go-w" : "o-w")} {name}"
            : isGroups && !status.Mode.HasFlag(UnixFileMode.SetGroup)
                ? $"the group {PosixNames.OfGroup(status.Group)} may write to {name} (mode {OwnFolder.Octal(status.Mode)}), and so put something else in the place of what is in it: chmod g-w {name}; or, if that is meant, chmod g+s {name}"
                : null;
    }

    private static IEnumerable<string> Way(string path, int links)
    {
        for (var folder = path; !string.IsNullOrEmpty(folder); folder = Path.GetDirectoryName(folder))
        {
            yield return folder;
            if (links > 0 && TargetOf(folder) is { } target)
            {
                foreach (var further in Way(Path.GetFullPath(target, Path.GetDirectoryName(folder) ?? "/"), links - 1))
                {
                    yield return further;
                }
            }
        }
    }

    private static string? TargetOf(string path)
    {
        try
        {
            return new FileInfo(path).LinkTarget;
        }
        catch (Exception closed) when (closed is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    // Below a folder that is closed to us there is nothing to see, nor anything of ours.
    private static FileStatus? Look(string path)
    {
        try
        {
            return FileStatus.Of(path);
        }
        catch (IOException)
        {
            return null;
        }
    }
}
