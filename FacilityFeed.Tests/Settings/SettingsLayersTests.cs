using System.Text;
using FacilityFeed.Infrastructure.Settings;
using FacilityFeed.Tests.Support;
using Microsoft.Extensions.Configuration;

namespace FacilityFeed.Tests.Settings;

public sealed class SettingsLayersTests
{
    private readonly TempFolder _folder = new();

    [OneTimeTearDown]
    public void RemoveFolder() => _folder.Dispose();

    [TearDown]
    public void EmptyFolder()
    {
        foreach (var entry in new DirectoryInfo(_folder.Path).GetFileSystemInfos())
        {
            (entry as DirectoryInfo)?.Delete(recursive: true);
            entry.Refresh();
            if (entry.Exists || entry.LinkTarget is not null)
            {
                entry.Delete();
            }
        }
    }

    // Each layer has the setting in one of its spellings, and a setting of its own that nothing above has.
    [TestCase("DB_NAME", "DB_NAME", "DB_NAME")]
    [TestCase("Source__Database", "DB_NAME", "db_name")]
    [TestCase("DB_NAME", "SOURCE__DATABASE", "source__database")]
    [TestCase("Source__Database", "Source:Database", "Source__Database")]
    public void Build_LetsTheLaterLayerWin_WhicheverNameIsUsed(string inDotEnv, string inEnvironment, string inSecrets)
    {
        Write("shipped.json", """{ "Source": { "Database": "shipped", "Host": "shipped", "Port": "1" }, "Feeds": { "courts": {} } }""");
        Write("appsettings.json", """{ "Source": { "Database": "working", "Host": "working", "User": "" } }""");
        Write(".env", $"{inDotEnv}=dotenv\nDB_PASSWORD=dotenv\nDB_USER=dotenv\n");
        Write($"secrets/{inSecrets}", "secret\n");
        Write("secrets/db_user", "secret\n");

        var layers = new SettingsLayers().AddJson(_folder.File("shipped.json"), isOptional: false).AddJson(_folder.File("appsettings.json"), isOptional: true);
        Assert.That(layers.Build()["Source:Database"], Is.EqualTo("working"));
        Assert.That(layers.AddDotEnv(_folder.Path).Build()["Source:Database"], Is.EqualTo("dotenv"));
        Assert.That(layers.AddSecrets(_folder.File("secrets")).Build()["Source:Database"], Is.EqualTo("secret"));
        var all = layers.AddEnvironment([KeyValuePair.Create(inEnvironment, "environment")], _folder.Path).Build();

        Assert.That(layers.Problems, Is.Empty);
        Assert.That(all["Source:Database"], Is.EqualTo("environment"));
        Assert.That((all["Source:Port"], all["Source:Host"], all["Source:Password"], all["Source:User"]), Is.EqualTo(("1", "working", "dotenv", "secret")));
        Assert.That(all.GetSection("Feeds").GetChildren().Select(feed => feed.Key), Is.EqualTo(new[] { "courts" }), "an empty section names a feed");
    }

    [Test]
    public void Build_LetsTheSectionNameWin_WithinOneLayer()
    {
        Write(".env", "Source__Database=section\nDB_NAME=plain\n");
        Write("secrets/DB_USER", "plain");
        Write("secrets/Source__User", "section");

        var values = Layers([("Source__Host", "section"), ("DB_HOST", "plain")]).Build();

        Assert.That((values["Source:Database"], values["Source:User"], values["Source:Host"]), Is.EqualTo(("section", "section", "section")));
    }

    [Test]
    public void Build_TakesAnEmptyValueAsNotSet_InEveryLayer()
    {
        Write("shipped.json", """{ "Source": { "Database": "shipped" } }""");
        Write("appsettings.json", """{ "Source": { "Database": "" } }""");
        Write(".env", "DB_NAME=\nSource__Database=''\nDB_NAME_FILE=\n");
        Write("secrets/db_name", "\n");

        var layers = new SettingsLayers().AddJson(_folder.File("shipped.json"), isOptional: false).AddJson(_folder.File("appsettings.json"), isOptional: true).AddDotEnv(_folder.Path)
            .AddSecrets(_folder.File("secrets")).AddEnvironment(Configured.Variables(("DB_NAME", ""), ("Source__Database", ""), ("Source__Database_FILE", "")), _folder.Path);

        Assert.That(layers.Problems, Is.Empty);
        Assert.That(layers.Build()["Source:Database"], Is.EqualTo("shipped"));
    }

