using FacilityFeed.Domain;

namespace FacilityFeed.Tests;

public sealed class TimeTextTests
{
    [TestCase("-00:00:05", "0 s")]
    [TestCase("00:01:59.9", "119 s")]
    [TestCase("00:02:00", "2 min")]
    [TestCase("01:59:59", "119 min")]
    [TestCase("02:00:00", "2 h")]
    [TestCase("1.02:25:00", "26.4 h")]
    [TestCase("1.23:59:59", "47.9 h")]
    [TestCase("2.00:00:00", "2 days")]
    [TestCase("3.15:00:00", "3.6 days")]
    [TestCase("1234.00:00:00", "1,234 days")]
    public void Of_IsOneNumberWithItsUnit(string time, string text) => Assert.That(TimeText.Of(TimeSpan.Parse(time, System.Globalization.CultureInfo.InvariantCulture)), Is.EqualTo(text));

    [TestCase("45s", "00:00:45")]
    [TestCase("90min", "01:30:00")]
    [TestCase("36 H", "1.12:00:00")]
    [TestCase("7d", "7.00:00:00")]
    public void Parse_ReadsANumberWithItsUnit(string text, string time) => Assert.That(TimeText.Parse(text), Is.EqualTo(TimeSpan.Parse(time, System.Globalization.CultureInfo.InvariantCulture)));

    [TestCase("")]
    [TestCase("7")]
    [TestCase("d")]
    [TestCase("-1d")]
    [TestCase("1.5h")]
    [TestCase("1d 2h")]
    [TestCase("1w")]
    [TestCase("9999999d")]
    public void Parse_RefusesAllElse(string text) => Assert.That(() => TimeText.Parse(text), Throws.InstanceOf<FormatException>());
}
