using System.Globalization;
using System.Text;

namespace FacilityFeed.Domain.Shaping;

/// <summary>Makes a value from the source fit to be stored, logged and printed: cut, and nothing in it that a terminal or a database takes for a command.</summary>
public static class ShownValue
{
    /// <summary>At most <see cref="ShapingTally.LongestValue"/> characters; control and format characters (bidirectional ones among them) and lone surrogates as <c>\uXXXX</c>.</summary>
    public static string Of(string value)
    {
        var shown = new StringBuilder(Math.Min(value.Length, ShapingTally.LongestValue));
        for (var at = 0; at < value.Length; at++)
        {
            if (shown.Length >= ShapingTally.LongestValue)
            {
                return shown.Append('…').ToString();
            }

            at += Append(shown, value, at);
        }

        return shown.ToString();
    }

    /// <returns>1 when two characters were taken.</returns>
    private static int Append(StringBuilder shown, string value, int at)
    {
        if (char.IsHighSurrogate(value[at]) && at + 1 < value.Length && char.IsLowSurrogate(value[at + 1]))
        {
            shown.Append(value, at, 2);
            return 1;
        }

        if (IsUnsafe(value[at]))
        {
            shown.Append(CultureInfo.InvariantCulture, $"\\u{(int)value[at]:X4}");
        }
        else
        {
            shown.Append(value[at]);
        }

        return 0;
    }

    private static bool IsUnsafe(char character) => char.GetUnicodeCategory(character)
        is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
}
