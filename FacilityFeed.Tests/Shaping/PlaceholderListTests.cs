using FacilityFeed.Domain.Shaping;
using FacilityFeed.Tests.Support;

namespace FacilityFeed.Tests.Shaping;

/// <summary>What is on the list of placeholders, shipped or named by a feed.</summary>
public sealed class PlaceholderListTests
{
    private static IEnumerable<string> Shipped => Placeholders.Shipped;

    [TestCaseSource(nameof(Shipped))]
    public void Shipped_CanBeMet_InEveryCase(string value)
    {
        foreach (var variant in value == "NaN" ? (string[])[value] : [value, value.ToUpperInvariant(), value.ToLowerInvariant()])
        {
            Assert.That(Placeholders.Usual.Contains(Rows.Utf8(variant).Span), variant);
        }

        Assert.That(value, Has.Length.LessThanOrEqualTo(Placeholders.Longest));
        Assert.That(ShapedRow.Of(row => row.Country = Rows.Utf8(value)).Reasons, Is.EqualTo("country_unknown"), "no country is on the list");
    }

    [TestCaseSource(nameof(Shipped))]
    public void Shipped_IsStatedInTheRules(string value) => Assert.That(File.ReadAllText(Repository.File("docs/records.md")), Does.Contain($"`{value}`"));

    [TestCase("keine", "keine")]
    [TestCase("keine", "KEINE")]
    [TestCase("keine", "(keine)")]
    [TestCase("k.A.", "k.a.")]
    [TestCase("нет", "НЕТ")]
    [TestCase("無し", "無し")]
    [TestCase("Ärger", "ärger")]
    [TestCase("NA", "na")]
    [TestCase("NA", "NA NA")]
    [TestCase("keine", "keine / KEINE")]
    [TestCase("keine", "ｋｅｉｎｅ")]
    [TestCase("k.A.", "k.A., k.A.")]
    [TestCase("nan", "Nan")]
    [TestCase("nan", "NaN")]
    [TestCase("0", "0")]
    [TestCase("ⱥb", "Ⱥb")]
    public void Contains_WhatAFeedNames(string named, string value) => Assert.That(new Placeholders(named).Contains(Rows.Utf8(value).Span));

    [TestCase("k.A.", "KA")]
    [TestCase("keine", "keiner")]
    [TestCase("keine", "keine Straße")]
    [TestCase("!tbd", "TBD")]
    [TestCase("!tbd", "(tbd)")]
    [TestCase("!Unknown", "unknown")]
    [TestCase("!?", "?")]
    [TestCase("!!!!", "!!!")]
    [TestCase("!NaN", "NaN")]
    [TestCase("!#REF!", "#ref!")]
    [TestCase("!#ССЫЛКА!", "#ССЫЛКА!")]
    [TestCase("!null/null", "NULL/null")]
    [TestCase("!Err:502", "Err:502")]
    [TestCase("!tbd", "TBD TBD")]
    [TestCase("keine", "keine Straße, keine")]
    public void Contains_NothingElse(string named, string value) => Assert.That(new Placeholders(named).Contains(Rows.Utf8(value).Span), Is.False);

    [TestCase("!tbd", "tba")]
    [TestCase("!?", "??")]
    [TestCase("!!!!", "!!")]
    [TestCase("keine", "null")]
    public void Contains_WhatIsShipped_UnlessItIsTakenOff(string named, string value) => Assert.That(new Placeholders(named).Contains(Rows.Utf8(value).Span));

    [Test]
    public void Contains_IsUntouched_ByWhatIsNotUtf8()
    {
        Assert.That(Placeholders.Usual.Contains([(byte)'n', 0xFF, (byte)'l', (byte)'l']), Is.False);
        Assert.That(Placeholders.Usual.Contains([0xFF, 0xFE]), "nothing to read");
        Assert.That(Placeholders.Usual.Contains([]), Is.False);
    }

    [Test]
    public void Placeholders_AreEqual_WhenTheyNameTheSame()
    {
        Assert.That(new Placeholders("leer", "Keine"), Is.EqualTo(new Placeholders("keine", "leer", "LEER")));
        Assert.That(new Placeholders("leer"), Is.Not.EqualTo(new Placeholders("!leer")));
        Assert.That(new Placeholders(), Is.EqualTo(Placeholders.Usual));
    }
}
