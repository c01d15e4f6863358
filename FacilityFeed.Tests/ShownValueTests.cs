using FacilityFeed.Domain;

namespace FacilityFeed.Tests;

/// <summary>Values from a source or a feed go to terminals, logs and the ledger: none of them may do anything there.</summary>
public sealed class ShownValueTests
{
    [TestCase("Café Zürich 酒 🧘")]
    [TestCase("☕️ n\u0303 a\u00A0b")]
    [TestCase("\"quotes\" and \\ stay")]
    [TestCase("")]
    public void Of_LeavesWhatIsPrinted(string value) => Assert.That(ShownValue.Of(value), Is.EqualTo(value));

    [TestCase("\u001B[31mred\u0007", "\\u001B[31mred\\u0007", TestName = "Of_WritesOut, escape and bell")]
    [TestCase("two\r\nlines\u0000", "two\\u000D\\u000Alines\\u0000")]
    [TestCase("\u009B31m\u0085", "\\u009B31m\\u0085", TestName = "Of_WritesOut, controls of eight bits")]
    [TestCase("a\u2028b\u2029c", "a\\u2028b\\u2029c")]
    [TestCase("\u202Eabc\u2066\u200F\uFEFF\u061C", "\\u202Eabc\\u2066\\u200F\\uFEFF\\u061C")]
    [TestCase("tag \U000E0041 end", "tag \\uDB40\\uDC41 end")]
    [TestCase("\u3164", "\\u3164")]
    [TestCase("a\u115F\uFFA0\u2800b\U0001D159", "a\\u115F\\uFFA0\\u2800b\\uD834\\uDD59")]
    public void Of_WritesOutWhatATerminalObeysOrHides(string value, string shown) => Assert.That(ShownValue.Of(value), Is.EqualTo(shown));

    [Test]
    public void Of_WritesOutHalfASurrogatePair()
    {
        Assert.That(ShownValue.Of("a\uD800b"), Is.EqualTo("a\\uD800b"));
        Assert.That(ShownValue.Of("\uDC00"), Is.EqualTo("\\uDC00"));
        Assert.That(ShownValue.Of("\uD83E"), Is.EqualTo("\\uD83E"));
    }

    [Test]
    public void Of_Cuts_AndSaysSo()
    {
        var longest = new string('x', ShownValue.Longest);

        Assert.That(ShownValue.Of(longest), Is.EqualTo(longest));
        Assert.That(ShownValue.Of(longest + "y"), Is.EqualTo(longest + "…"));
        Assert.That(ShownValue.Of(new string('\u0001', 1_000)), Has.Length.LessThanOrEqualTo(ShownValue.Longest + 6), "what is written out counts");
        Assert.That(ShownValue.Of(string.Concat(Enumerable.Repeat("🧘", 1_000))), Is.EqualTo(string.Concat(Enumerable.Repeat("🧘", ShownValue.Longest / 2)) + "…"), "no pair is cut in two");
    }
}
