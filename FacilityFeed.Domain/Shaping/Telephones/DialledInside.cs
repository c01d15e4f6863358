using System.Globalization;
using System.Text.RegularExpressions;
using PhoneNumbers;

namespace FacilityFeed.Domain.Shaping.Telephones;

/// <summary>How the numbers of one country are dialled, and so written, inside it.</summary>
internal sealed class DialledInside
{
    // No number inside a town is longer than eight digits (Berlin's are as long), and no whole one shorter where the lengths are settled.
    private const int LongestInTown = 8;

    private static readonly DialledInside?[] _countries = new DialledInside?[26 * 26];

    private readonly NumberingPlan _plan;
    private readonly Regex _mayBePrefixed;

    private DialledInside(string region, PhoneMetadata metadata)
    {
        Region = region;
        CallingCode = metadata.CountryCode;
        Code = CallingCode.ToString(CultureInfo.InvariantCulture);
        HasZero = metadata.NationalPrefix == "0";
        HasShortNumbers = HasZero && metadata.FixedLine.PossibleLengthList.Any(length => length is > 0 and < LongestInTown);
        _plan = CallingCodes.Plan(CallingCode);
        string[] prefixes = [Code, metadata.InternationalPrefix, metadata.NationalPrefixForParsing];
        _mayBePrefixed = new Regex($@"\A(?:{string.Join('|', prefixes.Where(prefix => !string.IsNullOrEmpty(prefix)))})", RegexOptions.CultureInvariant);
    }

    /// <summary>ISO 3166-1 alpha-2.</summary>
    public string Region { get; }

    /// <summary>The calling code.</summary>
    public int CallingCode { get; }

    /// <summary>The calling code's digits.</summary>
    public string Code { get; }

    /// <summary>Whether a 0 before the number is dialled inside the country, and mostly written: in Germany, not in Italy, whose 0 is the number's own.</summary>
    public bool HasZero { get; }

    /// <summary>Whether numbers with their area code can be as short as others are without.</summary>
    private bool HasShortNumbers { get; }

    /// <summary>Null when the library knows no numbers of the country, as of Antarctica.</summary>
    public static DialledInside? Of(Country country)
    {
        var index = ((country.Code[0] - 'A') * 26) + country.Code[1] - 'A';
        return _countries[index] ??= PhoneNumberUtil.GetInstance().GetMetadataForRegion(country.Code) is { } metadata ? new DialledInside(country.Code, metadata) : null;
    }

    /// <summary>Whether the digits are a valid number of the country, and nothing at their head can be anything but the number itself.</summary>
    public bool IsPlainNumber(ReadOnlySpan<char> digits) => !MayBeOfTown(digits) && !_mayBePrefixed.IsMatch(digits) && _plan.IsValid(digits);

    /// <summary>As for characters; for UTF-8. Allocates nothing.</summary>
    public bool IsPlainNumber(ReadOnlySpan<byte> utf8)
    {
        Span<char> digits = stackalloc char[NumberingPlan.Longest];
        return AsciiDigits.TryWiden(utf8, digits, out var length) && IsPlainNumber(digits[..length]);
    }

    /// <summary>
    /// Whether the digits lack a 0 and are so few that they may lack the code of a town with it: "234567" is a whole number in Germany,
    /// Bochum's 0234 567, and more often one of somewhere else.
    /// </summary>
    public bool MayBeOfTown(ReadOnlySpan<char> digits) => HasShortNumbers && digits.Length <= LongestInTown && !digits.StartsWith('0');
}
