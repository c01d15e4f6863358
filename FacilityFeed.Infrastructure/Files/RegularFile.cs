using System.ComponentModel;
using System.Runtime.InteropServices;
using FacilityFeed.Domain.Storing;
using Microsoft.Win32.SafeHandles;

namespace FacilityFeed.Infrastructure.Files;

/// <summary>
/// Opens files for reading that somebody else may have put there: only regular ones, and without waiting. A pipe would hold the opening for ever, a
/// device has no end, and both can have any name.
/// </summary>
internal static partial class RegularFile
{
    private const int Flags = 0x0800 | 0x0100 | 0x80000; // O_RDONLY, O_NONBLOCK, O_NOCTTY, O_CLOEXEC of Linux
    private const int EmptyPath = 0x1000; // AT_EMPTY_PATH: the descriptor itself
    private const uint OnlyType = 1; // STATX_TYPE
    private const int ModeOffset = 28; // stx_mode in struct statx, man 2 statx
    private const int TypeMask = 0xF000; // S_IFMT
    private const int Regular = 0x8000; // S_IFREG

    /// <returns>Null when there is no such file.</returns>
    /// <exception cref="UnauthorizedAccessException">No right to read it.</exception>
    /// <exception cref="IOException">It is a folder, pipe, socket or device, or the system refused.</exception>
    public static FileStream? TryOpen(string path)
    {
        if (!OperatingSystem.IsLinux())
        {
            return File.Exists(path) ? new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete) : null;
        }

        var descriptor = Open(path, Flags);
        if (descriptor < 0)
        {
            return Marshal.GetLastPInvokeError() switch
            {
                2 => null, // ENOENT
                13 or 1 => throw new UnauthorizedAccessException("no permission"),
                6 or 40 => throw NoFile(), // ENXIO: a socket; ELOOP
                var error => throw new IOException(new Win32Exception(error).Message, error),
            };
        }

        var handle = new SafeFileHandle(descriptor, ownsHandle: true);
        if (IsRegular(descriptor))
        {
            return new FileStream(handle, FileAccess.Read);
        }

        handle.Dispose();
        throw NoFile();
    }

    /// <summary>All of a file that is small by its nature.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="FormatException">It has more than <paramref name="most"/> bytes.</exception>
    /// <inheritdoc cref="TryOpen"/>
    public static byte[] ReadAll(string path, int most)
    {
        using var file = TryOpen(path) ?? throw new FileNotFoundException("there is no such file");
        return SmallContent.Read(file, most);
    }

    private static bool IsRegular(int descriptor)
    {
        Span<byte> status = stackalloc byte[256];
        return StatX(descriptor, "", EmptyPath, OnlyType, ref MemoryMarshal.GetReference(status)) == 0
            ? (BitConverter.ToUInt16(status[ModeOffset..]) & TypeMask) == Regular
            : throw new IOException(new Win32Exception(Marshal.GetLastPInvokeError()).Message);
    }

    // As ENOTDIR: nothing that comes right by itself.
    private static IOException NoFile() => new("it is a folder, pipe, socket or device, and no file", 20);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int StatX(int folder, string path, int flags, uint mask, ref byte status);
}
