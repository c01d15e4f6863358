using System.Globalization;
using System.Text;

namespace FacilityFeed.Domain.Shaping;

/// <summary>What a spreadsheet writes into a cell that it cannot compute, in whichever language.</summary>
internal static class SpreadsheetError
{
    // Longer than any.
    private const int Longest = 60;

    /// <summary>
    /// Whether it is one of those in words: "#REF!", "#ССЫЛКА!", "#NAZWA?", and with a slash "#Н/Д". Capitals only, as programs write them
    /// and nobody a hashtag.
    /// </summary>
    /// <param name="text">UTF-8, not empty.</param>
    public static bool Is(ReadOnlySpan<byte> text)
    {
        if (text[0] != '#' || text.Length is < 4 or > Longest)
        {
            return false;
        }

        var isMarked = text[^1] is (byte)'!' or (byte)'?';
        var (letters, slashes) = (0, 0);
        foreach (var rune in Encoding.UTF8.GetString(isMarked ? text[1..^1] : text[1..]).EnumerateRunes())
        {
            letters += Rune.IsUpper(rune) ? 1 : 0;
            slashes += rune.Value == '/' ? 1 : 0;
            if (!Rune.IsUpper(rune) && rune.Value != '/' && !(isMarked && IsInside(rune)))
            {
                return false;
            }
        }

        return letters > 1 && (isMarked || slashes == 1);
    }

    /// <summary>Whether it is one of those that LibreOffice numbers: "Err:502".</summary>
    public static bool IsNumbered(ReadOnlySpan<byte> text) =>
        text.Length == 7 && Ascii.EqualsIgnoreCase(text[..5], "Err:5"u8) && char.IsAsciiDigit((char)text[5]) && char.IsAsciiDigit((char)text[6]);

    private static bool IsInside(Rune rune) => Rune.IsDigit(rune) || rune.Value is '_' or '¡' or '¿' || Rune.GetUnicodeCategory(rune) == UnicodeCategory.NonSpacingMark;
}
