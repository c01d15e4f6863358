using System.Text;
using FacilityFeed.Domain;
using FacilityFeed.Domain.Shaping;
using FacilityFeed.Infrastructure.Settings;
using FacilityFeed.Tests.Support;

namespace FacilityFeed.Tests.Settings;

public sealed class PlaceholderSettingsTests
{
    private const string Key = "Feeds:facility:Placeholders";

    [Test]
    public void Read_TakesTheShippedList_WhenNothingIsNamed()
    {
        var usual = Configured.With().Feeds["facility"].Placeholders;

        Assert.That((usual, usual.Named), Is.EqualTo((Placeholders.Usual, "")));
        Assert.That(Configured.With((Key, "")).Feeds["facility"].Placeholders, Is.SameAs(Placeholders.Usual));
    }

    [TestCase("Feeds:facility:Placeholders", "keine,leer")]
    [TestCase("Feeds__facility__Placeholders", "keine,leer")]
    [TestCase("Feeds__facility__Placeholders", " keine ; leer;")]
    [TestCase("FEEDS__FACILITY__PLACEHOLDERS", "Leer, KEINE, leer")]
    public void Read_AddsWhatIsNamed(string name, string value)
    {
        var read = Configured.With((name, value)).Feeds["facility"].Placeholders;

        Assert.That(read.Named, Is.EqualTo("'keine' 'leer'"));
        Assert.That((Holds(read, "Keine"), Holds(read, "leer"), Holds(read, "N/A"), Holds(read, "Studio")), Is.EqualTo((true, true, true, false)));
    }

    [Test]
    public void Read_TakesOneValueEach_WithNumbers()
    {
        var read = Configured.With(($"{Key}:0", "no name, no street"), ($"{Key}:1", "a;b"), ("Feeds__facility__Placeholders__2", ""), (Key, "leer")).Feeds["facility"].Placeholders;

        Assert.That(read.Named, Is.EqualTo("'a;b' 'leer' 'no name, no street'"));
        Assert.That((Holds(read, "No name, no street"), Holds(read, "no street"), Holds(read, "A;B")), Is.EqualTo((true, false, true)));
    }

    [Test]
    public void Read_TakesAnArrayOfAFile()
    {
        using var folder = new TempFolder();
        File.WriteAllText(folder.File("appsettings.json"), """{"Feeds":{"facility":{"Placeholders":["keine", "!TBD"]}}}""");

        var read = ServiceSettings.Read(Configured.Shipped().AddJson(folder.File("appsettings.json"), isOptional: false)).Feeds["facility"].Placeholders;

        Assert.That(read, Is.EqualTo(new Placeholders("keine", "!tbd")));
    }

    [TestCase("!tbd", "TBD")]
    [TestCase("! TBD", "tbd")]
    [TestCase("keine, !Unknown", "Unknown")]
    [TestCase("!?", "?")]
    [TestCase("!#REF!", "#REF!")]
    [TestCase("!None", "None")]
    [TestCase("!nan", "nan")]
    public void Read_TakesOneOffTheList(string value, string off)
    {
        var read = Configured.With((Key, value)).Feeds["facility"].Placeholders;

        Assert.That((Holds(read, off), Holds(read, "N/A")), Is.EqualTo((false, true)));
    }

    [TestCase(Key, ",", "it names no value")]
    [TestCase(Key, "!", "'!' in it is no value of 1 to 60 characters on one line")]
    [TestCase(Key, "keine, !tdb", "'!tdb' takes 'tdb' off the list of values that count as none, and it is not on it; docs/records.md has the list")]
    [TestCase(Key, "keine, !keine", "'!keine' takes 'keine' off")]
    [TestCase($"{Key}:0", "line\nbreak", "on one line")]
    [TestCase($"{Key}:3", "a value of sixty-one letters, which is more than a list may have", "1 to 60 characters")]
    public void Read_NamesSettingAndValue_WhenItIsWrong(string key, string value, string remedy) =>
        Assert.That(Configured.ProblemsWith((key, value)), Has.Count.EqualTo(1).And.Some.StartsWith($"{key} is '{ShownValue.Of(value)}': ").And.Some.Contains(remedy));

    [TestCase("Feeds:facility:Placeholder", "did you mean Placeholders?")]
    [TestCase("Feeds:facility:PlaceHoldres", "did you mean Placeholders?")]
    [TestCase("Feeds:facility:Placeholders:first", "remove it, or see the settings in README.md")]
    public void Read_TellsAKeyThatIsNoSetting(string key, string remedy) =>
        Assert.That(Configured.ProblemsWith((key, "keine")), Is.EqualTo(new[] { $"{key} is not a setting: {remedy}" }));

    [Test]
    public void Read_TakesThem_ForEveryFormat() =>
        Assert.That(Configured.ProblemsWith((Key, "keine"), ("FEED_TYPE", "action"), ("Feeds:facility:UrlTemplate", "https://example.com/{id}"), ("Feeds:facility:ActionKind", "dining")), Is.Empty);

    private static bool Holds(Placeholders placeholders, string value) => placeholders.Contains(Encoding.UTF8.GetBytes(value), FacilityField.Name);
}
