using System.Text.Json;
using System.Text.Unicode;

namespace FacilityFeed.Domain.Publishing;

/// <summary>
/// Reads a shard back, record by record: <c>{"data":[{...}, ...]}</c> in UTF-8 and nothing else, in one gzip member or plain.
/// Memory is one buffer that grows to the largest record, whatever the shard's size.
/// </summary>
public sealed class ShardReader : IAsyncDisposable
{
    /// <summary>A record larger than this is refused: it is no facility, and memory has an end.</summary>
    public const int LargestRecordBytes = 8 * 1024 * 1024;

    private const int FirstBufferBytes = 64 * 1024;

    private readonly Stream _json;
    private byte[] _buffer = new byte[FirstBufferBytes];
    private JsonReaderState _state;
    private int _recordStart = -1;
    private int _parsed;
    private int _filled;
    private bool _isLast;
    private bool _isOver;
    private bool _hasData;
    private bool _isIdNext;

    /// <summary>Begins to read.</summary>
    /// <param name="stored">The shard as it is stored, from its start, seekable; disposed with this.</param>
    /// <param name="isGzip">Whether it is packed; <see cref="IsGzip"/> tells by its name.</param>
    public ShardReader(Stream stored, bool isGzip) => _json = isGzip ? new GzipMember(stored) : stored;

    /// <summary>Records read so far.</summary>
    public long Records { get; private set; }

    /// <summary>Bytes of JSON read so far, unpacked.</summary>
    public long JsonBytes { get; private set; }

    /// <summary>The record that was read last, as it is in the shard: UTF-8 from <c>{</c> to <c>}</c>. Only good until the next one is read.</summary>
    public ReadOnlyMemory<byte> Record { get; private set; }

    /// <summary>Its <c>entity_id</c>; null when it has none that is a string.</summary>
    public string? EntityId { get; private set; }

    /// <summary>Whether a shard of this name is packed.</summary>
    public static bool IsGzip(string name) => name.EndsWith(".gz", StringComparison.Ordinal);

    /// <summary>Reads the next record.</summary>
    /// <returns>False when there is none, and the shard was right to its last byte.</returns>
    /// <exception cref="FeedFormatException">The shard is not what it must be; <see cref="Records"/> tells how far it was.</exception>
    public async ValueTask<bool> ReadAsync(CancellationToken cancellationToken)
    {
        while (!_isOver)
        {
            if (TryParse())
            {
                return true;
            }

            if (_isLast)
            {
                _isOver = true;
                Record = default;
                return _hasData ? false : throw Shapeless("it has no member 'data'");
            }

            await FillAsync(cancellationToken);
        }

        return false;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _json.DisposeAsync();

    private async Task FillAsync(CancellationToken cancellationToken)
    {
        var keepFrom = _recordStart >= 0 ? _recordStart : _parsed;
        Buffer.BlockCopy(_buffer, keepFrom, _buffer, 0, _filled - keepFrom);
        _filled -= keepFrom;
        _parsed -= keepFrom;
        _recordStart = Math.Min(_recordStart, 0);
        if (_filled == _buffer.Length)
        {
            Array.Resize(ref _buffer, _buffer.Length < LargestRecordBytes ? _buffer.Length * 2
                : throw new FeedFormatException("record_too_large", $"a record is larger than {Counted.Of(LargestRecordBytes, "byte")}"));
        }

        var read = await _json.ReadAsync(_buffer.AsMemory(_filled), cancellationToken);
        if (JsonBytes == 0 && read > 0 && _buffer[0] == 0xEF)
        {
            throw new FeedFormatException("byte_order_mark", "it begins with a byte order mark");
        }

        JsonBytes += read;
        _filled += read;
        _isLast = read == 0;
    }

    /// <returns>Whether a whole record was found.</returns>
    private bool TryParse()
    {
        var reader = new Utf8JsonReader(_buffer.AsSpan(_parsed, _filled - _parsed), _isLast, _state);
        var isRecord = false;
        try
        {
            while (!isRecord && reader.Read())
            {
                isRecord = Take(ref reader);
            }
        }
        catch (JsonException broken)
        {
            // The library quotes the text that it stumbled over.
            throw new FeedFormatException("json_broken", $"it is not JSON ({ShownValue.Of(broken.Message)})", broken);
        }

        _state = reader.CurrentState;
        _parsed += (int)reader.BytesConsumed;
        return isRecord && TakeRecord();
    }

    private bool TakeRecord()
    {
        Record = _buffer.AsMemory(_recordStart, _parsed - _recordStart);
        _recordStart = -1;
        Records++;
        return true;
    }

    // Depth 0: the wrapper, 1: its member data, 2: a record, 3: a record's members.
    private bool Take(ref Utf8JsonReader reader)
    {
        if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName)
        {
            CheckText(ref reader);
        }

        switch (reader.TokenType, reader.CurrentDepth)
        {
            case (JsonTokenType.PropertyName, 1):
                _hasData = !_hasData && reader.ValueTextEquals("data"u8) ? true : throw Shapeless("its only member must be 'data'");
                break;
            case (JsonTokenType.StartObject, 2):
                _recordStart = _parsed + (int)reader.TokenStartIndex;
                EntityId = null;
                break;
            case (JsonTokenType.PropertyName, 3):
                _isIdNext = reader.ValueTextEquals("entity_id"u8);
                break;
            case (JsonTokenType.String, 3) when _isIdNext:
                EntityId = reader.GetString();
                break;
            case (JsonTokenType.EndObject, 2):
                return true;
            case (not JsonTokenType.StartObject and not JsonTokenType.EndObject, 0):
            case (not JsonTokenType.StartArray and not JsonTokenType.EndArray, 1):
            case (not JsonTokenType.StartObject, 2):
                throw Shapeless("it is not an object with an array 'data' of objects");
        }

        return false;
    }

    /// <summary>The JSON reader itself looks no further than the quotes.</summary>
    private static void CheckText(ref Utf8JsonReader reader)
    {
        if (!Utf8.IsValid(reader.ValueSpan))
        {
            throw new FeedFormatException("not_utf8", "it has text that is not UTF-8");
        }

        try
        {
            _ = reader.ValueIsEscaped ? reader.GetString() : null;
        }
        catch (InvalidOperationException lone)
        {
            throw new FeedFormatException("not_unicode", "it has half a surrogate pair in its text", lone);
        }
    }

    private static FeedFormatException Shapeless(string message) => new("json_wrong_shape", message);
}
