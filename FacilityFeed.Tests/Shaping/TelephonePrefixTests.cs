namespace FacilityFeed.Tests.Shaping;

/// <summary>What stands before a number: a calling code, the place of a carrier's digits.</summary>
public sealed class TelephonePrefixTests
{
    [TestCase("+8 (495) 123-45-67", "RU")]
    [TestCase("Tel: +352-234-5678 / 5679", "US")]
    [TestCase("+352-234-5678 ext 5", "US")]
    [TestCase("+3 8 044 123-45-67", "UA")]
    public void TryShape_LeavesANumberOut_WhenItsGroupsContradictTheCallingCode(string written, string country) => ShapedRow.ExpectPhone(written, country, "", "telephone_unusable");

    [TestCase("+38 (044) 123-45-67", "UA", "+380441234567")]
    [TestCase("+9 0 312 123 45 67", "TR", "+903121234567")]
    public void TryShape_ReadsACallingCode_ThatLacksItsZero(string written, string country, string expected) => ShapedRow.ExpectPhone(written, country, expected, "");

    [TestCase("0xx11 98765-4321", "BR", "+5511987654321")]
    [TestCase("(0xx11) 3456-7890", "BR", "+551134567890")]
    [TestCase("0 XX 11 3456-7890", "BR", "+551134567890")]
    [TestCase("+55 (0xx11) 3456-7890", "BR", "+551134567890")]
    [TestCase("(XX11) 3456-7890", "BR", "+551134567890")]
    [TestCase("(0**11) 3456-7890", "BR", "+551134567890")]
    [TestCase("0xx(11) 3456-7890", "BR", "+551134567890")]
    [TestCase("+55 0XX 11 98765-4321", "BR", "+5511987654321")]
    [TestCase("Tel. 0xx11 3456-7890", "BR", "+551134567890")]
    public void TryShape_DropsThePlaceOfTheCarrier_InBrazil(string written, string country, string expected) => ShapedRow.ExpectPhone(written, country, expected, "");

    [TestCase("(11) 3456-xx90", "BR")]
    [TestCase("(0xx11) 3456-7890", "PT")]
    public void TryShape_ReadsNoPlaceOfACarrier_Elsewhere(string written, string country) => ShapedRow.ExpectPhone(written, country, "", "telephone_unusable");
}
