using System.Text;
using FacilityFeed.Domain.Shaping.Telephones;

namespace FacilityFeed.Domain.Shaping;

/// <summary>
/// The rule for a telephone number: <c>+</c> and digits that are valid where the calling code says, by the patterns of libphonenumber.
/// Two steps make it of what a person wrote. <see cref="NumberFinder"/> finds the one number that is certain among labels, names, opening
/// hours and other numbers; <see cref="NumberReader"/> reads its digits in the record's country. What is not certain is left out, for a
/// wrong number is worse than none.
/// </summary>
internal static class TelephoneRule
{
    /// <summary>Longest text looked at, in bytes.</summary>
    public const int LongestInput = 100;

    /// <summary>Makes <paramref name="value"/> follow the rule. A number that stands there alone is looked at without allocating.</summary>
    /// <param name="value">As it came.</param>
    /// <param name="country">The record's country.</param>
    /// <param name="scratch">Where a changed number is put.</param>
    /// <param name="flaw">What was wrong with it, if anything.</param>
    /// <returns>Empty when it is left out.</returns>
    public static ReadOnlyMemory<byte> Shape(ReadOnlyMemory<byte> value, Country country, RowScratch scratch, out Flaw? flaw)
    {
        flaw = null;
        if (value.IsEmpty || CallingCodes.IsNumber(value.Span))
        {
            return value;
        }

        var inside = DialledInside.Of(country);
        if (inside is not null && inside.IsPlainNumber(value.Span))
        {
            return Join(inside.Code, value.Span, scratch);
        }

        if (value.Length > LongestInput)
        {
            flaw = Flaw.TooLong;
            return default;
        }

        var found = new NumberFinder(inside).Find(TelephoneText.Fold(value.Span), isInCapitals: !value.Span.ContainsAnyInRange((byte)'a', (byte)'z'));
        flaw = found.Number is not null ? found.Removed : IsBlank(value.Span) ? null : Flaw.Unusable;
        return found.Number is null ? default : scratch.Keep(Encoding.ASCII.GetBytes(found.Number));
    }

    private static bool IsBlank(ReadOnlySpan<byte> value) => string.IsNullOrWhiteSpace(Encoding.UTF8.GetString(value));

    private static Memory<byte> Join(string callingCode, ReadOnlySpan<byte> national, RowScratch scratch)
    {
        var number = scratch.Take(1 + callingCode.Length + national.Length);
        number.Span[0] = (byte)'+';
        _ = Encoding.ASCII.GetBytes(callingCode, number.Span[1..]);
        national.CopyTo(number.Span[(1 + callingCode.Length)..]);
        return number;
    }
}
