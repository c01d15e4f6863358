using FacilityFeed.Tests.Support;

namespace FacilityFeed.Tests.Commands;

public sealed class CommandLineTests
{
    [Test]
    public async Task Help_ListsEveryCommand()
    {
        await using var installation = Installation.Bare();

        var result = await installation.RunAsync("--help");

        Assert.That(result.ExitCode, Is.Zero);
        Assert.That(result.Output, Does.Contain("serve").And.Contain("publish").And.Contain("status").And.Contain("verify").And.Contain("diff").And.Contain("--verbose"));
    }

    [TestCase("--jsn", "publish", "facility", "--jsn")]
    [TestCase("--no-such-option", "--no-such-option")]
    [TestCase("publsh", "publsh", "facility")]
    [TestCase("feed", "publish")]
    [TestCase("seven", "status", "seven")]
    public async Task AnyCommand_EndsWithTwoAndDoesNothing_WhenAWordIsNotUnderstood(string named, params string[] words)
    {
        await using var installation = Installation.Bare();

        var result = await installation.RunAsync(words);

        Assert.That(result.ExitCode, Is.EqualTo(2));
        Assert.That(result.Errors, Does.Contain(named));
        Assert.That(installation.Folder.File("data"), Does.Not.Exist);
    }
}
