using System.Security.Cryptography;

namespace FacilityFeed.Domain.Writing;

/// <summary>
/// Takes the bytes of one object and keeps their length and SHA-256: in memory up to a bound, then in a temporary file.
/// So the length is known before the upload, and an upload can be sent again.
/// </summary>
/// <param name="folder">Where the temporary file goes, when one is needed.</param>
/// <param name="memoryBytes">Most bytes kept in memory.</param>
public sealed class SpoolStream(string folder, int memoryBytes = SpoolStream.DefaultMemoryBytes) : Stream
{
    /// <summary>Most bytes of one object that are kept in memory: 4 MiB.</summary>
    public const int DefaultMemoryBytes = 4 * 1024 * 1024;

    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly MemoryStream _memory = new();
    private FileStream? _file;
    private long _length;

    /// <inheritdoc/>
    public override bool CanRead => false;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => true;

    /// <summary>Bytes written so far.</summary>
    public override long Length => _length;

    /// <inheritdoc/>
    public override long Position { get => _length; set => throw new NotSupportedException(); }

    /// <summary>Whether a temporary file is in use.</summary>
    public bool IsOnDisk => _file is not null;

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        if (_file is null && _length + buffer.Length > memoryBytes)
        {
            MoveToDisk();
        }

        WriteThrough(buffer);
        _hash.AppendData(buffer);
        _length += buffer.Length;
    }

    /// <inheritdoc/>
    public override void Flush() => _file?.Flush();

    /// <summary>The bytes written so far; valid until this spool is disposed.</summary>
    public ObjectContent ToContent()
    {
        Flush();
        return new ObjectContent(OpenRead, _length, Convert.ToHexStringLower(_hash.GetCurrentHash()));
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _hash.Dispose();
            _memory.Dispose();
            _file?.Dispose();
        }

        base.Dispose(disposing);
    }

    private void WriteThrough(ReadOnlySpan<byte> buffer)
    {
        try
        {
            (_file ?? (Stream)_memory).Write(buffer);
        }
        catch (IOException full)
        {
            throw SpoolFailure(full);
        }
    }

    private FeedException SpoolFailure(Exception failure) =>
        new($"The spool folder {folder} cannot take {Counted.Of(_length, "byte")} ({failure.Message}). Free space there, or name another DATA_DIR (State:DataDirectory)", failure);

    private void MoveToDisk()
    {
        try
        {
            OpenFile();
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw SpoolFailure(refused);
        }
    }

    private void OpenFile()
    {
        // For this user alone, both: what is in it is published only later, or never.
        Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        // Shared for reading (OpenRead) and deleted on close; a killed process's file is removed at the next start.
        _file = new FileStream(Path.Combine(folder, $"{Guid.NewGuid():N}.spool"), new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            Share = FileShare.ReadWrite | FileShare.Delete,
            Options = FileOptions.DeleteOnClose,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        });
        _memory.Position = 0;
        _memory.CopyTo(_file);
        _memory.SetLength(0);
        _memory.Capacity = 0;
    }

    private Stream OpenRead() => _file is null
        ? new MemoryStream(_memory.GetBuffer(), 0, (int)_length, writable: false)
        : new WatchedStream(new FileStream(_file.Name, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));
}
