using System.Text.Json;
using FacilityFeed.Tests.Publishing;
using FacilityFeed.Tests.Support;

namespace FacilityFeed.Tests.Commands;

public sealed class PublishCommandTests
{
    [Test]
    public async Task Publish_AnswersWithOneJsonObject_WhenPublished()
    {
        await using var installation = await Installation.CreateAsync(Facilities.Numbered(1, 25));
        installation.Settings["CHUNK_SIZE"] = "10";

        var result = await installation.RunAsync("publish", "facility", "--json");

        Assert.That(result.ExitCode, Is.Zero, result.Errors);
        using var answer = JsonDocument.Parse(result.Output);
        Assert.That(
            answer.RootElement.EnumerateObject().Select(member => member.Name),
            Is.EqualTo(new[] { "runId", "state", "joined", "manifest", "chunks", "records", "rowsRead", "rejected", "warnings", "drift", "bytes", "seconds", "reason" }));
        var manifest = answer.RootElement.GetProperty("manifest").GetString()!;
        var shardBytes = new DirectoryInfo(installation.StorePath).GetFiles("*.json.gz").Sum(file => file.Length);
        Assert.That(
            (Text(answer, "state"), Flag(answer, "joined"), Number(answer, "chunks"), Number(answer, "records"), Number(answer, "rejected"), Number(answer, "bytes")),
            Is.EqualTo(("published", false, 3, 25, 0, shardBytes)));
        Assert.That(answer.RootElement.GetProperty("seconds").GetDouble(), Is.Positive);
        Assert.That(PublishTests.ReadIds(installation.StorePath, Path.GetFileName(manifest)), Is.EqualTo(Enumerable.Range(1, 25).Select(id => $"{id}")));
        Assert.That(Path.GetDirectoryName(manifest), Is.EqualTo(installation.StorePath));
    }

    [Test]
    public async Task Publish_ReadsMariaDb_AndTheFeedVerifies()
    {
        await using var installation = await Installation.WithMariaDbAsync(await File.ReadAllTextAsync(Repository.File("deploy/db-init.mysql.sql")));

        var result = await installation.RunAsync("publish", "facility", "--json");
        var verdict = await installation.RunAsync("verify", "data/feeds/metadata.json");

        Assert.That(result.ExitCode, Is.Zero, result.Errors);
        using var answer = JsonDocument.Parse(result.Output);
        Assert.That((Text(answer, "state"), Number(answer, "records")), Is.EqualTo(("published", 1000)));
        Assert.That(verdict.ExitCode, Is.Zero, verdict.Errors);
    }

    [Test]
    public async Task Publish_NamesTheSettings_WhenMariaDbRefusesThePassword()
    {
        await using var installation = await Installation.WithMariaDbAsync(Facilities.EmptyTable);
        installation.Settings["DB_PASSWORD"] = "not the pass%word";

        var result = await installation.RunAsync("publish", "facility");

        Assert.That(result.ExitCode, Is.EqualTo(2));
        Assert.That(result.Errors, Does.Contain("DB_USER (Source:User) is").And.Contain("DB_PASSWORD (Source:Password)").And.Not.Contain("not the pass%word").And.Not.Contain("   at "));
    }

    [Test]
    public async Task Publish_FindsPostgres_BehindLinksThatLeadNowhere()
    {
        await using var installation = Installation.Bare();
        Directory.CreateDirectory(installation.Folder.File("bin"));
        foreach (var program in new[] { "initdb", "pg_ctl", "postgres" })
        {
            File.CreateSymbolicLink(installation.Folder.File($"bin/{program}"), $"/nowhere/{program}");
        }

        installation.Settings["PATH"] = $"{installation.Folder.File("bin")}:{Environment.GetEnvironmentVariable("PATH")}";

        var result = await installation.RunAsync("publish", "facility");

        Assert.That(result.ExitCode, Is.Zero, result.Errors);
    }

    [Test]
    public async Task Publish_RefusesToJoinARun_ThatGoesElsewhere()
    {
        await using var installation = await Installation.CreateAsync(Facilities.Gated(30));
        await using var gate = await ReadGate.CloseAsync(installation.Source);
        await using var first = installation.Start("publish", "facility");
        await ReadGate.WaitForReaderAsync(installation.Source);

        installation.Settings["LOCAL_STORAGE_PATH"] = installation.Folder.File("elsewhere");
        var second = await installation.RunAsync("publish", "facility", "--json");

        Assert.That((second.ExitCode, second.Output), Is.EqualTo((2, "")));
        Assert.That(second.Errors, Does.Contain("Run 1 was triggered for").And.Contain("elsewhere").And.Not.Contain("   at "));
        await gate.OpenAsync();
        Assert.That((await first.EndAsync()).ExitCode, Is.Zero);
    }

