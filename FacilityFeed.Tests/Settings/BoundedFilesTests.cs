using FacilityFeed.Infrastructure.Settings;
using FacilityFeed.Tests.Support;

namespace FacilityFeed.Tests.Settings;

/// <summary>Files of settings are read up to a limit, and only where they are files: a pipe without a writer or a device without an end holds nobody.</summary>
[CancelAfter(30_000)]
public sealed class BoundedFilesTests
{
    private TempFolder _folder = null!;

    [SetUp]
    public void MakeFolder() => _folder = new TempFolder();

    [TearDown]
    public void Remove() => _folder.Dispose();

    [TestCase("/dev/zero", "no file")]
    [TestCase("/dev/null", "no file")]
    [TestCase("pipe", "no file")]
    [TestCase("large", "larger than 64 KiB")]
    public async Task ASecretsFile_MustBeAFile_OfAReasonableLength(string what, string why)
    {
        var path = await MakeAsync(what, 64 * 1024);

        Assert.That(await ProblemsAsync(() => new SettingsLayers().AddEnvironment(Configured.Variables(("DB_PASSWORD_FILE", path)), _folder.Path)), Has.Count.EqualTo(1).And.All.Contains(why).And.All.Contains("DB_PASSWORD_FILE"));
        Directory.CreateDirectory(_folder.File("secrets"));
        File.CreateSymbolicLink(_folder.File("secrets/db_password"), path);
        Assert.That(await ProblemsAsync(() => new SettingsLayers().AddSecrets(_folder.File("secrets"))), Has.Count.EqualTo(1).And.All.Contains(why).And.All.Contains("secrets/db_password"));
    }

    [TestCase("/dev/zero", "no file")]
    [TestCase("pipe", "no file")]
    [TestCase("large", "larger than 1 MiB")]
    public async Task DotEnvAndJson_MustBeFiles_OfAReasonableLength(string what, string why)
    {
        var path = await MakeAsync(what, 1024 * 1024);
        File.CreateSymbolicLink(_folder.File(".env"), path);
        File.CreateSymbolicLink(_folder.File("appsettings.json"), path);

        Assert.That(await ProblemsAsync(() => new SettingsLayers().AddDotEnv(_folder.Path)), Has.Count.EqualTo(1).And.All.Contains(why).And.All.Contains(".env"));
        var broken = (await Assert.ThrowsAsync<InvalidDataException>(() => Task.Run(() => new SettingsLayers().AddJson(_folder.File("appsettings.json"), isOptional: true))))!;
        Assert.That(broken.InnerException!.Message, Does.Contain(why));
    }

    [Test]
    public void AFileAtTheLimit_IsRead()
    {
        File.WriteAllText(_folder.File("secret"), new string('x', 64 * 1024));
        File.WriteAllText(_folder.File(".env"), $"#{new string('x', (1024 * 1024) - 20)}\nDB_USER=reader\n");

        Assert.That(new SettingsLayers().AddEnvironment(Configured.Variables(("DB_PASSWORD_FILE", _folder.File("secret"))), "/").Build()["Source:Password"], Has.Length.EqualTo(64 * 1024));
        Assert.That(new SettingsLayers().AddDotEnv(_folder.Path).Build()["Source:User"], Is.EqualTo("reader"));
    }

    private async Task<string> MakeAsync(string what, int limit)
    {
        if (what[0] == '/')
        {
            return what;
        }

        var path = _folder.File(what);
        if (what == "pipe")
        {
            await Tool.RunAsync("mkfifo", path);
        }
        else
        {
            File.WriteAllText(path, new string('x', limit + 1));
        }

        return path;
    }

    private static Task<IReadOnlyList<string>> ProblemsAsync(Func<SettingsLayers> read) => Task.Run(() => read().Problems);
}
