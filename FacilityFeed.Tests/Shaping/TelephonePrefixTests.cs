namespace FacilityFeed.Tests.Shaping;

/// <summary>What stands before a number: a calling code, the place of a carrier's digits.</summary>
public sealed class TelephonePrefixTests
{
    [TestCase("+8 (495) 123-45-67", "RU")]
    [TestCase("Tel: +352-234-5678 / 5679", "US")]
    [TestCase("+352-234-5678 ext 5", "US")]
    [TestCase("+3 8 044 123-45-67", "UA")]
    [TestCase("+4 9 30 123456", "DE")]
    [TestCase("+4-930-123456", "DE")]
    [TestCase("+0 49 30 123456", "DE")]
    [TestCase("+8-800-555-35-35", "RU")]
    [TestCase("+8 800 555 35 35", "RU")]
    [TestCase("+3-52-234567", "US")]
    [TestCase("+4 4 7911 123456", "GB")]
    [TestCase("+21 2 736-5000", "US")]
    [TestCase("+212 736 5000", "US")]
    [TestCase("+212.736.5000 ext. 5", "US")]
    [TestCase("+212-736-5000-12", "US")]
    [TestCase("+212/736/5000", "US")]
    [TestCase("(+212) 736-5000", "US")]
    public void TryShape_LeavesANumberOut_WhenItsGroupsContradictTheCallingCode(string written, string country) => ShapedRow.ExpectPhone(written, country, "", "telephone_unusable");

    [TestCase("+38 (044) 123-45-67", "UA", "+380441234567")]
    [TestCase("+9 0 312 123 45 67", "TR", "+903121234567")]
    [TestCase("+ 49 30 123456", "DE", "+4930123456")]
    [TestCase("+(49) 30 123456", "DE", "+4930123456")]
    [TestCase("+00 49 30 123456", "DE", "+4930123456")]
    [TestCase("+7-(495)-123-45-67", "RU", "+74951234567")]
    [TestCase("+44 7911 123456", "GB", "+447911123456")]
    [TestCase("+1 809 555 1234", "DO", "+18095551234")]
    [TestCase("+18 09 555 1234", "DO", "+18095551234")]
    [TestCase("+ 1 212 736 5000", "US", "+12127365000")]
    public void TryShape_ReadsACallingCode_HoweverItIsSetApart(string written, string country, string expected) => ShapedRow.ExpectPhone(written, country, expected, "");

    [TestCase("0xx11 98765-4321", "BR", "+5511987654321")]
    [TestCase("(0xx11) 3456-7890", "BR", "+551134567890")]
    [TestCase("0 XX 11 3456-7890", "BR", "+551134567890")]
    [TestCase("+55 (0xx11) 3456-7890", "BR", "+551134567890")]
    [TestCase("(XX11) 3456-7890", "BR", "+551134567890")]
    [TestCase("(0**11) 3456-7890", "BR", "+551134567890")]
    [TestCase("0xx(11) 3456-7890", "BR", "+551134567890")]
    [TestCase("+55 0XX 11 98765-4321", "BR", "+5511987654321")]
    [TestCase("Tel. 0xx11 3456-7890", "BR", "+551134567890")]
    [TestCase("0xx 11 3456 7890", "BR", "+551134567890")]
    [TestCase("0XX11-3456-7890", "BR", "+551134567890")]
    [TestCase("0xx-11-3456-7890", "BR", "+551134567890")]
    [TestCase("(0 xx 11) 3456-7890", "BR", "+551134567890")]
    [TestCase("(0XX)11 3456-7890", "BR", "+551134567890")]
    [TestCase("0XX1134567890", "BR", "+551134567890")]
    [TestCase("+55 (XX) 11 3456-7890", "BR", "+551134567890")]
    public void TryShape_DropsThePlaceOfTheCarrier_InBrazil(string written, string country, string expected) => ShapedRow.ExpectPhone(written, country, expected, "");

    [TestCase("(11) 3456-xx90", "BR")]
    [TestCase("(0xx11) 3456-7890", "PT")]
    public void TryShape_ReadsNoPlaceOfACarrier_Elsewhere(string written, string country) => ShapedRow.ExpectPhone(written, country, "", "telephone_unusable");
}
