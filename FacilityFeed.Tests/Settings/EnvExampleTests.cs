using System.Text.RegularExpressions;
using FacilityFeed.Infrastructure.Settings;
using FacilityFeed.Tests.Support;

namespace FacilityFeed.Tests.Settings;

public sealed partial class EnvExampleTests
{
    private static readonly string _example = File.ReadAllText(Repository.File(".env.example"));

    [Test]
    public void EnvExample_ListsEveryPlainNameOnce() =>
        Assert.That(Setting().Matches(_example).Select(setting => setting.Groups["name"].Value), Is.EquivalentTo(PlainNames.All.Keys));

    [Test]
    public void EnvExample_ChangesNothing_AsItIs()
    {
        using var folder = new TempFolder();
        File.WriteAllText(folder.File(".env"), _example);

        var settings = ServiceSettings.Read(Configured.Shipped().AddDotEnv(folder.Path));

        Assert.That(settings.Source, Is.Null, "the sample is read");
        Assert.That(settings.Feeds, Is.EqualTo(Configured.With().Feeds));
        Assert.That((settings.State, settings.HttpPort), Is.EqualTo((Configured.With().State, Configured.With().HttpPort)));
        Assert.That(settings.Stores, Is.EqualTo(Configured.With().Stores));
    }

    [Test]
    public void EnvExample_CanBeRead_WithEveryLineUncommented()
    {
        using var folder = new TempFolder();
        File.WriteAllText(folder.File(".env"), Setting().Replace(_example, "${name}="));

        Assert.That(Configured.ProblemsOf(Configured.Shipped().AddDotEnv(folder.Path)), Is.Empty);
    }

    // Prose has a space after its #.
    [GeneratedRegex(@"^#?(?<name>[A-Z0-9_]+)=", RegexOptions.Multiline)]
    private static partial Regex Setting();
}
