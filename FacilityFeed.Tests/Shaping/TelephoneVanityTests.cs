namespace FacilityFeed.Tests.Shaping;

/// <summary>Letters as digits of the keypad.</summary>
public sealed class TelephoneVanityTests
{
    [TestCase("1-800-HOLIDAY", "US", "+18004654329")]
    [TestCase("1-800-flowers", "US", "+18003569377")]
    [TestCase("1-800-FLOWERS", "US", "+18003569377")]
    [TestCase("1 800 GO FEDEX", "US", "+18004633339")]
    [TestCase("(800) FLOWERS", "US", "+18003569377")]
    [TestCase("800.FLOWERS", "US", "+18003569377")]
    [TestCase("800 FLOWERS", "US", "+18003569377")]
    [TestCase("1-800 Flowers", "US", "+18003569377")]
    [TestCase("212-PEN-5000", "US", "+12127365000")]
    [TestCase("800-ABC-1234", "US", "+18002221234")]
    [TestCase("1-800-DOG-1234", "US", "+18003641234")]
    [TestCase("310-ABC-1234", "US", "+13102221234")]
    [TestCase("212-Eva-5000", "US", "+12123825000")]
    [TestCase("1-888-CONTACTS", "US", "+18882668228")]
    [TestCase("1-800-MATTRESS", "US", "+18006288737")]
    public void TryShape_ReadsLetters_ThatCompleteANumber(string written, string country, string expected) => ShapedRow.ExpectPhone(written, country, expected, "");

    [TestCase("833 unknown", "US")]
    [TestCase("888 HOLIDAY", "US")]
    [TestCase("855 Sundays", "US")]
    [TestCase("800 Phone no", "US")]
    [TestCase("212-Mon-Frid", "US")]
    [TestCase("833 visitor", "US")]
    [TestCase("212 Eva 5000", "US")]
    [TestCase("212-tel-5000", "US")]
    [TestCase("1-800-unavailable", "US")]
    public void TryShape_LeavesWordsOut(string written, string country) => ShapedRow.ExpectPhone(written, country, "", "telephone_unusable");
}
