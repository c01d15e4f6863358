using System.IO.Compression;
using System.Text.Encodings.Web;
using System.Text.Json;
using FacilityFeed.Domain.Reading;

namespace FacilityFeed.Domain.Writing;

/// <summary>
/// Writes <c>{"data":[...]}</c> to a stream, compressed or plain. The same rows give the same bytes:
/// members in a fixed order, no gzip time stamp. Memory is one write buffer, whatever the number of rows.
/// </summary>
public sealed class ShardWriter : IDisposable
{
    private const int FlushAtBytes = 64 * 1024;

    private static readonly JsonWriterOptions _jsonOptions = new()
    {
        // The feed is a file, not part of a web page: text stays UTF-8 instead of \u escapes.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        SkipValidation = true,
    };

    private readonly FeedFormat _format;
    private readonly Stream _body;
    private readonly Utf8JsonWriter _json;
    private bool _isComplete;

    /// <summary>Begins a shard; <paramref name="target"/> stays open.</summary>
    public ShardWriter(Stream target, Compression compression, FeedFormat format)
    {
        _format = format;
        _body = compression == Compression.Gzip ? new GZipStream(target, CompressionLevel.Optimal, leaveOpen: true) : new KeepOpen(target);
        _json = new Utf8JsonWriter(_body, _jsonOptions);
        _json.WriteStartObject();
        _json.WriteStartArray("data"u8);
    }

    /// <summary>Records written so far.</summary>
    public long Records { get; private set; }

    /// <summary>Bytes of JSON written so far, before they are compressed.</summary>
    public long JsonBytes => _json.BytesCommitted + _json.BytesPending;

    /// <summary>Adds one record.</summary>
    public void Write(FacilityRow row)
    {
        _format.Write(_json, row);
        Records++;
        if (_json.BytesPending > FlushAtBytes)
        {
            _json.Flush();
        }
    }

    /// <summary>Writes the closing bytes. A shard that is not completed is not valid JSON, on purpose.</summary>
    public void Complete()
    {
        _json.WriteEndArray();
        _json.WriteEndObject();
        _json.Flush();
        _body.Dispose();
        _isComplete = true;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!_isComplete)
        {
            // Disposing the JSON writer would flush half a record; what it holds is dropped with it.
            _body.Dispose();
        }
    }

    /// <summary>Passes bytes through and leaves the target open, as the gzip stream does.</summary>
    private sealed class KeepOpen(Stream target) : Stream
    {
        public override bool CanRead => false;
        public override bool CanSeek => false;
        public override bool CanWrite => true;
        public override long Length => throw new NotSupportedException();
        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }
        public override void Flush() => target.Flush();
        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();
        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();
        public override void Write(byte[] buffer, int offset, int count) => target.Write(buffer, offset, count);
        public override void Write(ReadOnlySpan<byte> buffer) => target.Write(buffer);
    }
}
