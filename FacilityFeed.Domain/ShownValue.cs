using System.Globalization;
using System.Text;

namespace FacilityFeed.Domain;

/// <summary>Makes a value from the source fit to be stored, logged and printed: cut, and nothing in it that a terminal or a database takes for a command.</summary>
public static class ShownValue
{
    /// <summary>Most characters that are kept of a value.</summary>
    public const int Longest = 200;

    /// <summary>
    /// Cut after <see cref="Longest"/> characters; control and format characters (bidirectional ones among them), others of which nothing
    /// is seen (Hangul fillers), line and paragraph separators and lone surrogates as <c>\uXXXX</c>.
    /// </summary>
    public static string Of(string value) => Of(value, Longest);

    /// <summary>The same, with at most <paramref name="longest"/> characters.</summary>
    public static string Of(string value, int longest)
    {
        var shown = new StringBuilder(Math.Min(value.Length, longest));
        for (var at = 0; at < value.Length;)
        {
            if (shown.Length >= longest)
            {
                return shown.Append('…').ToString();
            }

            at += Append(shown, value, at);
        }

        return shown.ToString();
    }

    /// <returns>How many UTF-16 units were taken.</returns>
    private static int Append(StringBuilder shown, string value, int at)
    {
        var isWhole = Rune.TryGetRuneAt(value, at, out var rune);
        var length = isWhole ? rune.Utf16SequenceLength : 1;
        if (isWhole && !IsUnsafe(rune))
        {
            shown.Append(value, at, length);
            return length;
        }

        foreach (var unit in value.AsSpan(at, length))
        {
            shown.Append(CultureInfo.InvariantCulture, $"\\u{(int)unit:X4}");
        }

        return length;
    }

    private static bool IsUnsafe(Rune rune) => IsUnseen(rune) || Rune.GetUnicodeCategory(rune)
        is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;

    // A Hangul filler, for instance; but not white space, and not the selectors and accents that belong to the character before.
    private static bool IsUnseen(Rune rune) => UnicodeKinds.IsInvisible(rune) && !Rune.IsWhiteSpace(rune) && Rune.GetUnicodeCategory(rune) != UnicodeCategory.NonSpacingMark;
}
