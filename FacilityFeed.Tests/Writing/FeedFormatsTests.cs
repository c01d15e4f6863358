using FacilityFeed.Domain.Writing;
using FacilityFeed.Tests.Support;

namespace FacilityFeed.Tests.Writing;

public sealed class FeedFormatsTests
{
    [Test]
    public void All_AreToldApart()
    {
        Assert.That(FeedFormats.All.Select(kind => kind.Type), Is.Unique);
        Assert.That(FeedFormats.All.Select(kind => kind.PartnerName), Is.Unique, "two feeds of different types need no name of their own");
        Assert.That(FeedFormats.All.Select(kind => kind.Create(FormatOptions.None).Identity), Is.Unique, "a run of one is no run of the other");
    }

    // So a further format is one file and one line: nothing else must learn of it.
    [Test]
    public void All_AreKnownByName_NowhereElse()
    {
        var formats = FeedFormats.All.Select(kind => kind.Create(FormatOptions.None).GetType().Name).ToList();
        var sources = new[] { "FacilityFeed.Domain", "FacilityFeed.Infrastructure", "FacilityFeed.Scheduler" }.SelectMany(Sources).ToList();

        var knowing = sources.Where(path => formats.Any(name => File.ReadAllText(path).Contains(name, StringComparison.Ordinal))).Select(path => Path.GetFileNameWithoutExtension(path));

        Assert.That(knowing, Is.EquivalentTo(formats.Append(nameof(FeedFormats))));
    }

    private static IEnumerable<string> Sources(string project) =>
        Directory.GetFiles(Repository.File(project), "*.cs", SearchOption.AllDirectories).Where(path => !path.Contains("/obj/", StringComparison.Ordinal));
}
