using System.Collections.Frozen;
using FacilityFeed.Domain.Shaping.Patterns;
using PhoneNumbers;

namespace FacilityFeed.Domain.Shaping.Telephones;

/// <summary>
/// Which national numbers are valid after one calling code: what the library's <c>IsValidNumber</c> says, without making an object of
/// each number. The library's patterns for a length are read when the first number of that length is met.
/// </summary>
/// <remarks>
/// Stricter than the library in three things. A length that can be dialled only inside the country of the calling code is none (310-1234 in
/// Canada). A pager's number is none: nobody answers it. And where the patterns allow numbers that are no longer than a postal code
/// ("+49 30159"), those are none. A region of which the library had no patterns would have no valid number; there is none.
/// </remarks>
internal sealed class NumberingPlan(int callingCode)
{
    /// <summary>Most digits of a national number, as the library has it.</summary>
    public const int Longest = 17;

    // Digits of the postal codes, by calling code, where a number can be as short: Austria, Germany, South Korea, Luxembourg, Finland.
    private static readonly FrozenDictionary<int, int> _postalCodes =
        new Dictionary<int, int> { [43] = 4, [49] = 5, [82] = 5, [352] = 4, [358] = 5 }.ToFrozenDictionary();

    private readonly CodePattern?[] _byLength = new CodePattern?[Longest + 1];

    /// <summary>Whether the library calls the number valid as it is written: without a prefix, with the zeros that are its own.</summary>
    /// <param name="national">ASCII digits.</param>
    public bool IsValid(ReadOnlySpan<char> national) =>
        national.Length <= Longest && (_byLength[national.Length] ??= Read(national.Length)).IsMatch(national);

    // Several regions can share a calling code, the country that stands for it first.
    private CodePattern Read(int length)
    {
        var library = PhoneNumberUtil.GetInstance();
        var regions = library.GetRegionCodesForCountryCode(callingCode)
            .Select(region => library.GetMetadataForNonGeographicalRegion(callingCode) ?? library.GetMetadataForRegion(region))
            .ToList();
        var isTooShort = length <= _postalCodes.GetValueOrDefault(callingCode) || !Has(regions[0].GeneralDesc, length);
        return CodePattern.AnyOf(isTooShort ? [] : regions.Select(region => PatternOf(region, length)).OfType<CodePattern>());
    }

    private static CodePattern? PatternOf(PhoneMetadata region, int length)
    {
        PhoneNumberDesc[] types =
        [
            region.FixedLine, region.Mobile, region.TollFree, region.PremiumRate, region.SharedCost,
            region.Voip, region.PersonalNumber, region.Uan, region.Voicemail,
        ];
        var ofTypes = types.Where(type => Has(type, length)).Select(type => type.NationalNumberPattern).Distinct().ToList();
        if (ofTypes.Count == 0 || !Has(region.GeneralDesc, length))
        {
            return null;
        }

        var pattern = new CodePattern(region.GeneralDesc.NationalNumberPattern).And(new CodePattern(string.Join('|', ofTypes)));
        // A region with leading digits is asked only of numbers that begin with them.
        return region.HasLeadingDigits ? pattern.And(new CodePattern($@"(?:{region.LeadingDigits})\d{{0,{Longest}}}")) : pattern;
    }

    // A type that names no lengths has those of the region.
    private static bool Has(PhoneNumberDesc type, int length) =>
        type.NationalNumberPattern.Length > 0 && (type.PossibleLengthCount == 0 || type.PossibleLengthList.Contains(length));
}
