using System.Globalization;
using System.Net;
using System.Text;

namespace FacilityFeed.Domain.Shaping;

/// <summary>
/// Decodes what was written for a page of HTML: <c>&amp;amp;</c>, <c>&amp;eacute;</c>, <c>&amp;#39;</c>, <c>&amp;#x27;</c>. Only whole ones with
/// their semicolon, so that <c>?a=1&amp;copy=2</c> stays as it is: the names of HTML 4 and <c>apos</c>, and numbers of characters.
/// What was encoded twice (<c>&amp;amp;#39;</c>) is decoded twice.
/// </summary>
internal static class HtmlEntities
{
    // From behind the & to the semicolon: "thetasym;", or "#x0001F600;" with the zeros that some write.
    private const int Longest = 12;

    // https://html.spec.whatwg.org/multipage/parsing.html#numeric-character-reference-end-state: numbers of controls from 0x80 on mean windows-1252.
    private const string FromWindows1252 =
        "\u20AC\u0081\u201A\u0192\u201E\u2026\u2020\u2021\u02C6\u2030\u0160\u2039\u0152\u008D\u017D\u008F"
        + "\u0090\u2018\u2019\u201C\u201D\u2022\u2013\u2014\u02DC\u2122\u0161\u203A\u0153\u009D\u017E\u0178";

    // What a database makes of &amp; in upper(name) or initcap(name).
    private static readonly string[] _inAnyCase = ["amp", "quot", "apos", "lt", "gt", "nbsp"];

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
        var end = rest[..Math.Min(rest.Length, Longest)].IndexOf((byte)';');
        consumed = end + 1;
        if (end < 2)
        {
            character = default;
            return false;
        }

        return rest[0] == '#' ? TryNumber(rest[1..end], out character) : TryName(Encoding.UTF8.GetString(rest[..end]), out character);
    }

    private static bool TryNumber(ReadOnlySpan<byte> digits, out Rune character)
    {
        var isHex = digits[0] is (byte)'x' or (byte)'X';
        if (!int.TryParse(isHex ? digits[1..] : digits, isHex ? NumberStyles.AllowHexSpecifier : NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            character = default;
            return false;
        }

        return Rune.TryCreate(number is >= 0x80 and <= 0x9F ? FromWindows1252[number - 0x80] : number, out character);
    }

    private static bool TryName(string name, out Rune character)
    {
        // The library decodes one at a time: it would also take "&# 39;", and knows nothing of windows-1252.
        var known = Array.Find(_inAnyCase, known => known.Equals(name, StringComparison.OrdinalIgnoreCase)) ?? name;
        var decoded = known.All(char.IsAsciiLetterOrDigit) ? WebUtility.HtmlDecode($"&{known};") : "";
        character = decoded.Length == 1 ? new Rune(decoded[0]) : default;
        return decoded.Length == 1;
    }
}
