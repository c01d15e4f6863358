using FacilityFeed.Domain.Shaping;
using FacilityFeed.Tests.Support;

namespace FacilityFeed.Tests.Shaping;

/// <summary>Whatever a country is called, the feed has its ISO 3166-1 alpha-2 code.</summary>
public sealed class CountryTests
{
    private static IEnumerable<CountryLine> Lines => CountryLine.All;

    [TestCase("us", "US")]
    [TestCase("Usa", "US")]
    [TestCase("U.S.", "US")]
    [TestCase("U.S.A.", "US")]
    [TestCase("U.S", "US")]
    [TestCase("U. S.", "US")]
    [TestCase("U. S. A.", "US")]
    [TestCase("U S A", "US")]
    [TestCase("\"USA\"", "US")]
    [TestCase("the US", "US")]
    [TestCase("US.", "US")]
    [TestCase("\"DE\"", "DE")]
    [TestCase("'DE'", "DE")]
    [TestCase("“DE”", "DE")]
    [TestCase("„DE“", "DE")]
    [TestCase("‘de’", "DE")]
    [TestCase("«DE»", "DE")]
    [TestCase("`DE`", "DE")]
    [TestCase("\" DE \"", "DE")]
    [TestCase("\"DEU\"", "DE")]
    [TestCase("'U.S.'", "US")]
    [TestCase("“Germany”", "DE")]
    [TestCase("\"NA\"", "NA")]
    [TestCase("'NA'", "NA")]
    [TestCase("U.A.E.", "AE")]
    [TestCase("U. A. E.", "AE")]
    [TestCase("uae", "AE")]
    [TestCase("N.Z.", "NZ")]
    [TestCase("P.R.C.", "CN")]
    [TestCase("R.S.A.", "ZA")]
    [TestCase("G.B.", "GB")]
    [TestCase("NA", "NA")]
    [TestCase("na", "NA")]
    [TestCase(" Na ", "NA")]
    [TestCase("NAM", "NA")]
    [TestCase("nam", "NA")]
    [TestCase("Namibia", "NA")]
    [TestCase("N\u200BA", "NA")]
    [TestCase("DE\u200B", "DE")]
    [TestCase("\u00ADDE", "DE")]
    [TestCase("and", "AD")]
    [TestCase("(Germany)", "DE")]
    [TestCase("\"Germany\"", "DE")]
    [TestCase("Germany?", "DE")]
    [TestCase("Bosnia / Herzegovina", "BA")]
    [TestCase("UK/England", "GB")]
    [TestCase("the United States of America", "US")]
    [TestCase("United States", "US")]
    [TestCase("UNITED  STATES", "US")]
    [TestCase("United States (USA)", "US")]
    [TestCase("UK", "GB")]
    [TestCase("U.K.", "GB")]
    [TestCase("Great Britain", "GB")]
    [TestCase("england", "GB")]
    [TestCase("Scotland", "GB")]
    [TestCase("Wales", "GB")]
    [TestCase("Northern Ireland", "GB")]
    [TestCase("United Kingdom of Great Britain & Northern Ireland", "GB")]
    [TestCase("N. Ireland", "GB")]
    [TestCase("Great Britain (UK)", "GB")]
    [TestCase("UK - England", "GB")]
    [TestCase("England, GB", "GB")]
    [TestCase("Ireland (Republic)", "IE")]
    [TestCase("S. Korea", "KR")]
    [TestCase("Korea, Rep.", "KR")]
    [TestCase("Czech Rep.", "CZ")]
    [TestCase("Congo, Dem. Rep.", "CD")]
    [TestCase("Turkey (Türkiye)", "TR")]
    [TestCase("United Arab Emirates (UAE)", "AE")]
    [TestCase("Puerto Rico, USA", "PR")]
    [TestCase("Isle of Man", "IM")]
    [TestCase("Jersey", "JE")]
    [TestCase("Republic of Korea", "KR")]
    [TestCase("South Korea", "KR")]
    [TestCase("Korea, Republic of", "KR")]
    [TestCase("Korea (Republic of)", "KR")]
    [TestCase("Korea, Democratic People's Republic of", "KP")]
    [TestCase("Korea (the Democratic People’s Republic of)", "KP")]
    [TestCase("Viet Nam", "VN")]
    [TestCase("Vietnam", "VN")]
    [TestCase("Czech Republic", "CZ")]
    [TestCase("Czechia", "CZ")]
    [TestCase("Ivory Coast", "CI")]
    [TestCase("Côte d’Ivoire", "CI")]
    [TestCase("COTE D'IVOIRE", "CI")]
    [TestCase("Côte d\u02BCIvoire", "CI")]
    [TestCase("Co\u0302te d'Ivoire", "CI")]
    [TestCase("Holland", "NL")]
    [TestCase("The Netherlands", "NL")]
    [TestCase("Netherlands, The", "NL")]
    [TestCase("Netherlands (Kingdom of the)", "NL")]
    [TestCase("Türkiye", "TR")]
    [TestCase("Turkiye", "TR")]
    [TestCase("Turkey", "TR")]
    [TestCase("Russian Federation", "RU")]
    [TestCase("Burma", "MM")]
    [TestCase("Gambia (the)", "GM")]
    [TestCase("The Bahamas", "BS")]
    [TestCase("Trinidad & Tobago", "TT")]
    [TestCase("St. Lucia", "LC")]
    [TestCase("St. Kitts & Nevis", "KN")]
    [TestCase("Bosnia & Herzegovina", "BA")]
    [TestCase("Congo, Democratic Republic of the", "CD")]
    [TestCase("Congo (the Democratic Republic of the)", "CD")]
    [TestCase("DR Congo", "CD")]
    [TestCase("Congo", "CG")]
    [TestCase("Guinea-Bissau", "GW")]
    [TestCase("Republic of Ireland", "IE")]
    [TestCase("Macau", "MO")]
    [TestCase("Hong Kong SAR", "HK")]
    [TestCase("Taiwan (Province of China)", "TW")]
    [TestCase("Virgin Islands (U.S.)", "VI")]
    [TestCase("Virgin Islands, British", "VG")]
    [TestCase("Puerto Rico", "PR")]
    [TestCase("Guam", "GU")]
    [TestCase("Réunion", "RE")]
    [TestCase("Martinique", "MQ")]
    [TestCase("Curaçao", "CW")]
    [TestCase("Aruba", "AW")]
    [TestCase("Åland Islands", "AX")]
    [TestCase("Thailand", "TH")]
    [TestCase("Deutschland", "DE")]
    [TestCase("España", "ES")]
    public void TryShape_MapsWhatPeopleWrite(string written, string code)
    {
        var shaped = ShapedRow.Of(row => row.Country = Rows.Utf8(written));

        Assert.That((shaped.Country, shaped.Reasons), Is.EqualTo((code, "")));
    }

