using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace FacilityFeed.Infrastructure.Files;

internal enum FileKind
{
    Other,
    File,
    Folder,
    Link,
}

/// <summary>What a name stands for, and whose it is, which .NET does not tell. A link is not followed.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Mode">The permission bits.</param>
/// <param name="Owner">User id. Outside Linux this process's own: there a change of the mode fails when it is another's.</param>
/// <param name="Group">Group id; outside Linux this process's own.</param>
/// <param name="Links">How many names it has.</param>
/// <param name="Inode">Its number in its file system; outside Linux 0.</param>
internal sealed partial record FileStatus(FileKind Kind, UnixFileMode Mode, uint Owner, uint Group, uint Links, ulong Inode)
{
    // statx(2): the same numbers and the same structure on every architecture.
    private const int CurrentFolder = -100; // AT_FDCWD
    private const int NoFollow = 0x100; // AT_SYMLINK_NOFOLLOW
    private const int OfTheHandle = 0x1000; // AT_EMPTY_PATH
    private const uint BasicMask = 0x7FF; // STATX_BASIC_STATS
    private const int StructureBytes = 256;
    private const int NotThere = 2; // ENOENT
    private const int NotInAFolder = 20; // ENOTDIR

    public bool IsOurs => Owner == PosixUser.Id;

    public bool IsFolder => Kind == FileKind.Folder;

    /// <summary>Null when nothing has that name.</summary>
    /// <exception cref="IOException">The system does not say.</exception>
    public static FileStatus? Of(string path)
    {
        if (!OperatingSystem.IsLinux())
        {
            return OfPortable(path);
        }

        Span<byte> buffer = stackalloc byte[StructureBytes];
        if (Statx(CurrentFolder, path, NoFollow, BasicMask, ref MemoryMarshal.GetReference(buffer)) == 0)
        {
            return Read(buffer);
        }

        return Marshal.GetLastPInvokeError() is NotThere or NotInAFolder ? null : throw Failure(path);
    }

    /// <exception cref="IOException">The system does not say.</exception>
    public static FileStatus Of(SafeFileHandle handle)
    {
        if (!OperatingSystem.IsLinux())
        {
            return new FileStatus(FileKind.File, File.GetUnixFileMode(handle), PosixUser.Id, PosixUser.Group, Links: 1, Inode: 0);
        }

        Span<byte> buffer = stackalloc byte[StructureBytes];
        return Statx((int)handle.DangerousGetHandle(), "", OfTheHandle, BasicMask, ref MemoryMarshal.GetReference(buffer)) == 0 ? Read(buffer) : throw Failure("an open file");
    }

    private static FileStatus Read(ReadOnlySpan<byte> buffer)
    {
        var mode = MemoryMarshal.Read<ushort>(buffer[28..]);
        return new FileStatus(
            (mode & 0xF000) switch { 0x8000 => FileKind.File, 0x4000 => FileKind.Folder, 0xA000 => FileKind.Link, _ => FileKind.Other },
            (UnixFileMode)(mode & 0xFFF),
            Owner: MemoryMarshal.Read<uint>(buffer[20..]),
            Group: MemoryMarshal.Read<uint>(buffer[24..]),
            Links: MemoryMarshal.Read<uint>(buffer[16..]),
            Inode: MemoryMarshal.Read<ulong>(buffer[32..]));
    }

    private static FileStatus? OfPortable(string path)
    {
        var isLink = new FileInfo(path).LinkTarget is not null;
        if (!isLink && !Path.Exists(path))
        {
            return null;
        }

        var kind = isLink ? FileKind.Link : Directory.Exists(path) ? FileKind.Folder : FileKind.File;
        return new FileStatus(kind, isLink ? UnixFileMode.None : File.GetUnixFileMode(path), PosixUser.Id, PosixUser.Group, Links: 1, Inode: 0);
    }

    private static IOException Failure(string what)
    {
        var error = Marshal.GetLastPInvokeError();
        return new IOException($"{what} cannot be looked at: {new Win32Exception(error).Message}", error);
    }

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statx(int folder, string path, int flags, uint mask, ref byte buffer);
}