    [Test]
    public void Build_LeavesAloneWhatIsNotOurs()
    {
        Write(".env", "PATH=/bin\nPOSTGRES__X=1\nSECRET_FILE=/nowhere\nSTATE=x\n");
        Write("secrets/other", "x");
        Directory.CreateDirectory(_folder.File("secrets/kubernetes.io"));

        var layers = Layers([("HOME", "/"), ("GPG_FILE", "/nowhere"), ("db_name", "environment variables have a case")]);

        Assert.That(layers.Problems, Is.Empty);
        Assert.That(layers.Build().AsEnumerable(), Is.Empty);
    }

    [TestCase("secret", "secret")]
    [TestCase("secret\n", "secret")]
    [TestCase("secret\r\n", "secret")]
    [TestCase(" sec'r#et \n\n", " sec'r#et \n")]
    [TestCase("pa$word\r", "pa$word\r")]
    public void Build_CutsOffOneLineBreak_FromAFilesValue(string content, string expected)
    {
        Write("a file", content);
        Write("secrets/db_user", content);
        Write(".env", $"Stores__local__Path_FILE='{_folder.File("a file")}'\n");

        var layers = Layers([("DB_PASSWORD_FILE", _folder.File("a file")), ("Source__Database_FILE", "a file")]);

        Assert.That(layers.Problems, Is.Empty);
        Assert.That(Values(layers, "Source:Password", "Source:Database", "Source:User", "Stores:local:Path"), Is.All.EqualTo(expected));
    }

    [Test]
    public void Build_TakesAFileForEveryPlainName()
    {
        Write("a file", "value\n");

        var layers = Layers([.. PlainNames.All.Keys.Select(name => ($"{name}_FILE", _folder.File("a file")))]);

        Assert.That(layers.Problems, Is.Empty);
        Assert.That(Values(layers, [.. PlainNames.All.Values]), Is.All.EqualTo("value"));
    }

    [Test]
    public void Problems_NamesBoth_WhenOneLayerHasTheValueAndItsFile()
    {
        Write(".env", "Source__Password=hunter2\nSOURCE__PASSWORD_FILE=/nowhere\nDB_NAME=a");

        Assert.That(Layers([("DB_PASSWORD", "hunter2"), ("DB_PASSWORD_FILE", "/nowhere"), ("DB_NAME_FILE", Write("name", "b"))]).Problems, Is.EqualTo(new[]
        {
            $"SOURCE__PASSWORD and SOURCE__PASSWORD_FILE are both set in {_folder.File(".env")}: unset one of them",
            "DB_PASSWORD and DB_PASSWORD_FILE are both set in the environment: unset one of them",
        }));
    }

    [Test]
    public void Problems_NamesSettingAndPath_WhenAFileCannotBeRead()
    {
        Write(".env", "Source__Password_FILE=gone\n");
        Directory.CreateDirectory(_folder.File("secrets/db_user"));
        File.CreateSymbolicLink(_folder.File("secrets/Feeds__facility__Cron"), "/nowhere/at/all");
        File.WriteAllBytes(_folder.File("latin"), Encoding.Latin1.GetBytes("é"));

        Assert.That(Layers([("DB_NAME_FILE", _folder.File("latin"))]).Problems, Is.EqualTo(new[]
        {
            $"Source__Password_FILE (in {_folder.File(".env")}) names a file (its name is not shown, for it may be the secret itself), which cannot be read (there is no such file): name a file that the service's user may read, or set Source__Password instead",
            $"The secret {_folder.File("secrets/Feeds__facility__Cron")} cannot be read (there is no such file): let the service's user read it, or remove it",
            $"The secret {_folder.File("secrets/db_user")} cannot be read (it is a folder): let the service's user read it, or remove it",
            $"DB_NAME_FILE (in the environment) is '{_folder.File("latin")}', which cannot be read (it is not UTF-8 text): name a file that the service's user may read, or set DB_NAME instead",
        }));
    }

    [Test]
    public void Read_TellsTheProblemsOfLayersAndValuesAtOnce()
    {
        Write(".env", "what is this\nCHUNK_SIZE=0\n");

        var problems = Configured.ProblemsOf(Layers([("FEED_NAME_FILE", "/nowhere")]));

        Assert.That(problems, Has.Count.EqualTo(3).And.One.Contains(".env, line 1").And.One.StartsWith("FEED_NAME_FILE ").And.One.StartsWith("CHUNK_SIZE "));
    }

    private static IEnumerable<string?> Values(SettingsLayers layers, params string[] keys)
    {
        var values = layers.Build();
        return keys.Select(key => values[key]);
    }

    private SettingsLayers Layers(params (string Name, string Value)[] environment) =>
        new SettingsLayers().AddDotEnv(_folder.Path).AddSecrets(_folder.File("secrets")).AddEnvironment(Configured.Variables(environment), _folder.Path);

    private string Write(string name, string text)
    {
        var path = _folder.File(name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return path;
    }
}
