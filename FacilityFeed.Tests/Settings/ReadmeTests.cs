using FacilityFeed.Infrastructure.Settings;
using FacilityFeed.Tests.Support;

namespace FacilityFeed.Tests.Settings;

public sealed class ReadmeTests
{
    [Test]
    public void TheSettingsTable_NamesEveryPlainNameWithItsKey()
    {
        var readme = File.ReadAllText(Repository.File("README.md"));

        foreach (var (plain, key) in PlainNames.All)
        {
            Assert.That(readme, Does.Contain($"| `{plain}` | `{key}` |"));
        }
    }
}
