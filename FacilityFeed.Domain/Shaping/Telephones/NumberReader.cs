using PhoneNumbers;

namespace FacilityFeed.Domain.Shaping.Telephones;

/// <summary>
/// Reads digits as one number, in a country. Digits without <c>+</c> can be a number of the country, or begin with its calling code
/// ("49 7755 91155" in Germany): the reading that is valid counts. When both are, the number is ambiguous ("491716783154"), unless the
/// calling code stands apart and the country's own numbers would begin with a 0, which is not there.
/// </summary>
/// <param name="inside">The country; null when the library knows no numbers of it, so that only those with <c>+</c> are read.</param>
internal sealed class NumberReader(DialledInside? inside)
{
    private const int NorthAmerica = 1;

    // No number has fewer, and asking the library costs an exception.
    private const int Fewest = 3;

    private static readonly PhoneNumberUtil _library = PhoneNumberUtil.GetInstance();

    /// <summary>Reads all the digits of <paramref name="written"/> as one number.</summary>
    public Reading Read(WrittenNumber written)
    {
        var reading = ReadWithZero(written);
        if (reading.IsAmbiguous || ZeroInParentheses(written) is not { } zero)
        {
            return reading;
        }

        // "+48 (0) 22 ..." is written where no 0 is dialled, too; "+39 (0) 6 ..." where it belongs to the number.
        var without = ReadWithZero(written.Without(zero));
        return reading.Number is null || without.Number is null || reading.Number == without.Number
            ? new Reading(reading.Number ?? without.Number)
            : Reading.Ambiguous;
    }

    private Reading ReadWithZero(WrittenNumber written)
    {
        var digits = written.Digits();
        if (digits.Length < Fewest)
        {
            return Reading.None;
        }

        if (written.HasPlus)
        {
            return new Reading(IsNorthAmerican(written) || International(digits) is not { } number || IsCodeParted(written, number) ? null : number);
        }

        if (inside is null)
        {
            return new Reading(AfterTwoZeros(digits));
        }

        if (inside.IsPlainNumber(digits))
        {
            return new Reading($"+{inside.Code}{digits}");
        }

        var national = National(digits, out var isCalledAbroad);
        if (isCalledAbroad)
        {
            return new Reading(national);
        }

        var international = digits.StartsWith(inside.Code, StringComparison.Ordinal) ? International(digits) : null;
        if (national is null || international is null || national == international)
        {
            return new Reading(national ?? international ?? AfterTwoZeros(digits));
        }

        return inside.HasZero && written.Count > 1 && written[0] == inside.Code ? new Reading(international) : Reading.Ambiguous;
    }

    // "+434-555-1234" in the United States is Austria's by its digits, and set as nobody in Austria would.
    private bool IsNorthAmerican(WrittenNumber written) =>
        inside is { CallingCode: NorthAmerica } && written is { Count: >= 3 } && written[0].Length == 3 && written[1].Length == 3 && written[2].Length == 4
        && inside.IsPlainNumber(written.Take(3).Digits());

    // "+8 (495) 123-45-67" is Russia's with a wrong plus, not Vietnam's, whose code is 84; "+38 (044)" is Ukraine's, which ends its code with the 0.
    private static bool IsCodeParted(WrittenNumber written, string number)
    {
        var digits = written.Digits();
        var zeros = digits.Length - digits.TrimStart('0').Length;
        var code = number[1..^CallingCodes.NationalLength(number.AsSpan(1))];
        var parted = written[0].Length - zeros;
        return parted > 0 && parted < code.Length && !(parted == code.Length - 1 && code[^1] == '0');
    }

    private static int? ZeroInParentheses(WrittenNumber written)
    {
        for (var group = 1; group < written.Count - 1; group++)
        {
            if (written[group] == "0" && written.Before(group).EndsWith('(') && written.Before(group + 1).StartsWith(')'))
            {
                return group;
            }
        }

        return null;
    }

    // What the library makes of it: with a prefix for calls abroad, with one for calls inside the country, or without.
    private string? National(string digits, out bool isCalledAbroad)
    {
        isCalledAbroad = false;
        if (Parse(digits, inside!.Region) is not { } number)
        {
            return null;
        }

        isCalledAbroad = number.CountryCodeSource == PhoneNumber.Types.CountryCodeSource.FROM_NUMBER_WITH_IDD;
        return inside.MayBeOfTown(digits) && IsWrittenWithZero(number) ? null : Valid(number);
    }

    // Not "1588-1234" in South Korea, to which nobody dials a 0.
    private static bool IsWrittenWithZero(PhoneNumber number) => _library.Format(number, PhoneNumberFormat.NATIONAL).TrimStart('(').StartsWith('0');

    private static string? AfterTwoZeros(string digits) => digits.StartsWith("00", StringComparison.Ordinal) ? International(digits[2..]) : null;

    // "+0049 ..." says twice that a calling code follows.
    private static string? International(string digits)
    {
        digits = digits.StartsWith("00", StringComparison.Ordinal) ? digits[2..] : digits;
        if (digits.Length == 0 || digits[0] == '0')
        {
            return null;
        }

        return CallingCodes.IsNumber(digits) ? $"+{digits}" : Parse($"+{digits}", region: null) is { } number ? Valid(number) : null;
    }

    private static string? Valid(PhoneNumber number)
    {
        var written = _library.Format(number, PhoneNumberFormat.E164);
        return CallingCodes.IsNumber(written.AsSpan(1)) ? written : null;
    }

    private static PhoneNumber? Parse(string digits, string? region)
    {
        try
        {
            return _library.ParseAndKeepRawInput(digits, region);
        }
        catch (NumberParseException)
        {
            return null;
        }
    }
}
