using System.ComponentModel;
using System.Runtime.InteropServices;
using FacilityFeed.Domain;
using FacilityFeed.Infrastructure.Files;
using Microsoft.Win32.SafeHandles;

namespace FacilityFeed.Infrastructure.Embedded;

/// <summary>An advisory lock on a file (flock): the system lets go of it when the process dies, however it dies.</summary>
internal static partial class FileLock
{
    private const int Shared = 1; // LOCK_SH
    private const int Alone = 2; // LOCK_EX
    private const int WithoutWaiting = 4; // LOCK_NB
    private const int Interrupted = 4; // EINTR

    // More often than that no file of ours is replaced.
    private const int MostAttempts = 20;

    private static readonly int _wouldBlock = OperatingSystem.IsLinux() ? 11 : 35; // EWOULDBLOCK

    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(100);

    /// <summary>Takes the lock, shared or alone; null when the lock of another process of ours forbids it. Held until it is disposed.</summary>
    public static SafeFileHandle? TryTake(string path, bool isShared)
    {
        for (var attempt = 1; ; attempt++)
        {
            var file = OwnFile.OpenToLock(path);
            var inode = FileStatus.Of(file).Inode;
            var isTaken = TryLock(file, path, (isShared ? Shared : Alone) | WithoutWaiting);
            // The lock of a file that is no longer there keeps nobody out. (Some file systems of users' own never tell a file's number twice alike.)
            if (isTaken && (attempt >= MostAttempts || FileStatus.Of(path)?.Inode == inode))
            {
                return file;
            }

            file.Dispose();
            if (!isTaken && (attempt >= MostAttempts || !StrangersLock.TryShakeOff(path, inode)))
            {
                return null;
            }
        }
    }

    /// <summary>Takes the lock alone, and waits as long as it takes: for what is held for a moment, of a file that only we ever could open.</summary>
    public static SafeFileHandle Take(string path)
    {
        var file = OwnFile.OpenToLock(path);
        _ = TryLock(file, path, Alone);
        return file;
    }

    /// <summary>Waits for the lock, alone.</summary>
    /// <exception cref="FeedException">It did not come free in time.</exception>
    public static async Task<SafeFileHandle> TakeAloneAsync(string path, TimeSpan patience, CancellationToken cancellationToken)
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
                throw new FeedException($"{path} is locked for more than {patience.TotalSeconds:0} s by {LockHolders.Describe(path)}. See what hangs there, and stop it");
            }

            await Task.Delay(_pause, cancellationToken);
        }
    }

    /// <returns>False when somebody else's lock forbids it. The file is closed when that cannot be told.</returns>
    private static bool TryLock(SafeFileHandle file, string path, int operation)
    {
        while (Flock((int)file.DangerousGetHandle(), operation) != 0)
        {
            var error = Marshal.GetLastPInvokeError();
            if (error == _wouldBlock)
            {
                return false;
            }

            if (error != Interrupted)
            {
                file.Dispose();
                throw new FeedException($"{path} cannot be locked ({new Win32Exception(error).Message}): its file system must know flock. Name another DATA_DIR (State:DataDirectory)");
            }
        }

        return true;
    }

    [LibraryImport("libc", EntryPoint = "flock", SetLastError = true)]
    private static partial int Flock(int descriptor, int operation);
}
