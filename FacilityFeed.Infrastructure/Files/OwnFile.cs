using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Text;
using FacilityFeed.Domain;
using Microsoft.Win32.SafeHandles;

namespace FacilityFeed.Infrastructure.Files;

/// <summary>Files of this user alone (0600), whatever the umask is, which are never written through a link.</summary>
internal static partial class OwnFile
{
    /// <summary>For a feed: readable by all, writable by one: 0644. The umask may take from it.</summary>
    public const UnixFileMode Readable = Private | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const int ReadWrite = 2; // O_RDWR
    private const int MissingUser = 13; // EACCES

    // O_CREAT, O_CLOEXEC (no child inherits a lock), O_NONBLOCK (a pipe in its place keeps nobody waiting) and O_NOFOLLOW.
    private static readonly int _guarded = OperatingSystem.IsLinux()
        ? 0x40 | 0x80000 | 0x800 | (RuntimeInformation.ProcessArchitecture is Architecture.Arm or Architecture.Arm64 or Architecture.Armv6 or Architecture.Ppc64le ? 0x8000 : 0x20000)
        : 0x200 | 0x1000000 | 0x4 | 0x100;

    /// <summary>Writes a new file under another name and renames it: whole or not at all, and a link or another's file with that name is replaced.</summary>
    /// <exception cref="FeedRejectedException">It cannot be written.</exception>
    public static void Replace(string path, string text)
    {
        var unfinished = $"{path}.new";
        try
        {
            File.Delete(unfinished);
            using (var file = new FileStream(unfinished, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = Private }))
            {
                file.Write(Encoding.UTF8.GetBytes(text));
                file.Flush(flushToDisk: true);
            }

            File.Move(unfinished, path, overwrite: true);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw new FeedRejectedException($"DATA_DIR (State:DataDirectory): {path} cannot be written ({refused.Message}). Give the service's user write access and the disk free space, or name another folder", refused);
        }
    }

    /// <summary>Opens a file that others shall neither read nor lock; makes it when it is not there.</summary>
    /// <exception cref="FeedRejectedException">It is a link, another user's, or nothing that a lock can be put on.</exception>
    public static SafeFileHandle OpenToLock(string path)
    {
        var descriptor = Open(path, ReadWrite | _guarded, (uint)Private);
        if (descriptor < 0)
        {
            var error = Marshal.GetLastPInvokeError();
            throw Refused(path, error == MissingUser ? "belongs to another user" : FileStatus.Of(path)?.Kind == FileKind.Link ? "is a link" : new Win32Exception(error).Message);
        }

        var handle = new SafeFileHandle(descriptor, ownsHandle: true);
        try
        {
            var status = FileStatus.Of(handle);
            if (status is not { Kind: FileKind.File, Links: 1, IsOurs: true })
            {
                throw Refused(path, status.IsOurs ? "is no plain file, or has a second name" : "belongs to another user");
            }

            // An older version left it readable, and who may read it may lock it.
            if (status.Mode != Private)
            {
                File.SetUnixFileMode(handle, Private);
            }

            return handle;
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    private static FeedRejectedException Refused(string path, string why) => new(
        $"DATA_DIR (State:DataDirectory): {path} cannot be used for a lock ({why}). Run as the user who owns the folder; remove the file when no program of ours runs (fuser {path}); or name another folder");

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags, uint mode);
}
