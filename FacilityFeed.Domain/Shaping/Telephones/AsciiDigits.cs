namespace FacilityFeed.Domain.Shaping.Telephones;

/// <summary>Digits out of UTF-8.</summary>
internal static class AsciiDigits
{
    /// <summary>False when anything but a digit is there, or more than <paramref name="target"/> takes.</summary>
    public static bool TryWiden(ReadOnlySpan<byte> utf8, Span<char> target, out int length)
    {
        length = utf8.Length;
        if (length > target.Length)
        {
            return false;
        }

        for (var at = 0; at < utf8.Length; at++)
        {
            var digit = (char)utf8[at];
            if (!char.IsAsciiDigit(digit))
            {
                return false;
            }

            target[at] = digit;
        }

        return true;
    }
}
