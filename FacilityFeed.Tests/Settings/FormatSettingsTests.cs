using FacilityFeed.Domain;
using FacilityFeed.Domain.Shaping;
using FacilityFeed.Domain.Writing;

namespace FacilityFeed.Tests.Settings;

public sealed class FormatSettingsTests
{
    private const string Template = "Feeds:facility:UrlTemplate";
    private const string Kind = "Feeds:facility:ActionKind";

    [Test]
    public void Read_TakesAnActionFeed()
    {
        var feed = Configured.With(("FEED_TYPE", "Action"), (Template, "https://example.com/book/{id}"), (Kind, "dining")).Feeds["facility"];

        Assert.That(feed.Name, Is.EqualTo("reservewithgoogle.action.v2"));
        Assert.That(feed.Format, Is.EqualTo(Support.Rows.Action("dining")));
    }

    [Test]
    public void Read_TakesAPrefixAndNoValidation()
    {
        var feed = Configured.With(("Feeds:facility:EntityIdPrefix", "studio-_.~9"), ("Feeds:facility:Validation", "OFF")).Feeds["facility"];

        Assert.That((feed.Format.EntityIdPrefix, feed.Validation), Is.EqualTo(("studio-_.~9", Validation.Off)));
        Assert.That((Configured.With().Feeds["facility"].Format.EntityIdPrefix, Configured.With().Feeds["facility"].Validation), Is.EqualTo(("", Validation.Strict)));
    }

    [Test]
    public void Read_TakesEntitiesAndActionsSideBySide()
    {
        var feeds = Configured.With(
            ("Feeds:facility:Prefix", "entity"), ("Feeds:action:Type", "action"), ("Feeds:action:Prefix", "action"),
            ("Feeds:action:UrlTemplate", "https://example.com/book/{id}"), ("Feeds:action:ActionKind", "appointment")).Feeds;

        Assert.That(feeds.Values.Select(feed => feed.Name), Is.EquivalentTo(new[] { EntityFormat.PartnerName, ActionFormat.PartnerName }));
    }

    [Test]
    public void Read_RefusesEntitiesAndActionsInOnePlace() =>
        Assert.That(Configured.ProblemsWith(("Feeds:action:Type", "action"), ("Feeds:action:UrlTemplate", "https://example.com/book/{id}"), ("Feeds:action:ActionKind", "appointment")),
            Has.Count.EqualTo(1).And.Some.Contains("both write metadata.json"));

    [Test]
    public void Read_TellsAllThatIsMissing_WhenOnlyTheTypeIsSet() =>
        Assert.That(Configured.ProblemsWith(("FEED_TYPE", "action")), Is.EqualTo(new[]
        {
            $"{Template} is not set: write the link of a facility with {{id}} in the place of its key, for example https://example.com/book/{{id}}",
            $"{Kind} is not set: say what the links let people do: one of appointment, dining, food-delivery, food-takeout",
        }));

    [TestCase("https://example.com/book", "write {id}")]
    [TestCase("https://example.com/%7Bid%7D", "write {id}")]
    [TestCase("https://example.com/{ID}", "write {id}")]
    [TestCase("https://example.com/{id}/{name}", "braces other than")]
    [TestCase("https://example.com/{{id}}", "braces other than")]
    [TestCase("https://example.com/{id}}", "braces other than")]
    [TestCase("example.com/{id}", "whole http or https URL")]
    [TestCase("/book/{id}", "whole http or https URL")]
    [TestCase("//example.com/{id}", "whole http or https URL")]
    [TestCase("https:/example.com/{id}", "whole http or https URL")]
    [TestCase("https:///{id}/a b", "U+0020")]
    [TestCase("https://?{id}", "whole http or https URL")]
    [TestCase("https://example.com:{id}/", "whole http or https URL")]
    [TestCase("https://exa[mple.com/{id}", "whole http or https URL")]
    [TestCase("ftp://example.com/{id}", "whole http or https URL")]
    [TestCase("{id}", "whole http or https URL")]
    [TestCase("https://example.com/a b/{id}", "U+0020")]
    [TestCase("https://example.com/{id}\n", "U+000A")]
    [TestCase("https://example.com/ä/{id}", "U+00E4")]
    [TestCase("https://example.com/🏸/{id}", "U+1F3F8")]
    [TestCase("https://example.com/\"{id}", "U+0022")]
    [TestCase("https://example.com\\{id}", "U+005C")]
    [TestCase("https://example.com/100%/{id}", "%25")]
    [TestCase("https://example.com/%2{id}", "%25")]
    public void Read_SaysWhatToWrite_WhenTheTemplateIsWrong(string template, string remedy) =>
        Assert.That(Configured.ProblemsWith(("FEED_TYPE", "action"), (Kind, "dining"), (Template, template)),
            Has.Count.EqualTo(1).And.Some.StartsWith($"{Template} is '{ShownValue.Of(template)}': ").And.Some.Contains(remedy));

