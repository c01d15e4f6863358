using System.Buffers;
using System.Globalization;
using System.Text;

namespace FacilityFeed.Domain.Reading;

/// <summary>Reads degrees that are kept as text, in the same way for every source.</summary>
public static class Degrees
{
    /// <summary>
    /// Takes a plain number with a point, with or without an exponent, and <c>NaN</c> and <c>Infinity</c>, which databases have for numbers
    /// too. Anything else is none: <c>52,13</c> may be a decimal comma or two numbers, and a unit or a hemisphere changes the place.
    /// </summary>
    /// <param name="text">UTF-8, or what should be.</param>
    /// <param name="degrees">Null when there is nothing but white space.</param>
    /// <returns>False for text that is no number, or one beyond what 64 bits hold.</returns>
    public static bool TryParse(ReadOnlySpan<byte> text, out double? degrees)
    {
        var written = Trim(text);
        degrees = null;
        if (written.IsEmpty)
        {
            return true;
        }

        // The library's parser passes over zero bytes at the end, and makes infinity of what is too large.
        if (written[^1] == 0
            || !double.TryParse(written, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out var number)
            || (double.IsInfinity(number) && written.IndexOfAnyInRange((byte)'0', (byte)'9') >= 0))
        {
            return false;
        }

        degrees = number;
        return true;
    }

    private static ReadOnlySpan<byte> Trim(ReadOnlySpan<byte> text)
    {
        while (Rune.DecodeFromUtf8(text, out var first, out var consumed) == OperationStatus.Done && Rune.IsWhiteSpace(first))
        {
            text = text[consumed..];
        }

        while (Rune.DecodeLastFromUtf8(text, out var last, out var consumed) == OperationStatus.Done && Rune.IsWhiteSpace(last))
        {
            text = text[..^consumed];
        }

        return text;
    }
}
