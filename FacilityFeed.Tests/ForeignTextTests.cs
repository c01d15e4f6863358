using FacilityFeed.Domain;

namespace FacilityFeed.Tests;

public sealed class ForeignTextTests
{
    // In one test, for controls in a test's name are lost on the way to its report.
    [Test]
    public void InOneLine_LeavesNothingThatATerminalObeys() => Assert.Multiple(() =>
    {
        Check("relation \"x\" does not exist", "relation \"x\" does not exist");
        Check("first\nsecond\r\nthird\u2028fourth\n", "first second third fourth");
        Check("\u001b[31mred\u0007", "\\u001B[31mred\\u0007");
        Check("\u001b]8;;http://evil\u001b\\link", "\\u001B]8;;http://evil\\u001B\\link");
        Check("abc\u202Etxt.exe", "abc\\u202Etxt.exe");
        Check("\u009B31m", "\\u009B31m");
        Check("Größe 日本", "Größe 日本");
        Check("", "");
    });

    [Test]
    public void InOneLine_CutsWhatNobodyReads() =>
        Assert.That(ForeignText.InOneLine(new string('x', 100_000)), Is.EqualTo(new string('x', ForeignText.Longest) + "…"));

    private static void Check(string text, string expected) => Assert.That(ForeignText.InOneLine(text), Is.EqualTo(expected));
}
