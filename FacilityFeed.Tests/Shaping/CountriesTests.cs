using FacilityFeed.Domain.Shaping;

namespace FacilityFeed.Tests.Shaping;

/// <summary>The table of countries is whole, and says of each what it should.</summary>
public sealed class CountriesTests
{
    // ISO 3166-1: all officially assigned alpha-2 codes.
    private const string Iso =
        "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ "
        + "DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP "
        + "KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM "
        + "PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ "
        + "UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW";

    [Test]
    public void Table_HasEveryCodeOnce()
    {
        Assert.That(Iso.Split(' '), Has.Length.EqualTo(249));
        Assert.That(CountryLine.All.Select(line => line.Alpha2), Is.EqualTo(Iso.Split(' ')), "in this order");
        Assert.That(CountryLine.All.Select(line => line.Alpha3), Is.Unique.And.All.Matches("^[A-Z]{3}$"));
        Assert.That(CountryLine.All.Select(line => line.HasPostalCodes).Concat(CountryLine.All.Select(line => line.NeedsRegion)), Is.All.EqualTo("yes").Or.EqualTo("no"));
    }

    [Test]
    public void Table_GivesNoNameToTwoCountries()
    {
        var shared = from line in CountryLine.All
                     from written in (string[])[line.Alpha2, line.Alpha3, .. line.Names]
                     group line.Alpha2 by new string([.. written.ToUpperInvariant().Where(char.IsLetter)]) into known
                     where known.Distinct().Count() > 1
                     select known.Key;

        Assert.That(shared, Is.Empty);
    }

    [Test]
    public void IsCode_KnowsTheCodes_AndNothingElse()
    {
        var letters = Enumerable.Range('A', 26).Select(letter => (char)letter).ToList();
        var codes = from first in letters from second in letters let code = $"{first}{second}" where Countries.IsCode(code) select code;

        Assert.That(codes, Is.EqualTo(Iso.Split(' ')));
        Assert.That(new[] { "us", "U", "", "USA", "U1", "ÄÖ", "U " }.Any(code => Countries.IsCode(code)), Is.False);
    }

    [TestCase("US", true, true)]
    [TestCase("CA", true, true)]
    [TestCase("AU", true, true)]
    [TestCase("JP", true, true)]
    [TestCase("GB", true, false)]
    [TestCase("DE", true, false)]
    [TestCase("FR", true, false)]
    [TestCase("IE", true, false)]
    [TestCase("SG", true, false)]
    [TestCase("AE", false, false)]
    [TestCase("HK", false, true)]
    [TestCase("QA", false, false)]
    [TestCase("XX", false, false)]
    public void Countries_SayWhatAnAddressNeeds(string code, bool hasPostalCodes, bool needsRegion)
    {
        Assert.That((Countries.HasPostalCodes(code), Countries.NeedsRegion(code)), Is.EqualTo((hasPostalCodes, needsRegion)));
    }
}
