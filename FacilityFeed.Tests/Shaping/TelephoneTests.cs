namespace FacilityFeed.Tests.Shaping;

public sealed class TelephoneTests
{
    [TestCase("+15127359343", "US")]
    [TestCase("+493012345678", "US")]
    [TestCase("+390612345678", "DE")]
    [TestCase("+442079460958", "GB")]
    [TestCase("+5511912345678", "BR")]
    [TestCase("+80012345678", "DE")]
    [TestCase("+78005553535", "RU")]
    public void TryShape_LeavesANumberAsItIs_WhenItIsPlusAndDigits(string written, string country) => ShapedRow.ExpectPhone(written, country, written, "");

    [TestCase("+1 (512) 735-9343", "US", "+15127359343")]
    [TestCase("+1 (512) 735-9343", "DE", "+15127359343")]
    [TestCase("+44 (0)20 7946 0958", "GB", "+442079460958")]
    [TestCase("+4402079460958", "GB", "+442079460958")]
    [TestCase("+49 (0) 30 12345678", "DE", "+493012345678")]
    [TestCase("+4903012345678", "DE", "+493012345678")]
    [TestCase("0049 30 12345678", "DE", "+493012345678")]
    [TestCase("0049 30 12345678", "FR", "+493012345678")]
    [TestCase("011 44 20 7946 0958", "US", "+442079460958")]
    [TestCase("tel:+1-512-735-9343", "US", "+15127359343")]
    [TestCase("+54111523456789", "AR", "+5491123456789")]
    [TestCase("＋１ ５１２ ７３５ ９３４３", "US", "+15127359343")]
    [TestCase(" +15127359343 ", "US", "+15127359343")]
    [TestCase("+39 06 1234 5678", "IT", "+390612345678")]
    [TestCase("\u202A+1 512-735-9343\u202C", "US", "+15127359343")]
    public void TryShape_ReadsANumber_ThatSaysItsCountry(string written, string country, string expected) => ShapedRow.ExpectPhone(written, country, expected, "");

    [TestCase("5127359343", "US", "+15127359343")]
    [TestCase("(512) 735-9343", "US", "+15127359343")]
    [TestCase("512.735.9343", "United States", "+15127359343")]
    [TestCase("1-512-735-9343", "US", "+15127359343")]
    [TestCase("15127359343", "US", "+15127359343")]
    [TestCase("1-800-FLOWERS", "US", "+18003569377")]
    [TestCase("4165550123", "US", "+14165550123")]
    [TestCase("5127359343", "CA", "+15127359343")]
    [TestCase("020 7946 0958", "GB", "+442079460958")]
    [TestCase("01481 960194", "GG", "+441481960194")]
    [TestCase("030/12345678", "DE", "+493012345678")]
    [TestCase("06 1234 5678", "IT", "+390612345678")]
    [TestCase("01 42 68 53 00", "FR", "+33142685300")]
    [TestCase("8 (495) 123-45-67", "RU", "+74951234567")]
    [TestCase("011 15-2345-6789", "AR", "+5491123456789")]
    [TestCase("03-1234-5678", "JP", "+81312345678")]
    public void TryShape_ReadsANumber_OfTheRecordsCountry(string written, string country, string expected) => ShapedRow.ExpectPhone(written, country, expected, "");

    [TestCase("n/a", "US")]
    [TestCase("-", "US")]
    [TestCase("tbd", "US")]
    [TestCase("+", "US")]
    [TestCase("( ) -", "US")]
    [TestCase(" null ", "US")]
    [TestCase("(none)", "DE")]
    [TestCase("#VALUE!", "DE")]
    [TestCase("n&#47;a&#0;", "DE", "telephone_placeholder telephone_entities_decoded")]
    public void TryShape_LeavesANumberOut_WhenItIsAPlaceholder(string written, string country, string reasons = "telephone_placeholder") => ShapedRow.ExpectPhone(written, country, "", reasons);

    [TestCase("&#43;49 30 1000000", "DE")]
    [TestCase("+49&nbsp;30&nbsp;1000000", "US")]
    [TestCase("&#40;030&#41; 1000000", "DE")]
    public void TryShape_DecodesEntitiesOfHtml(string written, string country) => ShapedRow.ExpectPhone(written, country, "+49301000000", "telephone_entities_decoded");

    [TestCase("512-735-9343 ext. 12", "US", "+15127359343")]
    [TestCase("+1 512-735-9343 x12", "DE", "+15127359343")]
    [TestCase("tel:+1-512-735-9343;ext=12", "US", "+15127359343")]
    public void TryShape_CutsAnExtensionOff(string written, string country, string expected) => ShapedRow.ExpectPhone(written, country, expected, "telephone_extension_removed");

    [TestCase("none", "US")]
    [TestCase("0", "US")]
    [TestCase("call us", "US")]
    [TestCase("http://www.example.com/", "US")]
    [TestCase("735-9343", "US")]
    [TestCase("515337118", "US")]
    [TestCase("54035690562", "US")]
    [TestCase("0000000000", "US")]
    [TestCase("1234567890", "US")]
    [TestCase("+1 735 9343", "US")]
    [TestCase("+7359343", "US")]
    [TestCase("+999123456789", "US")]
    [TestCase("+49 0030 12345678", "DE")]
    [TestCase("310-1234", "CA")]
    [TestCase("512-735-9343", "FR")]
    [TestCase("5127359343", "AQ")]
    [TestCase("+1512735934312345678901234567890", "US")]
    public void TryShape_LeavesANumberOut_WhenItIsNone(string written, string country) => ShapedRow.ExpectPhone(written, country, "", "telephone_unusable");

    [TestCase("")]
    [TestCase("  ")]
    [TestCase("\u00A0\u3000")]
    public void TryShape_SaysNothing_WhenThereIsNoNumber(string written) => ShapedRow.ExpectPhone(written, "US", "", "");
}
