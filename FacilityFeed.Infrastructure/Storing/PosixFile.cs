using System.ComponentModel;
using System.Runtime.InteropServices;

namespace FacilityFeed.Infrastructure.Storing;

/// <summary>The two file operations that .NET lacks: a rename that never replaces, and a sync of a directory.</summary>
internal static partial class PosixFile
{
    private const int CurrentFolder = -100; // AT_FDCWD
    private const uint NoReplace = 1; // RENAME_NOREPLACE
    private const int Exists = 17; // EEXIST
    private const int NotThere = 38; // ENOSYS
    private const int ReadOnly = 0; // O_RDONLY

    /// <summary>Gives <paramref name="from"/> the name <paramref name="to"/>, atomically.</summary>
    /// <returns>False when the name is taken already; then nothing has changed.</returns>
    /// <exception cref="IOException">The system refused.</exception>
    public static bool TryRenameNew(string from, string to)
    {
        // Exclusive in the kernel; File.Move without overwrite looks first and renames then.
        switch (RenameNoReplace(from, to))
        {
            case 0:
                return true;
            case Exists:
                return false;
        }

        // File systems without that flag (NFS, for one) have hard links, which are exclusive too.
        if (Link(from, to) != 0)
        {
            return Marshal.GetLastPInvokeError() == Exists ? false : throw Failure($"{from} cannot be renamed to {to}");
        }

        File.Delete(from);
        return true;
    }

    private static int RenameNoReplace(string from, string to)
    {
        try
        {
            return RenameAt2(CurrentFolder, from, CurrentFolder, to, NoReplace) == 0 ? 0 : Marshal.GetLastPInvokeError();
        }
        catch (EntryPointNotFoundException)
        {
            // A C library without that call.
            return NotThere;
        }
    }

    /// <summary>Makes the names in a folder survive a power cut.</summary>
    /// <exception cref="IOException">The system refused.</exception>
    public static void SyncFolder(string folder)
    {
        var descriptor = Open(folder, ReadOnly);
        if (descriptor < 0)
        {
            throw Failure($"{folder} cannot be opened");
        }

        var result = Fsync(descriptor);
        var failure = result == 0 ? null : Failure($"{folder} cannot be synced");
        _ = Close(descriptor);
        if (failure is not null)
        {
            throw failure;
        }
    }

    private static IOException Failure(string what)
    {
        var error = Marshal.GetLastPInvokeError();
        return new IOException($"{what}: {new Win32Exception(error).Message}", error);
    }

    [LibraryImport("libc", EntryPoint = "renameat2", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int RenameAt2(int fromFolder, string from, int toFolder, string to, uint flags);

    [LibraryImport("libc", EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Link(string from, string to);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Fsync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int Close(int descriptor);
}
