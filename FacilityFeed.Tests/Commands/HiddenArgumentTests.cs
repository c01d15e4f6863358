using FacilityFeed.Tests.Support;

namespace FacilityFeed.Tests.Commands;

/// <summary>What a person pasted into a command, a secret in it, is refused and said nowhere: a terminal is recorded, and a log is read by others.</summary>
public sealed class HiddenArgumentTests
{
    private const string Secret = "hunter2";

    [TestCase("publish", "s3://k:hunter2@x")]
    [TestCase("publish", "AKIA:hunter2")]
    [TestCase("publish", "password=hunter2")]
    [TestCase("pause", "https://k:hunter2@x/feeds")]
    [TestCase("resume", "k:hunter2")]
    [TestCase("verify", "https://K:hunter2@host/metadata.json")]
    [TestCase("verify", "https://host/metadata.json?X-Amz-Signature=hunter2")]
    [TestCase("verify", "K:hunter2@host/metadata.json")]
    [TestCase("verify", "AKIA:hunter2")]
    [TestCase("verify", "AKIA:hunter2/K7MDENG/metadata.json")]
    [TestCase("verify", "s3://K:hunter2@bucket/metadata.json")]
    [TestCase("verify", "s3://bucket/metadata.json?X-Amz-Signature=hunter2")]
    [TestCase("status", "k:hunter2@x")]
    [TestCase("redrive", "k:hunter2@x")]
    [TestCase("diff", "1", "k:hunter2@x")]
    [TestCase("publish", "facility", "--json=k:hunter2@x")]
    [TestCase("publish", "facility", "--json:k:hunter2@x")]
    [TestCase("publish", "facility", "--json", "k:hunter2@x")]
    [TestCase("publish", "facility", "--jsn=k:hunter2@x")]
    [TestCase("publish", "facility", "https://k:hunter2@x")]
    [TestCase("publish", "@k:hunter2")]
    [TestCase("doctor", "--verbose=k:hunter2@x")]
    [TestCase("https://k:hunter2@x")]
    [TestCase("--DB_PASSWORD=hunter2")]
    public async Task AWrongWord_ThatMayHoldASecret_IsRefused_AndNotShown(params string[] words)
    {
        await using var installation = Installation.Bare();

        var result = await installation.RunAsync(words);

        Assert.That(result.ExitCode, Is.EqualTo(2), result.Output + result.Errors);
        Assert.That(result.Errors, Does.StartWith("error: ").And.Not.Contain(Secret));
        Assert.That(result.Errors, Does.Contain("not shown"));
        Assert.That(result.Output, Is.Empty);
        Assert.That(installation.Folder.File("data"), Does.Not.Exist);
    }

    [Test]
    public async Task AWordThatBeginsWithAnAt_IsNotTheNameOfAFileWithWords()
    {
        await using var installation = Installation.Bare();
        await File.WriteAllTextAsync(installation.Folder.File("secret"), Secret);

        var result = await installation.RunAsync("publish", "@secret");

        Assert.That((result.ExitCode, result.Errors.Contains(Secret, StringComparison.Ordinal)), Is.EqualTo((2, false)), result.Errors);
    }

    [Test]
    public async Task AFolderWithStrangeSigns_CanBeVerified()
    {
        await using var installation = Installation.Bare();

        var result = await installation.RunAsync("verify", "./12:30@home/metadata.json");

        Assert.That(result.Output, Does.Contain("./12:30@home/metadata.json: NOT OK"));
    }
}
