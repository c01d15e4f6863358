using FacilityFeed.Domain.Shaping;
using FacilityFeed.Tests.Support;

namespace FacilityFeed.Tests.Shaping;

public sealed class PostalCodeTests
{
    [TestCase("US", "98101")]
    [TestCase("US", "02139")]
    [TestCase("US", "98101-1234")]
    [TestCase("US", "98 101")]
    [TestCase("US", "98101 - 1234")]
    [TestCase("PR", "00901-1234")]
    [TestCase("GB", "SW1A 1AA")]
    [TestCase("GB", "sw1a1aa")]
    [TestCase("GB", "SW1A  1AA")]
    [TestCase("CA", "K1A0B1")]
    [TestCase("CA", "k1a 0b1")]
    [TestCase("IE", "D02 X285")]
    [TestCase("NL", "1011ab")]
    [TestCase("PL", "00-950")]
    [TestCase("BR", "40301-110")]
    [TestCase("BR", "40301110")]
    [TestCase("KR", "03187")]
    [TestCase("IN", "110 001")]
    [TestCase("FR", "75\u00A0008")]
    [TestCase("BH", "317")]
    [TestCase("MU", "742CU001")]
    [TestCase("VN", "70000")]
    [TestCase("IE", "D02X285")]
    [TestCase("IE", "d6w xy00")]
    [TestCase("IE", "A65 F4E2")]
    [TestCase("IE", "V94 T9PX")]
    [TestCase("BM", "HM GX")]
    [TestCase("BM", "FL 07")]
    [TestCase("BM", "DV BX")]
    [TestCase("BM", "hm12")]
    [TestCase("BN", "BS8811")]
    [TestCase("AR", "C1425ABC")]
    [TestCase("AR", "1425")]
    [TestCase("AR", "B1636")]
    [TestCase("MT", "VLT 1117")]
    [TestCase("US", "12345")]
    [TestCase("US", "99999")]
    [TestCase("IS", "101")]
    public void TryShape_LeavesACode_WhenItMatchesItsCountrysPattern(string country, string code) => Expect(country, "", code, code, "");

    [TestCase("DE", "D-10115")]
    [TestCase("DE", "DE-10115")]
    [TestCase("DE", "D 10115")]
    [TestCase("AT", "A-1010")]
    [TestCase("CH", "CH-8001")]
    [TestCase("FR", "F-75001")]
    [TestCase("LU", "L-1234")]
    [TestCase("LV", "LV-1010")]
    [TestCase("AD", "AD500")]
    [TestCase("SE", "SE-111 22")]
    [TestCase("FI", "FIN-00100")]
    [TestCase("LI", "FL-9490")]
    [TestCase("SI", "SI-1000")]
    [TestCase("MD", "MD-2012")]
    [TestCase("AZ", "AZ1000")]
    [TestCase("HT", "HT6110")]
    [TestCase("JP", "〒100-0001")]
    public void TryShape_LeavesACode_WhenItsCountrysSignIsBeforeIt(string country, string code) => Expect(country, "", code, code, "");

    [TestCase("US", "ABCDE")]
    [TestCase("US", "SW1A 1AA")]
    [TestCase("GB", "12345")]
    [TestCase("GB", "98101.0")]
    [TestCase("CA", "12345")]
    [TestCase("DE", "1067")]
    [TestCase("DE", "1067.0")]
    [TestCase("DE", "F-75001")]
    [TestCase("DE", "1067.00")]
    [TestCase("DE", "1067.000")]
    [TestCase("IE", "Dublin 2")]
    [TestCase("IE", "Dublin 8")]
    [TestCase("IE", "Galway1")]
    [TestCase("IE", "KILDARE")]
    [TestCase("IE", "Wexford")]
    [TestCase("IE", "Belfast")]
    [TestCase("IE", "Co. Cork")]
    [TestCase("IE", "D2")]
    [TestCase("IE", "B12 1234")]
    [TestCase("BM", "Bath")]
    [TestCase("BM", "FLAT")]
    [TestCase("BM", "none")]
    [TestCase("BM", "City")]
    [TestCase("BM", "Main")]
    [TestCase("BN", "No 1234")]
    [TestCase("AR", "1234 Sur")]
    [TestCase("MT", "Box 12")]
    [TestCase("US", "00000")]
    [TestCase("US", "00000-0000")]
    [TestCase("US", "00000.0")]
    [TestCase("DE", "00000")]
    [TestCase("DE", "00 000")]
    [TestCase("AT", "0000")]
    [TestCase("PT", "0000-000")]
    [TestCase("BR", "00000000")]
    [TestCase("DE", "501150")]
    [TestCase("DE", "+49 30 1234567")]
    [TestCase("AU", "800")]
    [TestCase("PL", "00950")]
    [TestCase("LV", "1010")]
    [TestCase("KR", "110-110")]
    [TestCase("JP", "１００-０００１")]
    [TestCase("DE", "５０６６７")]
    [TestCase("FR", "75008 Paris")]
    [TestCase("PR", "98101")]
    [TestCase("DE", "a code that is much longer than any code of any country")]
    public void TryShape_WarnsOfACode_AndLeavesIt_WhenItDoesNotMatch(string country, string code) => Expect(country, "", code, code, "postal_code_unexpected");

