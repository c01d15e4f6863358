using FacilityFeed.Domain.Shaping.Hosts;
using FacilityFeed.Tests.Support;

namespace FacilityFeed.Tests.Shaping.Hosts;

/// <summary>Form C, by the test cases of the standard.</summary>
public sealed class NormalizationTests
{
    [Test]
    public async Task Compose_PassesTheStandardsTest_WhereAllCharactersCanBeInHosts()
    {
        UnicodeData.Need();
        if (Tool.Find("bzip2") is null)
        {
            TestServers.Missing("bzip2 is not on this machine. Install it (Debian, Ubuntu: apt-get install bzip2)");
        }

        // Of a line the second column is form C of the first three: NormalizationTest.txt, head.
        var lines = await Tool.RunAsync("bzip2", "--decompress", "--stdout", "/usr/share/unicode/NormalizationTest.txt.bz2");
        var cases = (from line in lines.Split('\n')
                     let columns = line.Split('#')[0].Split(';')
                     where columns.Length > 5
                     let texts = columns[..3].Select(UnicodeData.Numbers).ToArray()
                     where texts.SelectMany(text => text).All(point => HostCharacters.Find(point) is { Mapping: null })
                     select texts).ToList();

        Assert.That(cases, Has.Count.GreaterThan(10_000));
        Assert.Multiple(() =>
        {
            foreach (var texts in cases)
            {
                Assert.That(texts.Select(Normalization.Compose), Is.All.EqualTo(texts[1]), string.Join(' ', texts[0].Select(point => $"{point:X4}")));
            }
        });
    }
}