    [TestCase("N/A")]
    [TestCase("n.a.")]
    [TestCase("#N/A")]
    [TestCase("(n/a)")]
    [TestCase("S.A.")]
    [TestCase("L.A.")]
    [TestCase("N.A.")]
    [TestCase("N.A")]
    [TestCase("NA.")]
    [TestCase("n a")]
    [TestCase("N A")]
    [TestCase("N / A")]
    [TestCase("n\\a")]
    [TestCase("N-A")]
    [TestCase("N_A")]
    [TestCase("-NA-")]
    [TestCase("#NA")]
    [TestCase("<NA>")]
    [TestCase("(NA)")]
    [TestCase("[na]")]
    [TestCase("\"N/A\"")]
    [TestCase("'n.a.'")]
    [TestCase("\"\"")]
    [TestCase("\"DE")]
    [TestCase("DE'")]
    [TestCase("\"DE'")]
    [TestCase("\"\"DE\"\"")]
    [TestCase("NA?")]
    [TestCase("the NA")]
    [TestCase("Ñ/Á")]
    [TestCase("N&A")]
    [TestCase("I.T.")]
    [TestCase("C.A.")]
    [TestCase("D.C.")]
    [TestCase("S/A")]
    [TestCase("c/o")]
    [TestCase("N°")]
    [TestCase("No.")]
    [TestCase("no!")]
    [TestCase("M/S")]
    [TestCase("P.O.")]
    [TestCase("T.B.D.")]
    [TestCase("TBD")]
    [TestCase("TBC")]
    [TestCase("A.N.D.")]
    [TestCase("C.A.N.")]
    [TestCase("I.N.D.")]
    [TestCase("P.E.R.")]
    [TestCase("per.")]
    [TestCase("com/")]
    [TestCase("N.A.M.")]
    [TestCase("N.U.L.L.")]
    [TestCase("U/K")]
    [TestCase("u/k")]
    [TestCase("U/S")]
    [TestCase("UNK")]
    [TestCase("US/CA")]
    [TestCase("U.S.1")]
    [TestCase("(DE)")]
    [TestCase("[DE]")]
    [TestCase("DE,")]
    [TestCase("Can.")]
    [TestCase("(US)")]
    [TestCase("US,")]
    [TestCase("U?S")]
    [TestCase("U+K")]
    [TestCase("U|K")]
    [TestCase("UK?")]
    [TestCase("(UK)")]
    [TestCase("[USA]")]
    [TestCase("USA,")]
    [TestCase("(U.S.)")]
    [TestCase("U-K")]
    [TestCase("U_S")]
    [TestCase("USA!")]
    [TestCase("U·K")]
    [TestCase("U&K")]
    [TestCase("Ü.K.")]
    [TestCase("D.E.")]
    [TestCase("DE.")]
    [TestCase("null")]
    [TestCase("NULL")]
    [TestCase("(null)")]
    [TestCase("none")]
    [TestCase("nil")]
    [TestCase("NaN")]
    [TestCase("nan")]
    [TestCase("undefined")]
    [TestCase("unknown")]
    [TestCase("not applicable")]
    [TestCase("#REF!")]
    [TestCase(".")]
    [TestCase("--")]
    [TestCase("?")]
    [TestCase("Atlantis")]
    [TestCase("XX")]
    [TestCase("ZZZ")]
    [TestCase("Earth")]
    [TestCase("-")]
    [TestCase("U2")]
    [TestCase("United States 1")]
    [TestCase("Virgin Islands")]
    [TestCase("Kosovo")]
    [TestCase("XK")]
    [TestCase("日本")]
    [TestCase("the")]
    [TestCase("thethethethethethethethethethethethethethethethethethethethethethethe")]
    [TestCase("a name that is so very long that it cannot be the name of any country there is")]
    public void TryShape_Rejects_WhatIsNoCountry(string written)
    {
        var shaped = ShapedRow.Of(row => row.Country = Rows.Utf8(written));

        Assert.That((shaped.IsAccepted, shaped.Reasons), Is.EqualTo((false, "country_unknown")));
    }

