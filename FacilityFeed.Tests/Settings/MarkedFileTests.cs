using System.Text;
using FacilityFeed.Infrastructure.Settings;
using FacilityFeed.Tests.Support;

namespace FacilityFeed.Tests.Settings;

/// <summary>The mark that Windows editors put at the head of a file is no part of a password; UTF-16 is refused by the file's name.</summary>
public sealed class MarkedFileTests
{
    private const string Mark = "\uFEFF";

    private static readonly Encoding[] _wide = [Encoding.Unicode, Encoding.BigEndianUnicode, Encoding.UTF32];

    private TempFolder _folder = null!;

    [SetUp]
    public void MakeFolder() => _folder = new TempFolder();

    [TearDown]
    public void RemoveFolder() => _folder.Dispose();

    [TestCase(Mark + "hunter2")]
    [TestCase(Mark + "hunter2\r\n")]
    [TestCase(Mark + Mark + "hunter2\n", Description = "put together from two files")]
    public void AFilesMark_IsNoPartOfItsValue(string content)
    {
        Write("file", content);
        Write("secrets/db_user", content);
        Write(".env", $"{Mark}Stores__local__Path_FILE=file\n");

        var layers = new SettingsLayers().AddDotEnv(_folder.Path).AddSecrets(_folder.File("secrets")).AddEnvironment([KeyValuePair.Create("DB_PASSWORD_FILE", "file")], _folder.Path);

        var values = layers.Build();
        Assert.That(layers.Problems, Is.Empty);
        Assert.That(new[] { "Source:Password", "Source:User", "Stores:local:Path" }.Select(key => values[key]), Is.All.EqualTo("hunter2"));
    }

    [Test]
    public void AVariablesMark_IsNoPartOfItsValue() =>
        Assert.That(new SettingsLayers().AddEnvironment([KeyValuePair.Create("DB_PASSWORD", $"{Mark}hunter2")], "/").Build()["Source:Password"], Is.EqualTo("hunter2"));

    [Test]
    public void AMarkWithinAValue_Stays() =>
        Assert.That(new SettingsLayers().AddEnvironment([KeyValuePair.Create("DB_PASSWORD", $"hunter{Mark}2")], "/").Build()["Source:Password"], Is.EqualTo($"hunter{Mark}2"));

    [TestCase(Mark)]
    [TestCase(Mark + "\n")]
    public void AMarkAlone_IsNotSet(string content)
    {
        Write("secrets/db_user", content);

        Assert.That(new SettingsLayers().AddSecrets(_folder.File("secrets")).Build()["Source:User"], Is.Null);
    }

    [Test]
    public void AJsonFilesMark_IsNoPartOfIt()
    {
        Write("appsettings.json", Mark + """{ "Source": { "User": "reader" } }""");

        Assert.That(new SettingsLayers().AddJson(_folder.File("appsettings.json"), isOptional: false).Build()["Source:User"], Is.EqualTo("reader"));
    }

    [TestCaseSource(nameof(_wide))]
    public void Utf16_IsRefusedByTheFilesName(Encoding encoding)
    {
        var path = _folder.File("password");
        File.WriteAllText(path, "hunter2", encoding);

        var layers = new SettingsLayers().AddEnvironment([KeyValuePair.Create("DB_PASSWORD_FILE", path)], "/");

        Assert.That(layers.Problems, Is.EqualTo(new[]
        {
            $"DB_PASSWORD_FILE (in the environment) is '{path}', which cannot be read (it is not UTF-8 but UTF-16 text, or no text at all: save it as UTF-8): name a file that the service's user may read, or set DB_PASSWORD instead",
        }));
    }

    [Test]
    public void Utf16_WithoutAMark_IsRefusedToo()
    {
        Directory.CreateDirectory(_folder.File("secrets"));
        File.WriteAllBytes(_folder.File("secrets/db_password"), Encoding.Unicode.GetBytes("hunter2"));

        Assert.That(new SettingsLayers().AddSecrets(_folder.File("secrets")).Problems, Has.Count.EqualTo(1).And.Some.Contains("secrets/db_password cannot be read (it is not UTF-8 but UTF-16"));
    }

    [Test]
    public void Utf16_IsRefusedAsDotEnvToo()
    {
        File.WriteAllText(_folder.File(".env"), "DB_PASSWORD=hunter2\n", Encoding.Unicode);

        Assert.That(new SettingsLayers().AddDotEnv(_folder.Path).Problems, Has.Count.EqualTo(1).And.Some.Contains(".env cannot be read (it is not UTF-8 but UTF-16"));
    }

    private void Write(string name, string text)
    {
        var path = _folder.File(name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
    }
}
