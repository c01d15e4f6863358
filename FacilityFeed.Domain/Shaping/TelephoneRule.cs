using System.Buffers.Text;
using System.Text;
using PhoneNumbers;

namespace FacilityFeed.Domain.Shaping;

/// <summary>
/// The rule for a telephone number: <c>+</c> and digits. One that says its country itself ("+1 (512) 735-9343", "0049 30 ..." from
/// Germany) is taken when its length is possible there. One without is read as a number of the record's country, a prefix for calls
/// inside it left off ("1-512-735-9343" in the United States), and taken only when it is valid, because the country is our addition.
/// </summary>
internal static class TelephoneRule
{
    /// <summary>Longest number looked at, in bytes.</summary>
    public const int LongestInput = 100;

    // No number has fewer, and asking the library about "n/a" or "-" costs an exception.
    private const int FewestDigits = 3;

    private static readonly PhoneNumberUtil _library = PhoneNumberUtil.GetInstance();

    /// <summary>Makes <paramref name="value"/> follow the rule.</summary>
    /// <param name="value">As it came.</param>
    /// <param name="country">The record's country.</param>
    /// <param name="scratch">Where a changed number is put.</param>
    /// <param name="flaw">What was wrong with it, if anything.</param>
    /// <returns>Empty when it is left out.</returns>
    public static ReadOnlyMemory<byte> Shape(ReadOnlyMemory<byte> value, Country country, RowScratch scratch, out Flaw? flaw)
    {
        flaw = null;
        if (value.IsEmpty || CallingCodes.TakesAsItIs(value.Span))
        {
            return value;
        }

        if (value.Length > LongestInput)
        {
            flaw = Flaw.TooLong;
            return default;
        }

        if (Read(value.Span, country) is not { } number)
        {
            flaw = IsBlank(value.Span) ? null : Flaw.Unusable;
            return default;
        }

        flaw = number.HasExtension ? Flaw.ExtensionRemoved : null;
        return Write(number, scratch);
    }

    private static PhoneNumber? Read(ReadOnlySpan<byte> value, Country country)
    {
        if (CannotBeNumber(value))
        {
            return null;
        }

        try
        {
            var number = _library.ParseAndKeepRawInput(Encoding.UTF8.GetString(value), country.Code);
            return IsTaken(number, country.Code) && IsSettled(number) ? number : null;
        }
        catch (NumberParseException)
        {
            return null;
        }
    }

    private static bool IsTaken(PhoneNumber number, string country)
    {
        // Possible with its calling code: a number that can be called only inside a town is not.
        if (_library.IsPossibleNumberWithReason(number) != PhoneNumberUtil.ValidationResult.IS_POSSIBLE)
        {
            return false;
        }

        var saysItsCountry = number.CountryCodeSource
            is PhoneNumber.Types.CountryCodeSource.FROM_NUMBER_WITH_PLUS_SIGN
            or PhoneNumber.Types.CountryCodeSource.FROM_NUMBER_WITH_IDD;

        // Asked about one country the library looks at one set of patterns; the last question is for numbers of a neighbour
        // that shares the calling code, as Canada and the United States do.
        return saysItsCountry || _library.IsValidNumberForRegion(number, country) || _library.IsValidNumber(number);
    }

    // A number that still begins with a prefix of its country ("+49 0030...") would be read differently the next time: it is none.
    private static bool IsSettled(PhoneNumber number)
    {
        Span<byte> digits = stackalloc byte[LongestInput];
        digits = digits[..Format(number, digits)];
        if (CallingCodes.TakesAsItIs(digits))
        {
            return true;
        }

        var again = _library.Parse(Encoding.ASCII.GetString(digits), defaultRegion: null);
        return again.CountryCode == number.CountryCode && again.NationalNumber == number.NationalNumber && ZerosOf(again) == ZerosOf(number);
    }

    private static ReadOnlyMemory<byte> Write(PhoneNumber number, RowScratch scratch)
    {
        Span<byte> digits = stackalloc byte[LongestInput];
        return scratch.Keep(digits[..Format(number, digits)]);
    }

    private static int Format(PhoneNumber number, Span<byte> target)
    {
        target[0] = (byte)'+';
        _ = Utf8Formatter.TryFormat(number.CountryCode, target[1..], out var length);
        length++;
        target.Slice(length, ZerosOf(number)).Fill((byte)'0');
        length += ZerosOf(number);
        _ = Utf8Formatter.TryFormat(number.NationalNumber, target[length..], out var written);
        return length + written;
    }

    // Zeros with which the number itself begins, as in Italy.
    private static int ZerosOf(PhoneNumber number) => number.HasNumberOfLeadingZeros ? number.NumberOfLeadingZeros : 0;

    private static bool CannotBeNumber(ReadOnlySpan<byte> value)
    {
        var digits = 0;
        foreach (var unit in value)
        {
            // Digits of other scripts are digits to the library.
            digits += char.IsAsciiDigit((char)unit) || unit >= 0x80 ? 1 : 0;
        }

        return digits < FewestDigits;
    }

    private static bool IsBlank(ReadOnlySpan<byte> value) => string.IsNullOrWhiteSpace(Encoding.UTF8.GetString(value));
}
