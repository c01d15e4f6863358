using FacilityFeed.Tests.Support;

namespace FacilityFeed.Tests.Commands;

public sealed class DoctorCommandTests
{
    [Test]
    public async Task Doctor_FindsAllWell_AndLeavesNothingBehind()
    {
        await using var installation = await Installation.CreateAsync(Facilities.Numbered(1, 25));

        var result = await installation.RunAsync("doctor");

        Assert.That(result.ExitCode, Is.Zero, result.Output + result.Errors);
        Assert.That(Lines(result), Has.Count.EqualTo(4).And.All.StartsWith("ok "));
        Assert.That(result.Output, Does.Contain("state database: PostgreSQL").And.Contain("25 rows, ids 1 to 25").And.Contain("read back, compared and removed"));
        Assert.That(Directory.GetFiles(installation.StorePath, "*", new EnumerationOptions { AttributesToSkip = FileAttributes.None }), Is.Empty);
    }

    [Test]
    public async Task Doctor_FindsEveryTrouble_NotTheFirstAlone()
    {
        await using var installation = await Installation.CreateAsync(Facilities.Numbered(1, 25));
        File.WriteAllText(installation.Folder.File("file"), "");
        installation.Settings["LOCAL_STORAGE_PATH"] = installation.Folder.File("file/below");
        installation.Settings["DB_NAME"] = "no_such_database";
        installation.Settings["STATE_DB"] = $"Host=127.0.0.1;Port={ClosedPort.Find()};Database=state;Username=feed;Password=hunter2";

        var result = await installation.RunAsync("doctor");

        Assert.That(result.ExitCode, Is.EqualTo(2));
        Assert.That(Lines(result).Where(line => line.StartsWith("error ", StringComparison.Ordinal)).Select(line => line.Split(':')[0][9..]),
            Is.EqualTo(new[] { "state database", "source of feed facility", "store of feed facility" }));
        Assert.That(result.Output, Does.Contain("STATE_DB (State:ConnectionString)").And.Contain("DB_NAME (Source:Database) is 'no_such_database'").And.Contain("LOCAL_STORAGE_PATH (Stores:local:Path)"));
        Assert.That(result.Output + result.Errors, Does.Not.Contain("hunter2").And.Not.Contain("   at "));
    }

    [Test]
    public async Task Doctor_WarnsOfWhatMakesNoRunFail()
    {
        await using var installation = await Installation.CreateAsync(Facilities.Table(id: "bigint NOT NULL"));

        var result = await installation.RunAsync("doctor");

        Assert.That(result.ExitCode, Is.Zero, result.Output + result.Errors);
        var warnings = Lines(result).Where(line => line.StartsWith("warning", StringComparison.Ordinal)).ToList();
        Assert.That(warnings, Has.Count.EqualTo(2));
        Assert.That(warnings[0], Does.Contain("facility.id has no index"));
        Assert.That(warnings[1], Does.Contain("has no rows, so a run would be held"));
    }

    [Test]
    public async Task Doctor_TellsAllSettingsThatAreWrong()
    {
        await using var installation = Installation.Bare();
        installation.Settings["CHUNK_SIZE"] = "0";
        installation.Settings["Feeds__facility__Tabel"] = "x";

        var result = await installation.RunAsync("doctor");

        Assert.That(result.ExitCode, Is.EqualTo(2));
        Assert.That(result.ErrorLines, Has.Count.EqualTo(2));
        Assert.That(result.Errors, Does.Contain("CHUNK_SIZE (Feeds:facility:ChunkSize) is '0'").And.Contain("did you mean Table?"));
    }

    [Test]
    public async Task Doctor_NamesTheBucket_WhenThereIsNone()
    {
        var server = await TestServers.CephAsync();
        await using var installation = await Installation.CreateAsync(Facilities.Numbered(1, 25));
        installation.Settings["S3_BUCKET_NAME"] = "no-such-bucket";
        installation.Settings["S3_ENDPOINT_URL"] = server.Endpoint.GetLeftPart(UriPartial.Authority);
        installation.Settings["AWS_ACCESS_KEY_ID"] = CephServer.Owner;
        installation.Settings["AWS_SECRET_ACCESS_KEY"] = CephServer.SecretOf(CephServer.Owner);

        var result = await installation.RunAsync("doctor");

        Assert.That(result.ExitCode, Is.EqualTo(2));
        Assert.That(result.Output, Does.Contain("NoSuchBucket").And.Contain("S3_BUCKET_NAME (Stores:s3:Bucket) is 'no-such-bucket'").And.Not.Contain(CephServer.SecretOf(CephServer.Owner)));
    }

    private static List<string> Lines(ProgramResult result) => [.. result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)];
}
