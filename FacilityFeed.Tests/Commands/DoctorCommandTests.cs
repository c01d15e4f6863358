using System.Text.Json;
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
        Assert.That(Lines(result), Has.Count.EqualTo(5).And.All.StartsWith("ok "));
        Assert.That(result.Output, Does.Contain("state database: PostgreSQL").And.Contain("25 rows, ids 1 to 25").And.Contain("read back, compared and removed"));
        Assert.That(Directory.GetFiles(installation.StorePath, "*", new EnumerationOptions { AttributesToSkip = FileAttributes.None }), Is.Empty);
    }

    [Test]
    public async Task ALedgerOfALaterBuild_IsSaidByDoctor_AndByPublish_WithTheWayBack()
    {
        await using var installation = await Installation.CreateAsync(Facilities.Numbered(1, 25));
        await installation.RunAsync("doctor");
        await installation.State.ExecuteAsync("INSERT INTO feed.protocol VALUES ('facility', 3), ('anothers', 3)");

        var doctor = await installation.RunAsync("doctor");
        var publish = await installation.RunAsync("publish", "facility");
        var back = await installation.State.ScalarAsync<string>("SELECT feed.go_back(2)");
        var again = await installation.RunAsync("publish", "facility");

        Assert.That((doctor.ExitCode, doctor.Output.Split('\n').Count(line => line.StartsWith("error ", StringComparison.Ordinal))), Is.EqualTo((2, 1)), doctor.Output);
        Assert.That(doctor.Output, Does.Contain("state database: feed facility has runs of protocol 3, made by a newer build, and this one knows 2: ").And.Contain("SELECT feed.go_back(2) in the state database"));
        Assert.That(publish.ExitCode, Is.EqualTo(2));
        Assert.That(publish.Errors, Does.Contain("feed facility has had a run of protocol 3, and this one would be of protocol 2: ").And.Contain("SELECT feed.go_back(2)").And.Not.Contain("   at "));
        Assert.That((back, again.ExitCode), Is.EqualTo(("0 runs are of protocol 2 now", 0)), again.Errors);
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
    public async Task Doctor_Json_IsAnObjectALine_AndTheResultLast()
    {
        await using var installation = await Installation.CreateAsync(Facilities.EmptyTable);
        installation.Settings["FEED_CORN"] = "x";
        installation.Settings["FEED_CRON"] = "0 3 29 2 1";
        installation.Settings["Feeds__gone__Table"] = "gone";
        installation.Settings["Feeds__gone__Name"] = "gone";
        installation.Settings["Feeds__gone__Prefix"] = "gone";

        var result = await installation.RunAsync("doctor", "--json");

        Assert.That((result.ExitCode, result.Errors), Is.EqualTo((2, "")));
        var findings = Lines(result).ConvertAll(line => JsonDocument.Parse(line).RootElement);
        Assert.That(findings.SkipLast(1).Select(finding => string.Join(' ', finding.EnumerateObject().Select(member => member.Name))), Is.All.EqualTo("severity subject message"));
        Assert.That(findings.SkipLast(1).Select(finding => $"{finding.GetProperty("severity")} {finding.GetProperty("subject")}"), Is.EqualTo(new[]
        {
            "ok settings", "warning settings", "ok state database", "ok schedule of feed facility", "warning schedule of feed facility", "ok schedule of feed gone",
            "warning source of feed facility", "error source of feed gone", "ok store of feeds facility, gone", "ok store of feeds facility, gone",
        }));
        Assert.That(Lines(result)[1], Does.Contain("FEED_CORN (in the environment) is not a setting, so it is not read: did you mean FEED_CRON?"));
        Assert.That(Lines(result)[^1], Is.EqualTo("""{"result":"not ok","ok":6,"warnings":3,"errors":1}"""));
    }

    [Test]
    public async Task Doctor_Json_TellsAllSettingsThatAreWrong()
    {
        await using var installation = Installation.Bare();
        installation.Settings["CHUNK_SIZE"] = "0";
        installation.Settings["FEED_CRON"] = "0 3 31 2 *";

        var result = await installation.RunAsync("doctor", "--json");

        Assert.That((result.ExitCode, result.Errors, Lines(result).Count), Is.EqualTo((2, "", 3)));
        Assert.That(Lines(result)[0], Does.StartWith("""{"severity":"error","subject":"settings","message":"CHUNK_SIZE """));
        Assert.That(Lines(result)[1], Does.StartWith("""{"severity":"error","subject":"settings","message":"FEED_CRON """).And.Contain("it never comes"));
        Assert.That(Lines(result)[2], Is.EqualTo("""{"result":"not ok","ok":0,"warnings":0,"errors":2}"""));
    }

    [Test]
    public async Task Doctor_TellsTheNextTimes_AndThatAFeedIsPaused()
    {
        await using var installation = await Installation.CreateAsync(Facilities.Numbered(1, 5));
        installation.Settings["FEED_CRON"] = "30 2 29 2 *";
        installation.Settings["Feeds__facility__TimeZone"] = "Asia/Kathmandu";

        var result = await installation.RunAsync("doctor");
        await installation.RunAsync("pause", "facility");
        var paused = await installation.RunAsync("doctor");

        Assert.That(result.Output, Does.Match(@"ok       schedule of feed facility: next runs (\w{3} \d{4}-02-29 02:30 \+05:45, ){2}\w{3} \d{4}-02-29 02:30 \+05:45 \(Asia/Kathmandu\)\n"));
        Assert.That(paused.Output, Does.Contain("warning  schedule of feed facility: paused since ").And.Contain("./run resume facility").And.Not.Contain("next runs"));
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

    [TestCase("preferred", true)]
    [TestCase("none", true)]
    [TestCase("required", false)]
    [TestCase("verify-full", false)]
    public async Task Doctor_Warns_WhereTheSourceIsAnotherMachine_AndTlsIsNotDemanded(string ssl, bool isOpen)
    {
        await using var installation = await Installation.CreateAsync(Facilities.Numbered(1, 5));
        installation.Settings["DB_HOST"] = "nowhere.invalid";
        installation.Settings["Source__SslMode"] = ssl;

        var result = await installation.RunAsync("doctor");

        Assert.That(Lines(result).Where(line => line.StartsWith("warning ", StringComparison.Ordinal)),
            isOpen ? Has.Exactly(1).Contains("source of feed facility: nowhere.invalid is another machine, and Source:SslMode does not demand TLS") : Is.Empty);
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
