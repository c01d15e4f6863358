using System.Buffers.Binary;
using FacilityFeed.Domain.Reading;

namespace FacilityFeed.Infrastructure.Reading;

/// <summary>
/// Reads the tuples of PostgreSQL's binary COPY format (https://www.postgresql.org/docs/current/sql-copy.html, File Formats)
/// out of one buffer that grows only to the largest tuple. Values are valid until the next tuple is read.
/// </summary>
internal sealed class BinaryCopyReader(Stream copy) : IColumnValues
{
    private const int SignatureBytes = 11;
    private const int FirstBufferBytes = 64 * 1024;

    private readonly (int Start, int Length)[] _fields = new (int, int)[FacilityColumns.All.Count];
    private byte[] _buffer = new byte[FirstBufferBytes];
    private int _start;
    private int _end;
    private int _at;

    public async ValueTask ReadHeaderAsync(CancellationToken cancellationToken)
    {
        await NeedAsync(SignatureBytes + 8, cancellationToken);
        _at += SignatureBytes + 4;
        var extensionBytes = TakeInt32();
        await NeedAsync(extensionBytes, cancellationToken);
        _at += extensionBytes;
    }

    /// <returns>False at the end of the data.</returns>
    public async ValueTask<bool> ReadTupleAsync(CancellationToken cancellationToken)
    {
        _start = _at;
        await NeedAsync(2, cancellationToken);
        var fields = BinaryPrimitives.ReadInt16BigEndian(_buffer.AsSpan(_at));
        _at += 2;
        if (fields < 0)
        {
            // The server ends the stream after the trailer; reading up to there leaves the connection ready for the next command.
            while (await copy.ReadAsync(_buffer, cancellationToken) > 0)
            {
            }

            return false;
        }

        for (var field = 0; field < fields; field++)
        {
            await NeedAsync(4, cancellationToken);
            var length = TakeInt32();
            await NeedAsync(Math.Max(length, 0), cancellationToken);
            // Kept from the tuple's start, for the buffer may move while the rest of the tuple arrives.
            _fields[field] = (_at - _start, length);
            _at += Math.Max(length, 0);
        }

        return true;
    }

    public ReadOnlyMemory<byte> Bytes(int column) => IsNull(column) ? default : _buffer.AsMemory(_start + _fields[column].Start, _fields[column].Length);

    public long Int64(int column) => BinaryPrimitives.ReadInt64BigEndian(Bytes(column).Span);

    public double? Double(int column) => IsNull(column) ? null : BinaryPrimitives.ReadDoubleBigEndian(Bytes(column).Span);

    private bool IsNull(int column) => _fields[column].Length < 0;

    private int TakeInt32()
    {
        var value = BinaryPrimitives.ReadInt32BigEndian(_buffer.AsSpan(_at));
        _at += 4;
        return value;
    }

    private ValueTask NeedAsync(int bytes, CancellationToken cancellationToken) => _end - _at >= bytes ? ValueTask.CompletedTask : FillAsync(bytes, cancellationToken);

    private async ValueTask FillAsync(int bytes, CancellationToken cancellationToken)
    {
        MakeRoom(bytes);
        while (_end - _at < bytes)
        {
            var read = await copy.ReadAsync(_buffer.AsMemory(_end), cancellationToken);
            if (read == 0)
            {
                throw new EndOfStreamException("the COPY data ended in the middle of a row");
            }

            _end += read;
        }
    }

    /// <summary>Moves the tuple to the buffer's start, and grows the buffer when it still does not fit.</summary>
    private void MakeRoom(int bytes)
    {
        var kept = _end - _start;
        var needed = _at - _start + bytes;
        var target = needed > _buffer.Length ? new byte[Math.Max(needed, _buffer.Length * 2)] : _buffer;
        Buffer.BlockCopy(_buffer, _start, target, 0, kept);
        _buffer = target;
        _at -= _start;
        _end = kept;
        _start = 0;
    }
}
