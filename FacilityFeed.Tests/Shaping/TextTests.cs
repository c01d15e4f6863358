using FacilityFeed.Tests.Support;

namespace FacilityFeed.Tests.Shaping;

/// <summary>The rule for text, seen at the name.</summary>
public sealed class TextTests
{
    [TestCase("Studio 7")]
    [TestCase("(405) Brewing Co")]
    [TestCase("O’Malley’s – Grill & Bar")]
    [TestCase("酒蔵 レストラン")]
    [TestCase("Ресторан Москва")]
    [TestCase("مطعم دمشق")]
    [TestCase("Yoga ★ Studio 🧘‍♀️")]
    [TestCase("Two  spaces")]
    [TestCase("क्‍ष")]
    public void TryShape_LeavesTextAsItIs_WhenNothingIsWrongWithIt(string text)
    {
        var shaped = ShapedRow.Of(row => row.Name = Rows.Utf8(text));

        Assert.That(shaped.Name, Is.EqualTo(text));
        Assert.That(shaped.Reasons, Is.Empty);
    }

    [TestCase("  Studio ", "Studio")]
    [TestCase("\u00A0Studio\u3000", "Studio")]
    [TestCase("\u2003Köln\u1680", "Köln")]
    [TestCase("\tStudio\r\n", "Studio")]
    [TestCase("Yoga\tStudio", "Yoga Studio")]
    [TestCase("Yoga \r\n  Studio", "Yoga Studio")]
    [TestCase("Yoga\tStudio  No  7", "Yoga Studio  No  7")]
    [TestCase("Yoga\u2028Studio", "Yoga Studio")]
    [TestCase("Yoga\u0085Studio", "Yoga Studio")]
    public void TryShape_SettlesWhiteSpace_WithoutAWarning(string text, string expected)
    {
        var shaped = ShapedRow.Of(row => row.Name = Rows.Utf8(text));

        Assert.That(shaped.Name, Is.EqualTo(expected));
        Assert.That(shaped.Reasons, Is.Empty);
    }

    [TestCase("Yo\u0000ga", "Yoga")]
    [TestCase("Yo\u001Bga", "Yoga", TestName = "TryShape_TakesCharactersOut_WithAWarning, escape")]
    [TestCase("Yo\u007Fga", "Yoga")]
    [TestCase("Yo\u0092ga", "Yoga", TestName = "TryShape_TakesCharactersOut_WithAWarning, a control of eight bits")]
    [TestCase("\u202EYoga\u202C", "Yoga")]
    [TestCase("\u2066Yoga\u2069", "Yoga")]
    [TestCase("Yoga\u200E", "Yoga")]
    [TestCase("\u061Cدمشق", "دمشق")]
    [TestCase("\uFEFFYoga", "Yoga")]
    [TestCase("Yo\uFFFEga", "Yoga", TestName = "TryShape_TakesCharactersOut_WithAWarning, a noncharacter")]
    [TestCase("Yo\uFDD0ga", "Yoga")]
    [TestCase("Yo\U0001FFFFga", "Yoga")]
    [TestCase("\u200E Yoga \u200E", "Yoga")]
    [TestCase("Yoga \u200E\t Studio", "Yoga Studio")]
    public void TryShape_TakesCharactersOut_WithAWarning(string text, string expected)
    {
        var shaped = ShapedRow.Of(row => row.Name = Rows.Utf8(text));

        Assert.That(shaped.Name, Is.EqualTo(expected));
        Assert.That(shaped.Reasons, Is.EqualTo("name_characters_removed"));
    }

    [TestCase(new byte[] { (byte)'Y', 0xED, 0xA0, 0x80, (byte)'o' }, TestName = "a lone surrogate")]
    [TestCase(new byte[] { (byte)'Y', 0xC3, (byte)'o' }, TestName = "half a character")]
    [TestCase(new byte[] { (byte)'Y', (byte)'o', 0xF0, 0x9F }, TestName = "a character cut off at the end")]
    [TestCase(new byte[] { 0xC0, 0xAF, (byte)'Y', (byte)'o' }, TestName = "an overlong form")]
    [TestCase(new byte[] { (byte)'Y', 0xFF, (byte)'o' }, TestName = "a byte of no encoding")]
    public void TryShape_TakesIllFormedTextOut(byte[] text)
    {
        var shaped = ShapedRow.Of(row => row.Name = text);

        Assert.That(shaped.Name, Is.EqualTo("Yo"));
        Assert.That(shaped.Reasons, Is.EqualTo("name_characters_removed"));
    }

    [TestCase("")]
    [TestCase("   ")]
    [TestCase("\t\r\n")]
    [TestCase("\u00A0\u3000")]
    [TestCase("\u0000\u202E")]
    [TestCase("\u200B\u2060")]
    public void TryShape_Rejects_WhenNothingCanBeSeenOfTheName(string text)
    {
        var shaped = ShapedRow.Of(row => row.Name = Rows.Utf8(text));

        Assert.That(shaped.IsAccepted, Is.False);
        Assert.That(shaped.Reasons, Is.EqualTo("name_missing"));
    }

    [Test]
    public void TryShape_FollowsTheRule_InEveryPartOfTheAddress()
    {
        var shaped = ShapedRow.Of(row =>
        {
            row.Country = Rows.Utf8("\u200EGermany");
            row.Locality = Rows.Utf8("Kö\u0000ln");
            row.Region = Rows.Utf8("NR\u202EW");
            row.PostalCode = Rows.Utf8("50667\uFEFF");
            row.StreetAddress = Rows.Utf8("Torstraße\u00071");
        });

        Assert.That(shaped.Reasons.Split(' '), Is.EquivalentTo(new[]
        {
            "country_characters_removed", "locality_characters_removed", "region_characters_removed", "postal_code_characters_removed", "street_address_characters_removed",
        }));
        Assert.That(shaped.Tally.Noted[0].Value, Is.EqualTo("\\u200EGermany"), "the value is shown as it came");
    }
}