    [TestCase("")]
    [TestCase(" ")]
    public void TryShape_Rejects_ARowWithoutCountry(string written)
    {
        var shaped = ShapedRow.Of(row => row.Country = Rows.Utf8(written));

        Assert.That((shaped.IsAccepted, shaped.Reasons), Is.EqualTo((false, "country_missing")));
    }

    [Test]
    public void TryShape_DoesNotMistakeACountryForTheOneBefore()
    {
        var shaper = new FacilityShaper(Validation.Strict);
        string[] written = ["Germany", "Austria", "Austria", "nowhere", "nowhere", "Germany", "AT", new string('x', 80), "Germany"];

        var codes = written.Select(country =>
        {
            var row = Rows.Full(1);
            row.Country = Rows.Utf8(country);
            return shaper.TryShape(row, new ShapingTally()) ? ShapedRow.Text(row.Country) : "";
        });

        Assert.That(codes, Is.EqualTo(new[] { "DE", "AT", "AT", "", "", "DE", "AT", "", "DE" }));
    }

    [TestCaseSource(nameof(Lines))]
    public void TryShape_MapsEveryNameOfTheTable(CountryLine line)
    {
        foreach (var written in line.Names)
        {
            foreach (var variant in (string[])[written, written.ToUpperInvariant(), written.ToLowerInvariant(), $"The {written}", $" {written}.", $"\"{written}\""])
            {
                Assert.That(CountryOf(variant), Is.EqualTo(line.Alpha2), variant);
            }

            foreach (var variant in (string[])[$"({written})", $"{written}, the", $"{written}?"])
            {
                Assert.That(CountryOf(variant), Is.EqualTo(written.Count(char.IsLetter) > 3 ? line.Alpha2 : ""), variant);
            }
        }
    }

    [TestCaseSource(nameof(Lines))]
    public void TryShape_MapsEveryCodeOfTheTable_OnlyAsItIsWritten(CountryLine line)
    {
        // US, for instance, is a name too, by "U.S.".
        var names = CountryLine.All.SelectMany(other => other.Names).Select(name => new string([.. name.Where(char.IsAsciiLetter)]).ToUpperInvariant()).ToHashSet();
        foreach (var code in (string[])[line.Alpha2, line.Alpha3])
        {
            foreach (var written in (string[])[code, code.ToLowerInvariant(), $" {code} ", $"\t{code}\n"])
            {
                Assert.That(CountryOf(written), Is.EqualTo(line.Alpha2), written);
            }

            foreach (var written in (string[])[string.Join('.', code.AsEnumerable()), string.Join(". ", code.AsEnumerable()), $"({code})", $"{code}.", $"{code},", $"the {code}", $"{code}1"])
            {
                Assert.That(CountryOf(written), Is.EqualTo(names.Contains(code) && !written.AsSpan().ContainsAny("(,1") ? line.Alpha2 : ""), written);
            }

            Assert.That(CountryOf(string.Join('/', code.AsEnumerable())), Is.Empty);
        }
    }

    private static string CountryOf(string written)
    {
        var row = Rows.Full(1);
        (row.Country, row.Region) = (Rows.Utf8(written), Rows.Utf8("a region"));
        return new FacilityShaper(Validation.Strict).TryShape(row, new ShapingTally()) ? ShapedRow.Text(row.Country) : "";
    }
}
