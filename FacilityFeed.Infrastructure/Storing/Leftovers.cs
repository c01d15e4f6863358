namespace FacilityFeed.Infrastructure.Storing;

/// <summary>Removes temporary files of processes that died. A living process holds a lock (flock) on each of its own.</summary>
public static class Leftovers
{
    /// <summary>How a temporary file of a store is called: hidden, beside the name it will get.</summary>
    internal static string TemporaryName(string name) => $".{name}.{Guid.NewGuid():N}.tmp";

    /// <summary>Removes the temporary files that <paramref name="pattern"/> matches, below <paramref name="folder"/> too.</summary>
    /// <returns>How many were removed.</returns>
    public static int Remove(string folder, string pattern)
    {
        if (!Directory.Exists(folder))
        {
            return 0;
        }

        // Links are not followed: they may lead to files that are not ours.
        var everywhere = new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint, IgnoreInaccessible = true };
        return Directory.EnumerateFiles(folder, pattern, everywhere).Count(TryRemove);
    }

    /// <summary>The pattern of a store's temporary files.</summary>
    public const string StorePattern = $".*.{AnyGuid}.tmp";

    /// <summary>The pattern of spool files.</summary>
    public const string SpoolPattern = $"{AnyGuid}.spool";

    // As long as a Guid in format N; a file that somebody else calls .notes.tmp is not ours to remove.
    private const string AnyGuid = "????????????????????????????????";

    private static bool TryRemove(string path)
    {
        try
        {
            // Opens only when nobody holds the file's lock.
            using var abandoned = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            File.Delete(path);
            return true;
        }
        catch (Exception inUse) when (inUse is IOException or UnauthorizedAccessException)
        {
            // Somebody writes it at this moment, or it belongs to another user: not ours to remove.
            return false;
        }
    }
}