    [TestCase("Massachusetts", "2139", "02139")]
    [TestCase("MA", "2139", "02139")]
    [TestCase("MA", "2139.0", "02139")]
    [TestCase("MA", "2139-4307", "02139-4307")]
    [TestCase("MA.", "2139", "02139")]
    [TestCase("Mass.", "2139", "02139")]
    [TestCase("US-MA", "2139", "02139")]
    [TestCase("USA - MA", "2139", "02139")]
    [TestCase("Boston, MA", "2139", "02139")]
    [TestCase("Boston MA", "2139", "02139")]
    [TestCase("Massachusetts, USA", "2139", "02139")]
    [TestCase("Massachusetts, United States", "2139", "02139")]
    [TestCase("Massachusetts (MA)", "2139", "02139")]
    [TestCase("M.A.", "2139", "02139")]
    [TestCase("massachusetts", "2139", "02139")]
    [TestCase("State of Maine", "4101", "04101")]
    [TestCase("CT", "6520", "06520")]
    [TestCase("N.H.", "3301", "03301")]
    [TestCase("New Hampshire", "3301", "03301")]
    [TestCase("NJ", "7307.0", "07307")]
    [TestCase("R.I.", "2903", "02903")]
    [TestCase("Vt.", "5401", "05401")]
    [TestCase("NY", "6390", "06390")]
    [TestCase("NY", "501", "00501")]
    [TestCase("New York", "544", "00544")]
    [TestCase("PR", "681", "00681")]
    [TestCase("Puerto Rico", "901.0", "00901")]
    [TestCase("P.R.", "901", "00901")]
    [TestCase("U.S. Virgin Islands", "802", "00802")]
    [TestCase("AE", "9021", "09021")]
    public void TryShape_PutsTheZerosBack_ThatAZipCodeLost(string region, string code, string mended) => Expect("US", region, code, mended, "postal_code_mended");

    [TestCase("TX.", "7874")]
    [TestCase("TX - Texas", "7874")]
    [TestCase("Tulsa, OK", "7401")]
    [TestCase("California, USA", "9021")]
    [TestCase("Calif.", "9021")]
    [TestCase("Ca.", "9021")]
    [TestCase("US-TX", "7874")]
    [TestCase("Texas (TX)", "7874")]
    [TestCase("D.C.", "2000")]
    [TestCase("Washington, D.C.", "2000")]
    [TestCase("Washington State", "9813")]
    [TestCase("", "2139")]
    [TestCase("", "544")]
    [TestCase("", "2139.0")]
    [TestCase("", "2139-4307")]
    [TestCase("NJ", "2139")]
    [TestCase("PR", "2139")]
    [TestCase("NY", "1234")]
    [TestCase("Maine, Mexico", "4101")]
    [TestCase("TX/MA", "2139")]
    [TestCase("Casa Ma", "2139")]
    [TestCase("MA", "0213")]
    [TestCase("VT", "5501")]
    [TestCase("Texas", "7874")]
    [TestCase("WA", "9810")]
    [TestCase("texas", "7874.0")]
    [TestCase("WA", "501")]
    [TestCase("Massachusetts", "617")]
    [TestCase("", "213")]
    [TestCase("", "21")]
    [TestCase("", "0213")]
    [TestCase("", "0")]
    [TestCase("", "-1")]
    [TestCase("", "20240101")]
    [TestCase("", "5551234")]
    [TestCase("", "98101-12")]
    [TestCase("Michigan", "48895-97ND")]
    [TestCase("", "-2139")]
    public void TryShape_PutsNoZerosBefore_WhatMayHaveLostAnotherDigit(string region, string code) => Expect("US", region, code, code, "postal_code_unexpected");

