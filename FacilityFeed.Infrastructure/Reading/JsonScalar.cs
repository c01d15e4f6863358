using System.Text.Json;

namespace FacilityFeed.Infrastructure.Reading;

/// <summary>
/// Makes text of a JSON scalar, as PostgreSQL's <c>#&gt;&gt; '{}'</c> does: a string without its quotes and escapes, a number or truth value as
/// it is written, nothing for null. Done here, for the servers fail a whole statement over one value with <c>\u0000</c> or half a surrogate pair.
/// </summary>
internal static class JsonScalar
{
    /// <returns>False for an object, an array, and a string whose escapes are no text.</returns>
    public static bool TryRead(ReadOnlyMemory<byte> json, out ReadOnlyMemory<byte> text)
    {
        text = default;
        try
        {
            var reader = new Utf8JsonReader(json.Span);
            if (!reader.Read() || reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray)
            {
                return false;
            }

            if (reader.TokenType == JsonTokenType.Null)
            {
                return true;
            }

            var isString = reader.TokenType == JsonTokenType.String;
            text = reader.ValueIsEscaped ? Unescaped(reader) : json.Slice((int)reader.TokenStartIndex + (isString ? 1 : 0), reader.ValueSpan.Length);
            return true;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return false;
        }
    }

    private static ReadOnlyMemory<byte> Unescaped(in Utf8JsonReader reader)
    {
        // Never longer than with its escapes.
        var text = new byte[reader.ValueSpan.Length];
        return text.AsMemory(0, reader.CopyString(text));
    }
}
