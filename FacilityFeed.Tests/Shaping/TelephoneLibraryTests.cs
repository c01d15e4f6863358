using CsCheck;
using FacilityFeed.Domain.Shaping;
using FacilityFeed.Tests.Support;
using PhoneNumbers;

namespace FacilityFeed.Tests.Shaping;

/// <summary>Numbers that the telephone library is not asked about come out as if it had been.</summary>
public sealed class TelephoneLibraryTests
{
    private static readonly PhoneNumberUtil _library = PhoneNumberUtil.GetInstance();

    private static readonly Gen<string> _digits = Gen.Int[1, 17].SelectMany(length => Gen.Char['0', '9'].Array[length]).Select(digits => new string(digits));

    /// <summary>Any calling code, and more often one whose numbers the library takes prefixes off in a way of their own.</summary>
    private static readonly Gen<int> _callingCodes = Gen.OneOf(
        Gen.OneOf([.. _library.GetSupportedCallingCodes()]),
        Gen.OneOf(1, 7, 36, 44, 54, 55, 57, 61, 81, 82, 86, 241, 261, 298, 352, 370, 375, 378, 423, 506, 591, 672, 692));

    /// <summary>Any number after a calling code; many begin with what may be a prefix for calls inside the country.</summary>
    private static readonly Gen<string> _plusAndDigits = Gen.OneOf(
        Gen.Select(_callingCodes, Gen.OneOf("", "", "", "0", "00", "1", "06", "8", "80", "1831", "15", "11", "01115", "1115"), _digits, (code, prefix, digits) => $"+{code}{prefix}{digits}"),
        _digits.Select(digits => $"+{digits}"));

    private static IEnumerable<string> Regions => _library.GetSupportedRegions().Where(region => Countries.IsCode(region)).Order(StringComparer.Ordinal);

    [Test]
    public void TryShape_AgreesWithTheLibrary_WhenANumberIsPlusAndDigits() => _plusAndDigits.Sample(number =>
    {
        Assert.That(PhoneOf(number, "DE"), Is.EqualTo(OfLibrary(number, "DE")), number);
    }, iter: 50_000);

    [TestCaseSource(nameof(Regions))]
    public void TryShape_ReadsTheExampleNumbersOfEachCountry(string region)
    {
        foreach (var type in Enum.GetValues<PhoneNumberType>())
        {
            // Some have no number of a type, or one that can be called only inside the country.
            if (_library.GetExampleNumberForType(region, type) is not { } example || _library.IsPossibleNumberWithReason(example) != PhoneNumberUtil.ValidationResult.IS_POSSIBLE)
            {
                continue;
            }

            var expected = _library.Format(example, PhoneNumberFormat.E164);
            Assert.That(PhoneOf(expected, "DE"), Is.EqualTo(expected));
            Assert.That(PhoneOf(_library.Format(example, PhoneNumberFormat.INTERNATIONAL), region), Is.EqualTo(expected));
            Assert.That(PhoneOf(_library.Format(example, PhoneNumberFormat.NATIONAL), region), Is.EqualTo(expected), $"{type}");
        }
    }

    // The library as it is meant to be used. A number that it would read differently the second time is not taken.
    private static string OfLibrary(string number, string country)
    {
        try
        {
            var parsed = _library.Parse(number, country);
            var written = _library.Format(parsed, PhoneNumberFormat.E164);
            var isPossible = _library.IsPossibleNumberWithReason(parsed) == PhoneNumberUtil.ValidationResult.IS_POSSIBLE;
            return isPossible && _library.Format(_library.Parse(written, null), PhoneNumberFormat.E164) == written ? written : "";
        }
        catch (NumberParseException)
        {
            return "";
        }
    }

    private static string PhoneOf(string written, string country)
    {
        var shaped = ShapedRow.Of(row => (row.Phone, row.Country, row.Region) = (Rows.Utf8(written), Rows.Utf8(country), Rows.Utf8("a region")));
        Assert.That(shaped.IsAccepted, shaped.Reasons);
        return shaped.Phone;
    }
}
