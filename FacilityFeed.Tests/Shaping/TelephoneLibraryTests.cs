using System.Globalization;
using CsCheck;
using FacilityFeed.Domain.Shaping;
using FacilityFeed.Tests.Support;
using PhoneNumbers;

namespace FacilityFeed.Tests.Shaping;

/// <summary>What the telephone library says of numbers goes, also where it is not asked.</summary>
public sealed class TelephoneLibraryTests
{
    private static readonly PhoneNumberUtil _library = PhoneNumberUtil.GetInstance();

    private static readonly PhoneNumberType[] _types = Enum.GetValues<PhoneNumberType>();

    private static readonly Gen<string> _digits = Gen.Int[1, 17].SelectMany(length => Gen.Char['0', '9'].Array[length]).Select(digits => new string(digits));

    /// <summary>Digits of the postal codes that a number of the calling code must exceed.</summary>
    private static readonly Dictionary<int, int> _postalCodes = new() { [43] = 4, [49] = 5, [82] = 5, [352] = 4, [358] = 5 };

    private readonly FacilityShaper _shaper = new(Validation.Strict);

    private static IEnumerable<string> Regions => _library.GetSupportedRegions().Where(region => Countries.IsCode(region)).Order(StringComparer.Ordinal);

    private static IEnumerable<int> CallingCodes => _library.GetSupportedCallingCodes().Order();

    [TestCaseSource(nameof(CallingCodes))]
    public void TryShape_AgreesWithTheLibrary_OfNumbersThatAreNearlyExamples(int callingCode)
    {
        var examples = ExamplesOf(callingCode).ToList();
        var random = new Random(callingCode);
        foreach (var national in examples.Concat(Enumerable.Range(0, 3_000).Select(_ => Changed(examples[random.Next(examples.Count)], random))))
        {
            AssertAgrees(callingCode, national);
        }
    }

    [TestCaseSource(nameof(CallingCodes))]
    public void TryShape_AgreesWithTheLibrary_OfAnyDigits(int callingCode) =>
        _digits.Sample(national => AssertAgrees(callingCode, national), iter: 1_000, threads: 1);

    [TestCaseSource(nameof(Regions))]
    public void TryShape_ReadsTheExamplesOfEachCountry_InEveryFormat(string region)
    {
        foreach (var type in _types)
        {
            // Some have no number of a type, or one that can be called only inside the country; a pager's is none.
            if (type == PhoneNumberType.PAGER || _library.GetExampleNumberForType(region, type) is not { } example
                || _library.IsPossibleNumberWithReason(example) != PhoneNumberUtil.ValidationResult.IS_POSSIBLE)
            {
                continue;
            }

            var expected = _library.Format(example, PhoneNumberFormat.E164);
            Assert.Multiple(() =>
            {
                foreach (var format in Enum.GetValues<PhoneNumberFormat>())
                {
                    var written = _library.Format(example, format);
                    Assert.That(PhoneOf(written, region), Is.EqualTo(expected), $"{type} {written}");
                    Assert.That(format == PhoneNumberFormat.NATIONAL ? expected : PhoneOf(written, "AQ"), Is.EqualTo(expected), $"{type} {written} in another country");
                }
            });
        }
    }

    [Test]
    public void TryShape_LeavesBareDigitsOut_ThatAreValidWithAndWithoutTheCallingCode()
    {
        var ambiguous = 0;
        foreach (var region in Regions)
        {
            var code = _library.GetCountryCodeForRegion(region);
            var random = new Random(code);
            foreach (var example in ExamplesOf(code).SelectMany(example => Enumerable.Repeat(example, 20)))
            {
                var national = Changed(example, random);
                var written = $"{code}{national}";
                if (IsValid(code, written) && IsValid(code, national))
                {
                    ambiguous++;
                    Assert.That(PhoneOf(written, region), Is.Empty, $"{region} {written}");
                }
            }
        }

        Assert.That(ambiguous, Is.GreaterThan(50));
    }

    [Test]
    public void TheLibrary_HasPatternsForEachRegion()
    {
        var metadata = _library.GetSupportedRegions().Select(_library.GetMetadataForRegion)
            .Concat(_library.GetSupportedGlobalNetworkCallingCodes().Select(_library.GetMetadataForNonGeographicalRegion));

        Assert.That(metadata.Where(region => !region.GeneralDesc.HasNationalNumberPattern).Select(region => region.Id), Is.Empty);
    }

    private void AssertAgrees(int callingCode, string national)
    {
        var written = $"+{callingCode}{national}";
        var number = Number(callingCode, national);
        var isShort = national.Length <= _postalCodes.GetValueOrDefault(callingCode)
            || _library.IsPossibleNumberWithReason(number) != PhoneNumberUtil.ValidationResult.IS_POSSIBLE;
        var isTaken = PhoneOf(written, "DE") == written;
        if (!_library.IsValidNumber(number) || isShort)
        {
            Assert.That(isTaken, Is.False, written);
        }
        else if (_library.GetNumberType(number) != PhoneNumberType.PAGER)
        {
            Assert.That(isTaken, written);
        }
    }

    private static IEnumerable<string> ExamplesOf(int callingCode)
    {
        var regions = _library.GetRegionCodesForCountryCode(callingCode);
        var examples = regions.SelectMany(region => _types.Select(type => _library.GetExampleNumberForType(region, type)))
            .Append(_library.GetExampleNumberForNonGeoEntity(callingCode));
        return examples.Where(example => example is not null).Select(_library.GetNationalSignificantNumber).Distinct();
    }

    /// <summary>With some digits changed, or one more or less.</summary>
    private static string Changed(string digits, Random random)
    {
        var changed = digits.ToCharArray();
        for (var times = random.Next(1, 5); times > 0; times--)
        {
            changed[random.Next(changed.Length)] = (char)('0' + random.Next(10));
        }

        return random.Next(6) switch
        {
            0 => $"{new string(changed)}{random.Next(10)}",
            1 when changed.Length > 2 => new string(changed, 1, changed.Length - 1),
            _ => new string(changed),
        };
    }

    private static bool IsValid(int callingCode, string national) =>
        _library.GetNumberType(Number(callingCode, national)) is not (PhoneNumberType.UNKNOWN or PhoneNumberType.PAGER);

    private static PhoneNumber Number(int callingCode, string national)
    {
        var zeros = national.TakeWhile(digit => digit == '0').Count();
        zeros = Math.Min(zeros, national.Length - 1);
        var number = PhoneNumber.CreateBuilder().SetCountryCode(callingCode).SetNationalNumber(ulong.Parse(national, CultureInfo.InvariantCulture));
        return (zeros == 0 ? number : number.SetNumberOfLeadingZeros(zeros)).Build();
    }

    private string PhoneOf(string written, string country)
    {
        var row = Rows.Full(7);
        (row.Phone, row.Country, row.Region) = (Rows.Utf8(written), Rows.Utf8(country), Rows.Utf8("a region"));
        Assert.That(_shaper.TryShape(row, new ShapingTally()));
        return ShapedRow.Text(row.Phone);
    }
}
