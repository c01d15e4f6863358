using PhoneNumbers;

namespace FacilityFeed.Domain.Shaping;

/// <summary>
/// Tells of a number that is written as <c>+</c> and digits whether the telephone library would take it as it is, without asking it.
/// Made once from the library's own data.
/// </summary>
internal static class CallingCodes
{
    // What the library calls the region of a calling code that is no country's, as +800.
    private const string NoRegion = "001";

    // By calling code, which has one to three digits, and none begins with another.
    private static readonly Plan?[] _plans = Read(PhoneNumberUtil.GetInstance());

    /// <summary>
    /// Whether the calling code exists, the length is possible for it, and the number does not begin with what might be a prefix for
    /// calls inside the country, which the library would take off: "+49 030" is written more often than it is right.
    /// </summary>
    public static bool TakesAsItIs(ReadOnlySpan<byte> number)
    {
        // No calling code begins with 0, and "+049" is none.
        if (number.Length < 3 || number[0] != '+' || number[1] == '0' || number[1..].ContainsAnyExceptInRange((byte)'0', (byte)'9'))
        {
            return false;
        }

        var code = 0;
        for (var length = 1; length <= 3 && length < number.Length; length++)
        {
            code = (code * 10) + number[length] - '0';
            if (_plans[code] is { } plan)
            {
                return plan.Takes(number[(length + 1)..]);
            }
        }

        return false;
    }

    private static Plan?[] Read(PhoneNumberUtil library)
    {
        var plans = new Plan?[1000];
        foreach (var code in library.GetSupportedCallingCodes())
        {
            var region = library.GetRegionCodeForCountryCode(code);
            var metadata = region == NoRegion ? library.GetMetadataForNonGeographicalRegion(code) : library.GetMetadataForRegion(region);
            var lengths = metadata.GeneralDesc.PossibleLengthList.Where(length => length > 0).Aggregate(0, (bits, length) => bits | (1 << length));
            plans[code] = new Plan(lengths, FirstDigits.Of(metadata.NationalPrefixForParsing ?? ""));
        }

        return plans;
    }

    private sealed record Plan(int PossibleLengths, int PrefixDigits)
    {
        public bool Takes(ReadOnlySpan<byte> national) =>
            national.Length is > 0 and < 31
            && (PossibleLengths & (1 << national.Length)) != 0
            && (PrefixDigits & (1 << (national[0] - '0'))) == 0;
    }
}
