using System.Buffers;
using System.Text;

namespace FacilityFeed.Domain.Shaping;

/// <summary>Folds what is seen as the same: full-width forms to ASCII, the slashes of fractions to a slash, and what is not seen to nothing.</summary>
internal static class WrittenForm
{
    // The first bytes of what is changed. Not U+3164's, with which Japanese begins.
    private static readonly SearchValues<byte> _first = SearchValues.Create([0xC2, 0xCD, 0xD8, 0xE1, 0xE2, 0xEF, 0xF3]);

    /// <summary>Whether there may be anything to fold; in ASCII there is nothing.</summary>
    public static bool MayChange(ReadOnlySpan<byte> text) => text.ContainsAny(_first);

    /// <summary>Folds <paramref name="text"/>, in UTF-8, into <paramref name="room"/>, which has to be as long. Nothing grows.</summary>
    public static ReadOnlySpan<byte> Folded(ReadOnlySpan<byte> text, Span<byte> room)
    {
        var length = 0;
        while (!text.IsEmpty)
        {
            _ = Rune.DecodeFromUtf8(text, out var rune, out var consumed);
            if (rune.Value is >= 0xFF01 and <= 0xFF5E)
            {
                room[length++] = (byte)(rune.Value - 0xFF01 + '!');
            }
            else if (rune.Value is 0x2044 or 0x2215)
            {
                room[length++] = (byte)'/';
            }
            else if (Rune.IsWhiteSpace(rune) || !UnicodeKinds.IsInvisible(rune))
            {
                text[..consumed].CopyTo(room[length..]);
                length += consumed;
            }

            text = text[consumed..];
        }

        return room[..length];
    }
}
