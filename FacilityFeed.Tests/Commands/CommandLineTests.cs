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

    [TestCase("publish")]
    [TestCase("status")]
    [TestCase("redrive")]
    [TestCase("publish-anyway")]
    [TestCase("discard")]
    [TestCase("rejects")]
    [TestCase("cancel")]
    [TestCase("pause")]
    [TestCase("resume")]
    [TestCase("forget")]
    [TestCase("verify")]
    [TestCase("diff")]
    [TestCase("doctor")]
    [TestCase("serve")]
    public async Task HelpOfACommand_SaysItAsItIsTyped(string command)
    {
        await using var installation = Installation.Bare();

        var result = await installation.RunAsync(command, "--help");

        Assert.That((result.ExitCode, result.Errors), Is.EqualTo((0, "")));
        Assert.That(result.Output, Does.Contain($"  ./run {command} ").And.Not.Contain("FacilityFeed.Scheduler"));
    }

    [TestCase("--jsn", "publish", "facility", "--jsn")]
    [TestCase("--no-such-option", "--no-such-option")]
    [TestCase("publsh", "publsh", "facility")]
    [TestCase("feed", "publish")]
    [TestCase("seven", "status", "seven")]
    [TestCase("-1", "status", "-1")]
    [TestCase("1.5", "redrive", "1.5")]
    [TestCase("x", "diff", "1", "x")]
    [TestCase("run", "redrive")]
    [TestCase("extra", "publish", "facility", "extra")]
    [TestCase("--reason", "publish-anyway", "1")]
    [TestCase("--reason", "publish-anyway", "1", "--reason")]
    public async Task AnyCommand_EndsWithTwoAndDoesNothing_WhenAWordIsNotUnderstood(string named, params string[] words)
    {
        await using var installation = Installation.Bare();

        var result = await installation.RunAsync(words);

        Assert.That(result.ExitCode, Is.EqualTo(2));
        Assert.That(result.Errors, Does.StartWith("error: ").And.Contain(named).And.Contain("\nusage: ./run "));
        Assert.That(result.Output, Is.Empty, "stdout is for answers");
        Assert.That(installation.Folder.File("data"), Does.Not.Exist);
    }
}