    [TestCase("US", "98101.0", "98101")]
    [TestCase("US", "98101.00", "98101")]
    [TestCase("US", "98101 1234", "98101-1234")]
    [TestCase("PR", "00901 1234", "00901-1234")]
    [TestCase("US", "13164-", "13164")]
    [TestCase("US", "-97202", "97202")]
    [TestCase("US", "981011234", "98101-1234")]
    [TestCase("US", "981011234.0", "98101-1234")]
    [TestCase("US", "98101\u20131234", "98101-1234")]
    [TestCase("US", "'02139", "02139")]
    [TestCase("DE", "50667.0", "50667")]
    [TestCase("AT", "1010.0", "1010")]
    [TestCase("JP", "1000001.0", "1000001")]
    [TestCase("PR", "901", "00901")]
    [TestCase("VI", "802.0", "00802")]
    [TestCase("GU", "96910-", "96910")]
    public void TryShape_UndoesWhatASpreadsheetDid(string country, string code, string mended) => Expect(country, "", code, mended, "postal_code_mended");

    [TestCase("AE", "00000")]
    [TestCase("HK", "999077")]
    [TestCase("TT", "any")]
    public void TryShape_SaysNothing_WhereThereIsNoPattern(string country, string code) => Expect(country, "", code, code, "");

    [Test]
    public void TryShape_ShowsTheCodeAsItCame()
    {
        var shaped = ShapedRow.Of(row => row.PostalCode = Rows.Utf8("50667.0"));

        Assert.That(shaped.Tally.Noted, Is.EqualTo(new[] { new NotedRecord(false, 7, "postal_code", "postal_code_mended", "50667.0") }));
    }

    [Test]
    public void TryShape_TakesNoWord_ForACode() => Assert.Multiple(() =>
    {
        foreach (var line in CountryLine.All.Where(line => line.PostalCodes.Length > 0))
        {
            foreach (var word in (string[])["none", "City", "Dublin", "Galway1", "Paget", "Wexford", "Box 123", "Flat 2", "No 12", "Main Street", "000", "0000", "00000", "000000", "0000000"])
            {
                Assert.That(Shaped(line.Alpha2, "", word).Reasons, Is.EqualTo("postal_code_unexpected"), $"{line.Alpha2} {word}");
            }
        }
    });

    [Test]
    public void Table_HasAPattern_WhereACountryHasPostalCodes()
    {
        // Two of which the source has none.
        var without = from line in CountryLine.All where (line.HasPostalCodes == "yes") != (line.PostalCodes.Length > 0) select line.Alpha2;

        Assert.That(without, Is.EqualTo(new[] { "KP", "TT" }));
    }

    [Test]
    public void TryShape_WarnsOfAnything_InEveryCountryWithAPattern() => Assert.Multiple(() =>
    {
        foreach (var line in CountryLine.All)
        {
            var shaped = Shaped(line.Alpha2, "", "x");

            Assert.That(shaped.Reasons, Is.EqualTo(line.PostalCodes.Length > 0 ? "postal_code_unexpected" : ""), line.Alpha2);
        }
    });

    private static void Expect(string country, string region, string written, string code, string reason)
    {
        var shaped = Shaped(country, region, written);

        Assert.That((shaped.IsAccepted, shaped.PostalCode, shaped.Reasons), Is.EqualTo((true, code, reason)));
    }

    // A region that is no state's, where none is named.
    private static ShapedRow Shaped(string country, string region, string code) => ShapedRow.Of(row =>
        (row.Country, row.Region, row.PostalCode, row.Phone) = (Rows.Utf8(country), region.Length == 0 ? row.Region : Rows.Utf8(region), Rows.Utf8(code), default));
}
