using FacilityFeed.Domain;

namespace FacilityFeed.Infrastructure.Settings;

/// <summary>The folders of this installation's own files.</summary>
public static class Folders
{
    /// <summary>Makes them and writes to them once, so that a folder without rights is known at start and not at the first large shard.</summary>
    /// <exception cref="FeedRejectedException">One cannot be written to.</exception>
    public static void Prepare(StateOptions state)
    {
        foreach (var folder in new[] { state.SpoolDirectory, state.KeyDirectory })
        {
            try
            {
                Directory.CreateDirectory(folder);
                var probe = Path.Combine(folder, $".{Guid.NewGuid():N}");
                File.WriteAllBytes(probe, []);
                File.Delete(probe);
            }
            catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
            {
                throw new FeedRejectedException($"DATA_DIR (State:DataDirectory) is '{state.DataDirectory}': {folder} cannot be written to ({refused.Message}). Give the service's user write access, or name another folder", refused);
            }
        }
    }
}