    [Test]
    public async Task Publish_IsHeld_WhenTheTableIsEmpty()
    {
        await using var installation = await Installation.CreateAsync(Facilities.EmptyTable);

        var result = await installation.RunAsync("publish", "facility", "--json");

        using var answer = JsonDocument.Parse(result.Output);
        Assert.That((result.ExitCode, Text(answer, "state")), Is.EqualTo((3, "held")));
        Assert.That(answer.RootElement.GetProperty("manifest").ValueKind, Is.EqualTo(JsonValueKind.Null));
        Assert.That(result.Errors, Does.Contain("the source is empty"));
        Assert.That(installation.Stored(), Is.Empty);
    }

    [Test]
    public async Task Publish_FailsAndNamesTheIds_WhenIdsAreDoubled()
    {
        await using var installation = await Installation.CreateAsync(Facilities.ViewOf("SELECT unnest(ARRAY[1, 17, 17, 4, 23, 23]::bigint[]) AS id"));

        var result = await installation.RunAsync("publish", "facility", "--json");

        using var answer = JsonDocument.Parse(result.Output);
        Assert.That((result.ExitCode, Text(answer, "state")), Is.EqualTo((1, "failed")));
        Assert.That(result.Errors, Does.Contain("more than one row for id 17, 23").And.Not.Contain("   at "));
        Assert.That(installation.Stored(), Is.Empty);
    }

    [Test]
    public async Task Publish_MakesTheSample_WhenNothingIsConfigured()
    {
        _ = TestServers.Postgres;
        await using var installation = Installation.Bare();

        var first = await installation.RunAsync("publish", "facility", "--json");
        var afterFirst = installation.Stored();
        var verified = await installation.RunAsync("verify", "data/feeds/metadata.json");
        var second = await installation.RunAsync("publish", "facility");
        var afterSecond = installation.Stored();

        Assert.That((first.ExitCode, verified.ExitCode, second.ExitCode), Is.EqualTo((0, 0, 0)), first.Errors + verified.Output + second.Errors);
        using var answer = JsonDocument.Parse(first.Output);
        Assert.That((Text(answer, "state"), Number(answer, "records")), Is.EqualTo(("published", 1000)));
        Assert.That(verified.Output, Does.Contain("metadata.json: ok: 1 shard, 1,000 records").And.Contain("compared with run 1 in the ledger"));
        Assert.That(second.Output, Does.StartWith("run 2 published: 1,000 records in 1 chunk, ").And.Contain(".filesetdesc.json"));
        Assert.That(afterFirst.Where(file => !afterSecond.Contains(file)).Select(file => file.Key), Is.EqualTo(new[] { "metadata.json" }));
        Assert.That(afterSecond.Keys.Except(afterFirst.Keys).Count(name => name.EndsWith(".filesetdesc.json", StringComparison.Ordinal)), Is.EqualTo(1));
        Assert.That(afterSecond, Has.Count.EqualTo(5));
        Assert.That(installation.Folder.File("data/postgres/cluster/PG_VERSION"), Does.Exist);
        Assert.That(installation.Folder.File("data/postgres/cluster/postmaster.pid"), Does.Not.Exist);
    }

    [Test]
    public async Task Publish_JoinsTheActiveRun_WhenStartedTwice()
    {
        await using var installation = await Installation.CreateAsync(Facilities.Gated(40));
        installation.Settings["CHUNK_SIZE"] = "10";
        await using var gate = await ReadGate.CloseAsync(installation.Source);
        await using var first = installation.Start("publish", "facility", "--json");
        await ReadGate.WaitForReaderAsync(installation.Source);
        await using var second = installation.Start("publish", "facility", "--json");
        await second.SaysAsync("run 1 running");

        await gate.OpenAsync();
        var (firstResult, secondResult) = (await first.EndAsync(), await second.EndAsync());

        Assert.That((firstResult.ExitCode, secondResult.ExitCode), Is.EqualTo((0, 0)), firstResult.Errors + secondResult.Errors);
        using var firstAnswer = JsonDocument.Parse(firstResult.Output);
        using var secondAnswer = JsonDocument.Parse(secondResult.Output);
        Assert.That((Flag(firstAnswer, "joined"), Flag(secondAnswer, "joined")), Is.EqualTo((false, true)));
        Assert.That((Number(secondAnswer, "runId"), Number(secondAnswer, "records")), Is.EqualTo((Number(firstAnswer, "runId"), 40)));
        Assert.That(await installation.State.ScalarAsync<long>("SELECT count(*) FROM feed.run"), Is.EqualTo(1));
    }

    private static string? Text(JsonDocument answer, string member) => answer.RootElement.GetProperty(member).GetString();

    private static bool Flag(JsonDocument answer, string member) => answer.RootElement.GetProperty(member).GetBoolean();

    private static long Number(JsonDocument answer, string member) => answer.RootElement.GetProperty(member).GetInt64();
}
