using System.Text;
using FacilityFeed.Infrastructure.Settings;
using FacilityFeed.Tests.Support;
using Microsoft.Extensions.Configuration;

namespace FacilityFeed.Tests.Settings;

/// <summary>The expected values are those of python-dotenv 1.x without interpolation; where ours differ, the test says so.</summary>
public sealed class DotEnvTests
{
    private const string Password = "p@ss:/?#%' \"w";

    [TestCase("DB_PASSWORD=p@ss:/?#%' \"w", Password)]
    [TestCase("DB_PASSWORD='p@ss:/?#%\\' \"w'", Password)]
    [TestCase("DB_PASSWORD=\"p@ss:/?#%' \\\"w\"", Password)]
    [TestCase("DB_PASSWORD=pa$word", "pa$word")]
    [TestCase("DB_PASSWORD=pa${x}", "pa${x}")]
    [TestCase("DB_PASSWORD='pa$word'", "pa$word")]
    [TestCase("DB_PASSWORD=\"pa${HOME}$word\\$\"", "pa${HOME}$word\\$")]
    [TestCase("DB_PASSWORD=$(id)`id`", "$(id)`id`")]
    [TestCase("DB_PASSWORD=a#b", "a#b")]
    [TestCase("DB_PASSWORD=#b", "#b")]
    [TestCase("DB_PASSWORD=a #b", "a")]
    [TestCase("DB_PASSWORD=a\t# b # c", "a")]
    [TestCase("DB_PASSWORD='a #b'", "a #b")]
    [TestCase("DB_PASSWORD='a' # it's mine", "a")]
    [TestCase("DB_PASSWORD=\"a\"#b", "a")]
    [TestCase("DB_PASSWORD=a=b==", "a=b==")]
    [TestCase("DB_PASSWORD=two words", "two words")]
    [TestCase("DB_PASSWORD=it's", "it's")]
    [TestCase("DB_PASSWORD=a\"b\"", "a\"b\"")]
    [TestCase("DB_PASSWORD=a\\nb\\", "a\\nb\\")]
    [TestCase("DB_PASSWORD='a\\nb\\\\c'", "a\\nb\\c")]
    [TestCase("DB_PASSWORD='a\\'", "a\\")]
    [TestCase("DB_PASSWORD=\"a\\nb\\tc\\\\d\\e\"", "a\nb\tc\\d\\e")]
    [TestCase("DB_PASSWORD='  a  '", "  a  ")]
    [TestCase("DB_PASSWORD=  a  ", "a")]
    [TestCase("DB_PASSWORD = 'a'", "a")]
    [TestCase("  export DB_PASSWORD=a", "a")]
    [TestCase("export\tDB_PASSWORD=a", "a")]
    [TestCase("DB_PASSWORD=café\u00A0\u2028\u0085", "café\u00A0\u2028\u0085", Description = "only the line breaks of a text file end a line")]
    [TestCase("DB_PASSWORD=a\nDB_PASSWORD=b", "b")]
    [TestCase("\uFEFFDB_PASSWORD=a", "a")]
    [TestCase("# a comment = 1\r\n\r\n  # another\r\nDB_PASSWORD=a\r\nOTHER='b'\r\n", "a")]
    [TestCase("DB_PASSWORD=\nDB_NAME=a", null)]
    [TestCase("DB_PASSWORD=''", null)]
    [TestCase("DB_PASSWORD= # the password", null, Description = "python-dotenv takes this comment for the value")]
    [TestCase("#DB_PASSWORD=a", null)]
    public void Read_TakesTheValueAsWritten(string text, string? expected)
    {
        var layers = Read(text);

        Assert.That(layers.Problems, Is.Empty);
        Assert.That(layers.Build()["Source:Password"], Is.EqualTo(expected));
    }

    [TestCase("hunter2")]
    [TestCase("export hunter2")]
    [TestCase("DB PASSWORD=hunter2")]
    [TestCase("=hunter2")]
    [TestCase("DB_PASSWORD: hunter2")]
    [TestCase("DB_PASSWORD='hunter2")]
    [TestCase("DB_PASSWORD=\"hunter2")]
    [TestCase("DB_PASSWORD=\"hunter2\"x")]
    [TestCase("DB_PASSWORD='hunter2\\' #x' y")]
    public void Read_NamesFileAndLine_WhenALineCannotBeRead(string line)
    {
        using var folder = new TempFolder();

        var layers = Read($"DB_NAME=a\r\n\r\n{line}\r\nDB_USER=b\r\n", folder);

        Assert.That(layers.Problems, Has.Count.EqualTo(1).And.Some.StartsWith($"{folder.File(".env")}, line 3 cannot be read: ").And.None.Contains("hunter2"));
        Assert.That(layers.Build()["Source:User"], Is.EqualTo("b"), "the lines after it are read");
    }

    [Test]
    public void Read_RefusesBytesThatAreNoUtf8()
    {
        using var folder = new TempFolder();
        File.WriteAllBytes(folder.File(".env"), Encoding.Latin1.GetBytes("DB_PASSWORD=é"));

        Assert.That(new SettingsLayers().AddDotEnv(folder.Path).Problems, Is.EqualTo(new[] { $"{folder.File(".env")} cannot be read (it is not UTF-8 text): make it UTF-8 text that the service's user may read, or remove it" }));
    }

    [Test]
    public void Read_FindsNothing_WhenThereIsNoFile()
    {
        using var folder = new TempFolder();

        var layers = new SettingsLayers().AddDotEnv(folder.Path);

        Assert.That((layers.Problems.Count, layers.Build().AsEnumerable().Count()), Is.EqualTo((0, 0)));
    }

    private static SettingsLayers Read(string text)
    {
        using var folder = new TempFolder();
        return Read(text, folder);
    }

    private static SettingsLayers Read(string text, TempFolder folder)
    {
        File.WriteAllText(folder.File(".env"), text);
        return new SettingsLayers().AddDotEnv(folder.Path);
    }
}
