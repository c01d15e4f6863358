using System.Buffers.Binary;
using FacilityFeed.Domain.Reading;

namespace FacilityFeed.Infrastructure.Reading;

/// <summary>
/// Reads the tuples of PostgreSQL's binary COPY format (https://www.postgresql.org/docs/current/sql-copy.html, File Formats)
/// out of one buffer that grows only to the largest tuple, and only with bytes that came. Values are valid until the next tuple is read.
/// </summary>
/// <param name="read">Reads what there is of the COPY's bytes; 0 at their end.</param>
internal sealed class BinaryCopyReader(Func<Memory<byte>, ValueTask<int>> read) : IColumnValues
{
    private const int FirstBufferBytes = 64 * 1024;

    // The server itself makes no longer one.
    private const int MostTupleBytes = 1024 * 1024 * 1024;

    // None is used by any version.
    private const int MostExtensionBytes = 4 * 1024;

    private static readonly byte[] _signature = [.. "PGCOPY\n"u8, 0xff, .. "\r\n\0"u8];

    private readonly (int Start, int Length)[] _fields = new (int, int)[FacilityColumns.All.Count];
    private byte[] _buffer = new byte[FirstBufferBytes];
    private int _start;
    private int _end;
    private int _at;

    /// <exception cref="UnreadableAnswerException">It is no header of this format.</exception>
    public async ValueTask ReadHeaderAsync()
    {
        await NeedAsync(_signature.Length + 8);
        if (!_buffer.AsSpan(_at, _signature.Length).SequenceEqual(_signature))
        {
            throw new UnreadableAnswerException("the COPY data does not begin with PGCOPY");
        }

        _at += _signature.Length + 4;
        var extensionBytes = TakeInt32();
        if (extensionBytes is < 0 or > MostExtensionBytes)
        {
            throw new UnreadableAnswerException($"the COPY data has a header extension of {extensionBytes} bytes");
        }

        await NeedAsync(extensionBytes);
        _at += extensionBytes;
    }

    /// <returns>False at the end of the data.</returns>
    /// <exception cref="UnreadableAnswerException">What came is no tuple of as many fields as there are columns.</exception>
    public ValueTask<bool> ReadTupleAsync()
    {
        _start = _at;
        // Most tuples are in the buffer, and are read without a wait.
        return TryTakeTuple(out var missing) ? ValueTask.FromResult(true) : ReadArrivingTupleAsync(missing);
    }

    public ReadOnlyMemory<byte> Bytes(int column) => IsNull(column) ? default : _buffer.AsMemory(_start + _fields[column].Start, _fields[column].Length);

    public long Int64(int column) => BinaryPrimitives.ReadInt64BigEndian(Exactly(8, column));

    public double? Double(int column) => IsNull(column) ? null : BinaryPrimitives.ReadDoubleBigEndian(Exactly(8, column));

    private async ValueTask<bool> ReadArrivingTupleAsync(int missing)
    {
        while (missing > 0)
        {
            // Read again from its start, for the buffer may have moved.
            _at = _start;
            await FillAsync(_end - _at + missing);
            if (TryTakeTuple(out missing))
            {
                return true;
            }
        }

        // The server ends the stream after the trailer; reading up to there leaves the connection ready for the next command.
        return _at == _end && await read(_buffer) == 0 ? false : throw new UnreadableAnswerException("the COPY data goes on after its end");
    }

    // False with the bytes that have to come before more can be said, or with none at the trailer.
    private bool TryTakeTuple(out int missing)
    {
        if (IsMissing(2, out missing))
        {
            return false;
        }

        var fields = BinaryPrimitives.ReadInt16BigEndian(_buffer.AsSpan(_at));
        _at += 2;
        if (fields == -1)
        {
            return false;
        }

        if (fields != _fields.Length)
        {
            throw new UnreadableAnswerException($"a row has {fields} fields where {_fields.Length} were asked for");
        }

        for (var field = 0; field < fields; field++)
        {
            if (IsMissing(4, out missing))
            {
                return false;
            }

            var length = TakeInt32();
            if (length < -1 || length > MostTupleBytes - (_at - _start))
            {
                throw new UnreadableAnswerException($"a row has a field of {length} bytes");
            }

            if (IsMissing(Math.Max(length, 0), out missing))
            {
                return false;
            }

            _fields[field] = (_at - _start, length);
            _at += Math.Max(length, 0);
        }

        return true;
    }

    private bool IsMissing(int bytes, out int missing)
    {
        missing = Math.Max(bytes - (_end - _at), 0);
        return missing > 0;
    }

    private bool IsNull(int column) => _fields[column].Length < 0;

    private ReadOnlySpan<byte> Exactly(int bytes, int column) => _fields[column].Length == bytes
        ? Bytes(column).Span
        : throw new UnreadableAnswerException($"a number is {(IsNull(column) ? "NULL" : $"{_fields[column].Length} bytes long")} where {bytes} bytes were asked for");

    private int TakeInt32()
    {
        var value = BinaryPrimitives.ReadInt32BigEndian(_buffer.AsSpan(_at));
        _at += 4;
        return value;
    }

    private ValueTask NeedAsync(int bytes) => _end - _at >= bytes ? ValueTask.CompletedTask : FillAsync(bytes);

    private async ValueTask FillAsync(int bytes)
    {
        while (_end - _at < bytes)
        {
            if (_end == _buffer.Length)
            {
                MakeRoom();
            }

            var count = await read(_buffer.AsMemory(_end));
            if (count == 0)
            {
                throw new UnreadableAnswerException("the COPY data ended in the middle of a row");
            }

            _end += count;
        }
    }

    /// <summary>Moves the tuple to the buffer's start; when it fills the buffer, doubles that: what a length only claims is not made room for.</summary>
    private void MakeRoom()
    {
        var kept = _end - _start;
        var target = kept > _buffer.Length / 2 ? new byte[Math.Min(_buffer.Length * 2L, Array.MaxLength)] : _buffer;
        Buffer.BlockCopy(_buffer, _start, target, 0, kept);
        _buffer = target;
        _at -= _start;
        _end = kept;
        _start = 0;
    }
}
