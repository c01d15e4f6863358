using System.Text.RegularExpressions;
using FacilityFeed.Domain.Shaping.Patterns;
using PhoneNumbers;

namespace FacilityFeed.Tests.Shaping.Patterns;

/// <summary>Every pattern of telephone numbers and of postal codes that is used, compared with what .NET's regular expressions say.</summary>
public sealed class ShippedPatternTests
{
    private const int Texts = 200;

    private static readonly PhoneNumberUtil _library = PhoneNumberUtil.GetInstance();

    private static IEnumerable<string> Regions => _library.GetSupportedRegions().Order(StringComparer.Ordinal);

    private static IEnumerable<PhoneMetadata> Numberings => Regions.Select(region => _library.GetMetadataForRegion(region))
        .Concat(_library.GetSupportedGlobalNetworkCallingCodes().Order().Select(code => _library.GetMetadataForNonGeographicalRegion(code)));

    [Test]
    public void TelephoneNumbersMatchAsInTheLibrary()
    {
        var compared = 0;
        foreach (var numbering in Numberings)
        {
            PhoneNumberDesc?[] types =
            [
                numbering.GeneralDesc, numbering.FixedLine, numbering.Mobile, numbering.TollFree, numbering.PremiumRate, numbering.SharedCost,
                numbering.Voip, numbering.PersonalNumber, numbering.Uan, numbering.Voicemail,
            ];
            foreach (var type in types.Where(type => type is { NationalNumberPattern.Length: > 0 }))
            {
                Compare(type!.NationalNumberPattern, [type.ExampleNumber], "0123456789");
                compared++;
            }

            if (numbering.HasLeadingDigits)
            {
                Compare(numbering.LeadingDigits, [], "0123456789");
            }
        }

        Assert.That(compared, Is.GreaterThan(1000));
    }

    [Test]
    public void PostalCodesMatchAsTheirPatternsSay()
    {
        var patterns = CountryLine.All.Select(line => line.PostalCodes).Where(pattern => pattern.Length > 0).ToList();

        foreach (var pattern in patterns)
        {
            Compare(pattern, ["12345", "12345-6789", "SW1A 1AA", "D02 X285", "K1A 0B1", "106-0045", "C1425CLA", "00-950", "BX 1234", "GIR 0AA"], "0123456789ABCDKWX -");
        }

        Assert.That(patterns, Has.Count.GreaterThan(150));
    }

    // Texts that begin to match are found from matching ones, a character at a time exchanged: at random hardly any would.
    private static void Compare(string pattern, IEnumerable<string?> seeds, string characters)
    {
        var random = new Random(pattern.Length);
        var ours = new CodePattern(pattern);
        var regex = new Regex($@"\A(?:{pattern})\z", RegexOptions.ECMAScript);
        var matching = seeds.Where(seed => !string.IsNullOrEmpty(seed)).Select(seed => seed!).Append("1").ToList();
        for (var count = 0; count < Texts; count++)
        {
            var text = Changed(matching[random.Next(matching.Count)], characters, random);
            var isMatch = regex.IsMatch(text);
            Assert.That(ours.IsMatch(text), Is.EqualTo(isMatch), $"'{text}' and {pattern}");
            if (isMatch)
            {
                matching.Add(text);
            }
        }
    }

    private static string Changed(string text, string characters, Random random)
    {
        var at = random.Next(text.Length);
        var one = characters[random.Next(characters.Length)].ToString();
        return random.Next(8) switch
        {
            0 => text[..at] + text[(at + 1)..] + (text.Length == 1 ? one : ""),
            1 => text[..at] + one + text[at..],
            _ => text[..at] + one + text[(at + 1)..],
        };
    }
}
