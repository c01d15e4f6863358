using FacilityFeed.Infrastructure.Settings;

namespace FacilityFeed.Tests.Settings;

public sealed class ReadmeTests
{
    [Test]
    public void TheSettingsTable_NamesEveryPlainNameWithItsKey()
    {
        var readme = File.ReadAllText(Path.Combine(RepositoryRoot(), "README.md"));

        foreach (var (plain, key) in PlainNames.All)
        {
            Assert.That(readme, Does.Contain($"| `{plain}` | `{key}` |"));
        }
    }

    private static string RepositoryRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "FacilityFeed.sln")))
        {
            folder = folder.Parent ?? throw new InvalidOperationException("the tests run outside the repository");
        }

        return folder.FullName;
    }
}
