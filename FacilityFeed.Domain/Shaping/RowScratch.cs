namespace FacilityFeed.Domain.Shaping;

/// <summary>Where the changed values of one row lie until the next one.</summary>
internal sealed class RowScratch
{
    // A row with a giant value must not keep its buffer for the rest of the chunk.
    private const int Usual = 16 * 1024;

    private byte[] _bytes = new byte[Usual];
    private int _used;

    /// <summary>The next row begins: what was taken for the last one may be overwritten.</summary>
    public void Reset()
    {
        _used = 0;
        if (_bytes.Length > Usual)
        {
            _bytes = new byte[Usual];
        }
    }

    /// <summary>Room for <paramref name="length"/> bytes. Room taken before stays as it is.</summary>
    public Memory<byte> Take(int length)
    {
        if (length > _bytes.Length - _used)
        {
            _bytes = new byte[Math.Max(length, Usual)];
            _used = 0;
        }

        var room = _bytes.AsMemory(_used, length);
        _used += length;
        return room;
    }

    /// <summary>A copy of <paramref name="bytes"/>.</summary>
    public ReadOnlyMemory<byte> Keep(ReadOnlySpan<byte> bytes)
    {
        var room = Take(bytes.Length);
        bytes.CopyTo(room.Span);
        return room;
    }
}
