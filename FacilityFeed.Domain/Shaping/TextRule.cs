using System.Buffers;
using System.Text;
using System.Text.Unicode;

namespace FacilityFeed.Domain.Shaping;

/// <summary>
/// The rule for text: trimmed; a run of white space that holds a tab or a line end becomes one space; control characters, controls of the
/// writing direction, marks of a byte order, noncharacters and ill-formed UTF-8 (lone surrogates among it) are taken out.
/// Text in which nothing can be seen is empty. Anything else stays as it is, two spaces between words too.
/// </summary>
internal static class TextRule
{
    // The bytes with which a character begins that may have to be looked at more closely: controls, and in UTF-8 the first bytes of
    // U+0080 to U+00BF, U+0600 to U+063F, U+2000 to U+2FFF, U+F000 to U+FFFF and of everything beyond.
    private static readonly SearchValues<byte> _suspects = SearchValues.Create(
        [.. Enumerable.Range(0, 0x20).Select(control => (byte)control), 0x7F, 0xC2, 0xD8, 0xE2, 0xEF, 0xF0, 0xF1, 0xF2, 0xF3, 0xF4]);

    // What is printed in ASCII, but for the sign with which an entity begins.
    private static readonly SearchValues<byte> _plain = SearchValues.Create([.. Enumerable.Range(0x20, 0x5F).Where(character => character != '&').Select(character => (byte)character)]);

    /// <summary>Whether nothing has to be done, and there is nothing to decode: most values are so, and found to be so at once.</summary>
    public static bool IsPlain(ReadOnlySpan<byte> text) => text.IsEmpty || (text[0] != ' ' && text[^1] != ' ' && !text.ContainsAnyExcept(_plain));

    /// <summary>Makes <paramref name="value"/> follow the rule.</summary>
    /// <param name="value">UTF-8, or what should be.</param>
    /// <param name="scratch">Where a changed text is put; one that needs only trimming, or nothing, is not copied.</param>
    /// <param name="isMended">Whether more was taken out than white space.</param>
    public static ReadOnlyMemory<byte> Clean(ReadOnlyMemory<byte> value, RowScratch scratch, out bool isMended)
    {
        isMended = false;
        if (IsClean(value.Span))
        {
            return value;
        }

        var trimmed = Trim(value);
        return IsClean(trimmed.Span) ? trimmed : Rewrite(trimmed.Span, scratch, out isMended);
    }

    /// <summary>Whether text that follows the rule has more than <paramref name="most"/> characters (Unicode scalar values).</summary>
    public static bool IsLongerThan(ReadOnlySpan<byte> text, int most) =>
        text.Length > most && text.Length - Continuations(text) > most;

    /// <summary>Whether nothing has to be done.</summary>
    internal static bool IsClean(ReadOnlySpan<byte> text)
    {
        if (text.IsEmpty)
        {
            return true;
        }

        if (text.IndexOfAnyExceptInRange((byte)0x20, (byte)0x7E) < 0)
        {
            return text[0] != ' ' && text[^1] != ' ';
        }

        return Utf8.IsValid(text) && HasVisibleEnds(text) && HasOnlyPrinted(text);
    }

    private static bool HasVisibleEnds(ReadOnlySpan<byte> text)
    {
        _ = Rune.DecodeFromUtf8(text, out var first, out _);
        _ = Rune.DecodeLastFromUtf8(text, out var last, out _);
        return !UnicodeKinds.IsInvisible(first) && !Rune.IsWhiteSpace(last);
    }

    private static bool HasOnlyPrinted(ReadOnlySpan<byte> text)
    {
        for (var next = text.IndexOfAny(_suspects); next >= 0; next = text.IndexOfAny(_suspects))
        {
            _ = Rune.DecodeFromUtf8(text[next..], out var rune, out var consumed);
            if (UnicodeKinds.IsWhiteSpaceControl(rune) || UnicodeKinds.IsTakenOut(rune))
            {
                return false;
            }

            text = text[(next + consumed)..];
        }

        return true;
    }

    private static ReadOnlyMemory<byte> Trim(ReadOnlyMemory<byte> value)
    {
        while (Rune.DecodeFromUtf8(value.Span, out var first, out var consumed) == OperationStatus.Done && Rune.IsWhiteSpace(first))
        {
            value = value[consumed..];
        }

        while (Rune.DecodeLastFromUtf8(value.Span, out var last, out var consumed) == OperationStatus.Done && Rune.IsWhiteSpace(last))
        {
            value = value[..^consumed];
        }

        return value;
    }

    private static ReadOnlyMemory<byte> Rewrite(ReadOnlySpan<byte> text, RowScratch scratch, out bool isMended)
    {
        // Nothing grows: each character is kept, left out, or with its neighbours made into one byte.
        var room = scratch.Take(text.Length);
        var target = new TextTarget(room.Span);
        isMended = false;
        while (!text.IsEmpty)
        {
            var isWellFormed = Rune.DecodeFromUtf8(text, out var rune, out var consumed) == OperationStatus.Done;
            if (!isWellFormed || (UnicodeKinds.IsTakenOut(rune) && !UnicodeKinds.IsWhiteSpaceControl(rune)))
            {
                isMended = true;
            }
            else
            {
                target.Append(rune, text[..consumed]);
            }

            text = text[consumed..];
        }

        // Trimming alone does not make text invisible: whoever sent only zero width spaces is told.
        isMended |= !target.HasVisible;
        return room[..target.Complete()];
    }

    private static int Continuations(ReadOnlySpan<byte> text)
    {
        var count = 0;
        foreach (var unit in text)
        {
            count += (unit & 0xC0) == 0x80 ? 1 : 0;
        }

        return count;
    }
}
