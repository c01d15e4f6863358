using System.Text;
using System.Text.RegularExpressions;
using FacilityFeed.Domain.Writing;
using FacilityFeed.Infrastructure.Settings;
using FacilityFeed.Tests.Support;

namespace FacilityFeed.Tests.Settings;

public sealed partial class ReadmeTests
{
    private static readonly string _readme = File.ReadAllText(Repository.File("README.md"));

    [Test]
    public void TheSettingsTable_NamesEveryPlainNameWithItsKey()
    {
        foreach (var (plain, key) in PlainNames.All)
        {
            Assert.That(_readme, Does.Contain($"| `{plain}` | `{key}` |"));
        }
    }

    [Test]
    public void TheSettingsTable_NamesEverySettingOfEachFormat()
    {
        foreach (var kind in FeedFormats.All)
        {
            kind.Create(new FormatOptions("", InTheTable, (_, _) => { }));

            Assert.That(_readme, Does.Contain($"`{kind.Type}`").And.Contain($"`{kind.PartnerName}`"));
        }

        static string? InTheTable(string name)
        {
            Assert.That(_readme, Does.Contain($"| `Feeds:facility:{name}` |"));
            return null;
        }
    }

    [Test]
    public void EntitiesAndActions_AreTheSameFeeds_InBothFormsShown()
    {
        using var folder = new TempFolder();
        var example = EntitiesAndActions().Match(_readme);
        File.WriteAllText(folder.File("appsettings.json"), example.Groups["json"].Value);
        File.WriteAllText(folder.File(".env"), example.Groups["env"].Value);

        var feeds = ServiceSettings.Read(Configured.Shipped().AddJson(folder.File("appsettings.json"), isOptional: false)).Feeds;

        Assert.That(feeds.Values.Select(feed => feed.Name), Is.EquivalentTo(new[] { EntityFormat.PartnerName, ActionFormat.PartnerName }));
        Assert.That(feeds.Values.Select(feed => feed.Format.EntityIdPrefix).Distinct(), Has.One.Items);
        Assert.That(ServiceSettings.Read(Configured.Shipped().AddDotEnv(folder.Path)).Feeds, Is.EqualTo(feeds));
    }

    [Test]
    public void EntitiesAndActions_ShowTheRecordThatIsWritten() =>
        Assert.That(_readme, Does.Contain($"\n{Encoding.UTF8.GetString(Rows.ShardOf(Rows.Action(prefix: "studio-"), Compression.None, Rows.Full(17)))[9..^2]}\n"));

    [GeneratedRegex("### Entities and actions.*?```json\n(?<json>.*?)```.*?```\n(?<env>.*?)```", RegexOptions.Singleline)]
    private static partial Regex EntitiesAndActions();
}
