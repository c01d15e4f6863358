using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;

namespace FacilityFeed.Domain.Publishing;

/// <summary>
/// Unpacks an object that must be one gzip member from its first byte to its last (RFC 1952). <see cref="GZipStream"/> reads on into
/// further members, passes over what follows them, and over an end that is cut off; a partner's reader may do neither.
/// </summary>
/// <param name="stored">The object, seekable; disposed with this.</param>
internal sealed class GzipMember(Stream stored) : Stream
{
    private const int TrailerBytes = 8;
    private const int BufferBytes = 64 * 1024;
    private const int LongestText = 64 * 1024;
    private const int FlagHeaderChecksum = 2;
    private const int FlagExtra = 4;
    private const int FlagName = 8;
    private const int FlagComment = 16;

    private readonly Crc32 _checksum = new();
    private MemberBody? _body;
    private DeflateStream? _inflate;
    private long _bodyStart;
    private uint _unpackedBytes;
    private bool _isProven;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <exception cref="FeedFormatException">It is anything else than one whole gzip member; at the end of the data at the latest.</exception>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_isProven || buffer.IsEmpty)
        {
            return 0;
        }

        var read = await InflateAsync(buffer, cancellationToken);
        _checksum.Append(buffer.Span[..read]);
        _unpackedBytes += (uint)read;
        if (read == 0)
        {
            await ProveEndAsync(cancellationToken);
            _isProven = true;
        }

        return read;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
        // Nothing is ever written.
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _inflate?.Dispose();
            stored.Dispose();
        }

        base.Dispose(disposing);
    }

    private async Task<int> InflateAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        try
        {
            if (_inflate is null)
            {
                await SkipHeaderAsync(cancellationToken);
                _bodyStart = stored.Position;
                _body = new MemberBody(stored, stored.Length - TrailerBytes);
                _inflate = new DeflateStream(_body, CompressionMode.Decompress);
            }

            return await _inflate.ReadAsync(buffer, cancellationToken);
        }
        catch (InvalidDataException) when (_body!.IsExceeded)
        {
            // Said precisely by whoever looks at the end.
            return 0;
        }
        catch (InvalidDataException broken)
        {
            throw new FeedFormatException("gzip_broken", $"its compressed data is damaged ({broken.Message})", broken);
        }
    }

    private async Task SkipHeaderAsync(CancellationToken cancellationToken)
    {
        var header = await TakeAsync(10, cancellationToken);
        if (header is not [0x1F, 0x8B, 8, < 32, ..])
        {
            throw new FeedFormatException("gzip_missing", "it is not gzip, though its name ends in .gz");
        }

        var flags = header[3];
        if ((flags & FlagExtra) != 0)
        {
            await TakeAsync(BinaryPrimitives.ReadUInt16LittleEndian(await TakeAsync(2, cancellationToken)), cancellationToken);
        }

        foreach (var text in new[] { FlagName, FlagComment }.Where(text => (flags & text) != 0))
        {
            var length = 0;
            while ((await TakeAsync(1, cancellationToken))[0] != 0)
            {
                // Up to the zero that ends it.
                if (++length > LongestText)
                {
                    throw new FeedFormatException("gzip_header_too_long", $"a name or comment in its gzip header is longer than {LongestText / 1024} KiB");
                }
            }
        }

        await TakeAsync((flags & FlagHeaderChecksum) != 0 ? 2 : 0, cancellationToken);
    }

    private async Task ProveEndAsync(CancellationToken cancellationToken)
    {
        if (!_body!.IsConsumed || _body.IsExceeded)
        {
            await ExplainEndAsync(cancellationToken);
        }

        stored.Position = stored.Length - TrailerBytes;
        var trailer = await TakeAsync(TrailerBytes, cancellationToken);
        if (BinaryPrimitives.ReadUInt32LittleEndian(trailer) != _checksum.GetCurrentHashAsUInt32() || BinaryPrimitives.ReadUInt32LittleEndian(trailer.AsSpan(4)) != _unpackedBytes)
        {
            throw new FeedFormatException("gzip_checksum_differs", "its gzip checksum or length is not that of its content: it was changed");
        }
    }

    /// <summary>Unpacks it once more, byte by byte, which shows where the member really ends; comes back only when that is where it should.</summary>
    private async Task ExplainEndAsync(CancellationToken cancellationToken)
    {
        stored.Position = _bodyStart;
        var body = new MemberBody(stored, stored.Length, step: 1);
        try
        {
            await using var inflate = new DeflateStream(body, CompressionMode.Decompress);
            var unpacked = new byte[BufferBytes];
            while (await inflate.ReadAsync(unpacked, cancellationToken) > 0)
            {
                // Only the position at the end matters; CopyToAsync would go on past it.
            }
        }
        catch (InvalidDataException broken) when (!body.IsExceeded)
        {
            throw new FeedFormatException("gzip_broken", $"its compressed data is damaged ({broken.Message})", broken);
        }
        catch (InvalidDataException)
        {
            throw CutOff();
        }

        var surplus = stored.Length - stored.Position - TrailerBytes;
        if (body.IsExceeded || surplus < 0)
        {
            throw CutOff();
        }

        if (surplus == 0)
        {
            return;
        }

        stored.Position += TrailerBytes;
        var next = await TakeAsync((int)Math.Min(2, surplus), cancellationToken);
        throw next is [0x1F, 0x8B]
            ? new FeedFormatException("gzip_second_member", "it has a second gzip member: a shard must be one")
            : new FeedFormatException("gzip_trailing_bytes", $"{Counted.Of(surplus, "byte follows", "bytes follow")} the end of its gzip member");
    }

    private async Task<byte[]> TakeAsync(int count, CancellationToken cancellationToken)
    {
        var bytes = new byte[count];
        return await stored.ReadAtLeastAsync(bytes, count, throwOnEndOfStream: false, cancellationToken) == count ? bytes : throw CutOff();
    }

    private static FeedFormatException CutOff() => new("gzip_cut_off", "its end is cut off");
}