    [TestCase(2048, 0)]
    [TestCase(2049, 1)]
    public void Read_RefusesATemplate_OnlyWhenALinkCanBeTooLong(int longest, int problems)
    {
        var template = "https://example.com/".PadRight(longest - FormatOptions.LongestKey, 'x') + "{id}";

        Assert.That(Configured.ProblemsWith(("FEED_TYPE", "action"), (Kind, "dining"), (Template, template)), Has.Count.EqualTo(problems));
    }

    [Test]
    public void Read_ListsTheKinds_WhenItIsNoneOfThem() =>
        Assert.That(Configured.ProblemsWith(("FEED_TYPE", "action"), (Kind, "booking"), (Template, "https://example.com/{id}")),
            Is.EqualTo(new[] { $"{Kind} is 'booking': it must be one of appointment, dining, food-delivery, food-takeout" }));

    [TestCase("EntityIdPrefix", "a/b", "letters, digits")]
    [TestCase("EntityIdPrefix", "a b", "letters, digits")]
    [TestCase("EntityIdPrefix", "ä", "letters, digits")]
    [TestCase("EntityIdPrefix", "line\n", "letters, digits")]
    [TestCase("EntityIdPrefix", "12345678901234567890123456789012345678901", "up to 40")]
    [TestCase("Validation", "strikt", "it must be one of strict, off")]
    public void Read_NamesSettingAndValue_WhenItIsWrong(string name, string value, string remedy) =>
        Assert.That(Configured.ProblemsWith(($"Feeds:facility:{name}", value)), Has.Count.EqualTo(1).And.Some.StartsWith($"Feeds:facility:{name} is '{ShownValue.Of(value)}': ").And.Some.Contains(remedy));

    [Test]
    public void Read_TellsASettingOfAnotherType() =>
        Assert.That(Configured.ProblemsWith((Template, "https://example.com/{id}")),
            Is.EqualTo(new[] { $"{Template} is a setting of type action, and this feed's type is facility: remove it, or set FEED_TYPE (Feeds:facility:Type)" }));

    [Test]
    public void Read_TellsOnlyTheType_WhenThereIsNoSuchType() =>
        Assert.That(Configured.ProblemsWith(("FEED_TYPE", "actoin"), (Template, "https://example.com/{id}"), (Kind, "dining")),
            Is.EqualTo(new[] { $"FEED_TYPE (Feeds:facility:Type) is 'actoin': it must be one of {string.Join(", ", FeedFormats.All.Select(kind => kind.Type))}" }));

    [TestCase("UrlTemplat", "did you mean UrlTemplate?")]
    [TestCase("ActionKnd", "did you mean ActionKind?")]
    public void Read_SuggestsTheNearest_WhenAFormatsSettingIsMisspelt(string name, string remedy) =>
        Assert.That(Configured.ProblemsWith(("FEED_TYPE", "action"), (Template, "https://example.com/{id}"), (Kind, "dining"), ($"Feeds:facility:{name}", "x")),
            Is.EqualTo(new[] { $"Feeds:facility:{name} is not a setting: {remedy}" }));
}
