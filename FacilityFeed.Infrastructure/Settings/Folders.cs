using FacilityFeed.Domain;
using FacilityFeed.Infrastructure.Files;

namespace FacilityFeed.Infrastructure.Settings;

/// <summary>The folders of this installation's own files.</summary>
public static class Folders
{
    /// <summary>
    /// Makes DATA_DIR, and takes from others what they may write of it and of the feeds in it: older versions left that to the umask. For before the
    /// embedded database is opened.
    /// </summary>
    /// <returns>What was taken, a line for each folder.</returns>
    /// <exception cref="FeedRejectedException">One cannot be made, or is not ours.</exception>
    public static IReadOnlyList<string> Close(ServiceSettings settings)
    {
        var state = settings.State;
        string?[] taken =
        [
            OwnFolder.EnsureReadable(state.DataDirectory),
            // Where feeds lie unless LOCAL_STORAGE_PATH says otherwise: the outer ones first, for whoever may write there may change what is inside.
            .. settings.PrefixesIn(state.FeedDirectory).SelectMany(Above).Prepend("").Distinct().Order(StringComparer.Ordinal).Select(prefix => Path.Combine(state.FeedDirectory, prefix))
                .Where(folder => FileStatus.Of(folder) is not null).Select(OwnFolder.EnsureShared),
        ];
        return [.. taken.OfType<string>()];
    }

    /// <returns>Of <c>a/b/</c>: <c>a</c> and <c>a/b</c>.</returns>
    private static IEnumerable<string> Above(string prefix)
    {
        var parts = prefix.Split('/', StringSplitOptions.RemoveEmptyEntries);
        return parts.Select((_, last) => string.Join('/', parts[..(last + 1)]));
    }

    /// <summary>Makes those of this user alone and writes to them once, so that a folder without rights is known at start and not at the first large shard.</summary>
    /// <exception cref="FeedRejectedException">One cannot be written to, or is not ours.</exception>
    public static void Prepare(StateOptions state)
    {
        foreach (var folder in new[] { state.SpoolDirectory, state.KeyDirectory })
        {
            try
            {
                OwnFolder.EnsurePrivate(folder);
                var probe = Path.Combine(folder, $".{Guid.NewGuid():N}");
                new FileStream(probe, FileMode.CreateNew).Dispose();
                File.Delete(probe);
            }
            catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
            {
                throw new FeedRejectedException($"DATA_DIR (State:DataDirectory) is '{state.DataDirectory}': {folder} cannot be written to ({refused.Message}). Give the service's user write access, or name another folder", refused);
            }
        }
    }
}
