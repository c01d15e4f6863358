using System.Collections.Frozen;
using System.Globalization;
using System.Text;

namespace FacilityFeed.Domain.Shaping;

/// <summary>
/// Decodes what was written for a page of HTML: <c>&amp;amp;</c>, <c>&amp;scaron;</c>, <c>&amp;#39;</c>, <c>&amp;#x27;</c>. Only whole ones with
/// their semicolon, so that <c>?a=1&amp;copy=2</c> stays as it is: all names of HTML that stand for one character, and numbers of characters,
/// two of them where they are the halves of a surrogate pair. What was encoded twice (<c>&amp;amp;#39;</c>) is decoded twice.
/// </summary>
/// <remarks>
/// The names are in html-entities.csv, of the HTML Standard (WHATWG, CC BY 4.0): https://html.spec.whatwg.org/multipage/named-characters.html.
/// Those of two characters are signs of mathematics only.
/// </remarks>
internal static class HtmlEntities
{
    // From behind the & to the semicolon: "CounterClockwiseContourIntegral;".
    private const int Longest = 32;

    // https://html.spec.whatwg.org/multipage/parsing.html#numeric-character-reference-end-state: numbers of controls from 0x80 on mean windows-1252.
    private const string FromWindows1252 =
        "\u20AC\u0081\u201A\u0192\u201E\u2026\u2020\u2021\u02C6\u2030\u0160\u2039\u0152\u008D\u017D\u008F"
        + "\u0090\u2018\u2019\u201C\u201D\u2022\u2013\u2014\u02DC\u2122\u0161\u203A\u0153\u009D\u017E\u0178";

    // What a database makes of &amp; in upper(name) or initcap(name); "Lt" and "Gt" are also signs of mathematics, which nobody writes.
    private static readonly string[] _inAnyCase = ["amp", "quot", "apos", "lt", "gt", "nbsp"];

    private static readonly FrozenDictionary<string, Rune>.AlternateLookup<ReadOnlySpan<char>> _byName = ByName().GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>Whether there is anything that might be one.</summary>
    public static bool MayBeIn(ReadOnlySpan<byte> text) => text.IndexOf((byte)'&') is >= 0 and var start && text[start..].Contains((byte)';');

    /// <summary>Decodes all that are in <paramref name="text"/>, in UTF-8. Nothing grows.</summary>
    /// <param name="text">As it came.</param>
    /// <param name="scratch">Where a changed text is put.</param>
    /// <param name="isDecoded">Whether there were any; without them the text is not copied.</param>
    public static ReadOnlyMemory<byte> Decode(ReadOnlyMemory<byte> text, RowScratch scratch, out bool isDecoded)
    {
        isDecoded = false;
        if (!MayBeIn(text.Span))
        {
            return text;
        }

        var rest = text.Span;
        var room = scratch.Take(rest.Length);
        var length = 0;
        for (var start = rest.IndexOf((byte)'&'); start >= 0; start = rest.IndexOf((byte)'&'))
        {
            rest[..start].CopyTo(room.Span[length..]);
            length += start;
            rest = rest[(start + 1)..];
            var character = new Rune('&');
            while (character.Value == '&' && TryRead(rest, out var decoded, out var consumed))
            {
                character = decoded;
                rest = rest[consumed..];
                isDecoded = true;
            }

            length += character.EncodeToUtf8(room.Span[length..]);
        }

        rest.CopyTo(room.Span[length..]);
        return isDecoded ? room[..(length + rest.Length)] : text;
    }

    /// <summary>Reads what follows an &amp;.</summary>
    private static bool TryRead(ReadOnlySpan<byte> rest, out Rune character, out int consumed)
    {
        if (!TryEnd(rest, out consumed))
        {
            character = default;
            return false;
        }

        var written = rest[..(consumed - 1)];
        if (written[0] != '#')
        {
            return TryName(written, out character);
        }

        character = default;
        return TryNumber(written[1..], out var number) && (Rune.TryCreate(number, out character) || TryPair(number, rest[consumed..], out character, ref consumed));
    }

    private static bool TryEnd(ReadOnlySpan<byte> rest, out int end)
    {
        end = rest[..Math.Min(rest.Length, Longest)].IndexOf((byte)';') + 1;
        return end > 2;
    }

    private static bool TryNumber(ReadOnlySpan<byte> digits, out int number)
    {
        var isHex = digits[0] is (byte)'x' or (byte)'X';
        if (!int.TryParse(isHex ? digits[1..] : digits, isHex ? NumberStyles.AllowHexSpecifier : NumberStyles.None, CultureInfo.InvariantCulture, out number))
        {
            return false;
        }

        number = number is >= 0x80 and <= 0x9F ? FromWindows1252[number - 0x80] : number;
        return true;
    }

    // What JavaScript makes of a character beyond U+FFFF, one UTF-16 unit at a time: &#55357;&#56397;.
    private static bool TryPair(int high, ReadOnlySpan<byte> rest, out Rune character, ref int consumed)
    {
        character = default;
        if (!rest.StartsWith("&#"u8) || !TryEnd(rest[1..], out var end) || !TryNumber(rest[2..end], out var low)
            || (high | low) is < 0 or > char.MaxValue || !Rune.TryCreate((char)high, (char)low, out character))
        {
            return false;
        }

        consumed += end + 1;
        return true;
    }

    private static bool TryName(ReadOnlySpan<byte> written, out Rune character)
    {
        foreach (var known in _inAnyCase)
        {
            if (Ascii.EqualsIgnoreCase(written, known))
            {
                return _byName.TryGetValue(known, out character);
            }
        }

        Span<char> name = stackalloc char[Longest];
        return _byName.TryGetValue(name[..Encoding.UTF8.GetChars(written, name)], out character);
    }

    private static FrozenDictionary<string, Rune> ByName()
    {
        using var table = new StreamReader(typeof(HtmlEntities).Assembly.GetManifestResourceStream("html-entities.csv")!);
        return table.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(line => line.Split(';'))
            .ToFrozenDictionary(cells => cells[0], cells => new Rune(int.Parse(cells[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture)), StringComparer.Ordinal);
    }
}
