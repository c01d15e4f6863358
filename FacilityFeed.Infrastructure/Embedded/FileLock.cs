using FacilityFeed.Domain;

namespace FacilityFeed.Infrastructure.Embedded;

/// <summary>An advisory lock on a file (flock): the system lets go of it when the process dies, however it dies.</summary>
internal static class FileLock
{
    private const int WouldBlock = 11; // EWOULDBLOCK

    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(100);

    /// <summary>Takes the lock, shared or alone; null when somebody else's lock forbids it.</summary>
    public static FileStream? TryTake(string path, bool isShared)
    {
        try
        {
            // File.Open with FileShare.None locks exclusively, with FileShare.Read shared.
            return isShared
                ? new FileStream(path, FileMode.OpenOrCreate, FileAccess.Read, FileShare.Read)
                : new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (UnauthorizedAccessException refused)
        {
            throw new FeedRejectedException($"DATA_DIR (State:DataDirectory): {path} cannot be opened. It belongs to another user; run as that user or name another folder", refused);
        }
        catch (IOException locked) when ((locked.HResult & 0xFFFF) == WouldBlock)
        {
            return null;
        }
    }

    /// <summary>Waits for the lock, alone.</summary>
    /// <exception cref="FeedException">It did not come free in time.</exception>
    public static async Task<FileStream> TakeAloneAsync(string path, TimeSpan patience, CancellationToken cancellationToken)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (true)
        {
            if (TryTake(path, isShared: false) is { } taken)
            {
                return taken;
            }

            if (TimeProvider.System.GetElapsedTime(start) > patience)
            {
                throw new FeedException($"{path} is locked by another process for more than {patience.TotalSeconds:0} s: see what hangs there (fuser {path}) and stop it");
            }

            await Task.Delay(_pause, cancellationToken);
        }
    }
}
