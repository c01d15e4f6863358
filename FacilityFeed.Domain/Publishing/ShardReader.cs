using System.Text.Json;
using System.Text.Unicode;

namespace FacilityFeed.Domain.Publishing;

/// <summary>Reads a shard's JSON back, record by record; memory is one buffer, whatever the shard's size.</summary>
internal sealed class ShardReader(Action<string> onRecord)
{
    private const int FirstBufferBytes = 64 * 1024;

    private JsonReaderState _state;
    private bool _isIdNext;
    private string? _id;
    private bool _hasData;

    /// <summary>Records read so far.</summary>
    public long Records { get; private set; }

    /// <summary>Bytes of JSON read so far.</summary>
    public long Bytes { get; private set; }

    /// <summary>Reads to the end and calls back with each <c>entity_id</c>.</summary>
    /// <exception cref="FormatException">It is not <c>{"data":[...]}</c>, a record has no id, or text is not UTF-8.</exception>
    /// <exception cref="JsonException">It is not JSON.</exception>
    public async Task ReadAsync(Stream json, CancellationToken cancellationToken)
    {
        var buffer = new byte[FirstBufferBytes];
        var kept = 0;
        while (true)
        {
            var read = await json.ReadAsync(buffer.AsMemory(kept), cancellationToken);
            Bytes += read;
            var isLast = read == 0;
            var consumed = Parse(buffer.AsSpan(0, kept + read), isLast);
            kept = kept + read - consumed;
            if (isLast)
            {
                break;
            }

            Buffer.BlockCopy(buffer, consumed, buffer, 0, kept);
            if (kept == buffer.Length)
            {
                Array.Resize(ref buffer, buffer.Length * 2);
            }
        }

        if (!_hasData)
        {
            throw new FormatException("it has no member 'data'");
        }
    }

    private int Parse(ReadOnlySpan<byte> utf8, bool isLast)
    {
        var reader = new Utf8JsonReader(utf8, isLast, _state);
        while (reader.Read())
        {
            // The reader itself looks no further than the quotes.
            if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName && !Utf8.IsValid(reader.ValueSpan))
            {
                throw new FormatException("it has text that is not UTF-8");
            }

            Take(ref reader);
        }

        _state = reader.CurrentState;
        return (int)reader.BytesConsumed;
    }

    // Depth 0: the wrapper, 1: its member data, 2: a record, 3: a record's members.
    private void Take(ref Utf8JsonReader reader)
    {
        switch (reader.TokenType, reader.CurrentDepth)
        {
            case (JsonTokenType.PropertyName, 1):
                _hasData = !_hasData && reader.ValueTextEquals("data"u8) ? true : throw new FormatException("its only member must be 'data'");
                break;
            case (JsonTokenType.PropertyName, 3):
                _isIdNext = reader.ValueTextEquals("entity_id"u8);
                break;
            case (JsonTokenType.String, 3) when _isIdNext:
                _id = reader.GetString();
                _isIdNext = false;
                break;
            case (JsonTokenType.EndObject, 2):
                Records++;
                onRecord(_id ?? throw new FormatException($"record {Records} has no entity_id that is a string"));
                _id = null;
                break;
            case (not JsonTokenType.StartObject and not JsonTokenType.EndObject, 0):
            case (not JsonTokenType.StartArray and not JsonTokenType.EndArray, 1):
            case (not JsonTokenType.StartObject, 2):
                throw new FormatException("it is not an object with an array 'data' of objects");
        }
    }
}
