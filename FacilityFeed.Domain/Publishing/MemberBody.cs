namespace FacilityFeed.Domain.Publishing;

/// <summary>
/// The compressed part of a gzip member, from the stream's position up to <paramref name="end"/>. Its last byte comes alone: whoever has
/// found an end of his own before it never asks for it, and that shows.
/// </summary>
/// <param name="stored">What is read; stays open.</param>
/// <param name="end">Where the part ends.</param>
/// <param name="step">Most bytes given at once.</param>
internal sealed class MemberBody(Stream stored, long end, int step = int.MaxValue) : Stream
{
    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => stored.Position; set => throw new NotSupportedException(); }

    /// <summary>Whether every byte was asked for.</summary>
    public bool IsConsumed => stored.Position >= end;

    /// <summary>Whether more was asked for than there is.</summary>
    public bool IsExceeded { get; private set; }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer) => stored.Read(buffer[..Most(buffer.Length)]);

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => stored.ReadAsync(buffer[..Most(buffer.Length)], cancellationToken);

    public override void Flush()
    {
        // Nothing is ever written.
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    private int Most(int wanted)
    {
        var left = Math.Max(0, end - stored.Position);
        IsExceeded |= left == 0 && wanted > 0;
        return (int)Math.Min(Math.Min(wanted, step), left > 1 ? left - 1 : left);
    }
}
