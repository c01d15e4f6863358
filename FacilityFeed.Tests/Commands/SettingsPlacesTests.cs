using FacilityFeed.Tests.Support;

namespace FacilityFeed.Tests.Commands;

/// <summary>The real program finds its settings beside the environment.</summary>
public sealed class SettingsPlacesTests
{
    [Test]
    public async Task Publish_ReadsDotEnvAndAPasswordFile_InTheWorkingFolder()
    {
        await using var installation = await Installation.CreateAsync(Facilities.Numbered(1, 5));
        await File.WriteAllTextAsync(installation.Folder.File("password"), installation.Settings["DB_PASSWORD"] + "\n");
        installation.Settings.Remove("DB_PASSWORD");
        var lines = installation.Settings.Select(setting => $"{setting.Key}={setting.Value}").Append("DB_PASSWORD_FILE=password # beside this file").Append("CHUNK_SIZE=2");
        await File.WriteAllTextAsync(installation.Folder.File(".env"), string.Join("\r\n", lines));
        installation.Settings.Clear();
        installation.Settings["CHUNK_SIZE"] = "5";

        var result = await installation.RunAsync("publish", "facility", "--json");

        Assert.That(result.ExitCode, Is.Zero, result.Errors);
        Assert.That(result.Output, Does.Contain("\"chunks\":1,\"records\":5"));
    }

    [Test]
    public async Task Publish_TellsWhatCannotBeRead_AndMakesNothing()
    {
        await using var installation = Installation.Bare();
        await File.WriteAllTextAsync(installation.Folder.File(".env"), "DB_PASSWORD='hunter2\n");
        installation.Settings["STATE_DB_FILE"] = "/run/gone";
        installation.Settings["FEEDS__FACILITY__CHUNKSISE"] = "5";

        var result = await installation.RunAsync("publish", "facility");

        Assert.That(result.ExitCode, Is.EqualTo(2));
        Assert.That(result.ErrorLines, Has.Count.EqualTo(3).And.All.StartsWith("error: "));
        Assert.That(result.ErrorLines, Has.One.Contains(".env, line 1 ").And.One.Contains("STATE_DB_FILE (in the environment) is '/run/gone'").And.One.Contains("CHUNKSISE is not a setting: did you mean ChunkSize?"));
        Assert.That(result.Errors, Does.Not.Contain("hunter2"));
        Assert.That(installation.Folder.File("data"), Does.Not.Exist);
    }
}
