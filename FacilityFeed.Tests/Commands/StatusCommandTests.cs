using System.Text.Json;
using FacilityFeed.Tests.Support;

namespace FacilityFeed.Tests.Commands;

public sealed class StatusCommandTests
{
    [Test]
    public async Task Status_InAnotherFolder_SaysWhereItLooked_AndStartsNothing()
    {
        await using var installation = Installation.Bare();

        var result = await installation.RunAsync("status");
        var json = await installation.RunAsync("status", "--json");

        Assert.That((result.ExitCode, result.Output), Is.EqualTo((1, "")));
        Assert.That(result.Errors, Is.EqualTo($"error: there is no state database in {installation.Folder.File("data")}: nothing was ever run from this folder. cd to the folder of your .env, set DATA_DIR (State:DataDirectory) or STATE_DB (State:ConnectionString), or make the first run: ./run publish facility\n"));
        Assert.That((json.ExitCode, json.Output, json.Errors), Is.EqualTo((1, "", result.Errors)));
        Assert.That(installation.Folder.File("data"), Does.Not.Exist);
    }

    [TestCase("status")]
    [TestCase("status", "--json")]
    public async Task Status_OfAStateThatWasOnlyInstalled_SaysThatNothingWasRunThere(params string[] question)
    {
        await using var installation = await Installation.CreateAsync(Facilities.EmptyTable);
        await installation.RunAsync("doctor");
        Assert.That(await installation.State.ScalarAsync<long>("SELECT count(*) FROM pg_namespace WHERE nspname IN ('feed', 'hangfire')"), Is.EqualTo(2));

        var result = await installation.RunAsync(question);

        Assert.That((result.ExitCode, result.Output), Is.EqualTo((1, "")), result.Errors);
        Assert.That(result.Errors, Does.StartWith("error: there is no state in PostgreSQL database '").And.Contain(": nothing was ever run there. Check STATE_DB"));
    }

    [TestCase("INSERT INTO hangfire.set (key, score, value) VALUES ('recurring-jobs', 0, 'facility')", TestName = "its schedule is there")]
    [TestCase("INSERT INTO hangfire.server (id, lastheartbeat) VALUES ('here', now())", TestName = "it lives")]
    public async Task Status_OfAFreshService_TellsItsNextTimes(string trace)
    {
        await using var installation = await Installation.CreateAsync(Facilities.EmptyTable);
        await installation.RunAsync("doctor");
        await installation.State.ExecuteAsync(trace);

        var result = await installation.RunAsync("status");

        Assert.That(result.ExitCode, Is.Zero, result.Errors);
        Assert.That(result.Output, Does.Contain("next runs: ").And.EndsWith("\nno run yet: ./run publish facility makes the first\n"));
    }

    [Test]
    public async Task Status_SaysWhatBecameOfTheLastTime_ThatStartedNoRun()
    {
        await using var installation = await Installation.CreateAsync(Facilities.EmptyTable);
        await installation.RunAsync("doctor");
        await installation.State.ExecuteAsync("""
            INSERT INTO hangfire.server (id, lastheartbeat) VALUES ('here', now());
            INSERT INTO feed.schedule (feed, cron, zone, since, settled_to) VALUES ('facility', '0 3 * * *', 'UTC', '2026-01-01Z', '2026-01-06Z');
            INSERT INTO feed.occurrence (feed, due_at, first_due_at, count, reason) VALUES ('facility', '2026-01-02 03:00Z', '2026-01-02 03:00Z', 1, 'paused'), ('facility', '2026-01-05 03:00Z', '2026-01-03 03:00Z', 3, 'missed')
            """);

        var text = await installation.RunAsync("status");
        var json = JsonDocument.Parse((await installation.RunAsync("status", "--json")).Output).RootElement.GetProperty("feeds")[0].GetProperty("lastDue");

        Assert.That(text.Output, Does.Contain("\nfeed facility: its time 2026-01-05 03:00 UTC and 2 times before it, from 2026-01-03 03:00 UTC on, started no run: missed\n"), text.Errors);
        Assert.That((json.GetProperty("dueAt").GetString(), json.GetProperty("times").GetInt64(), json.GetProperty("reason").GetString()), Is.EqualTo(("2026-01-05T03:00:00Z", 3L, "missed")));
    }

    [TestCase("status")]
    [TestCase("redrive", "1")]
    public async Task AnyQuestion_ToADatabaseThatNothingHasUsed_SaysWhichItIs_AndMakesNothingThere(params string[] question)
    {
        await using var installation = await Installation.CreateAsync(Facilities.EmptyTable);

        var result = await installation.RunAsync(question);

        Assert.That((result.ExitCode, result.Output), Is.EqualTo((1, "")), result.Errors);
        Assert.That(result.Errors, Does.StartWith("error: there is no state in PostgreSQL database '").And.Contain("Check STATE_DB (State:ConnectionString)").And.Not.Contain("Password"));
        Assert.That(await installation.State.ScalarAsync<long>("SELECT count(*) FROM pg_namespace WHERE nspname IN ('feed', 'hangfire')"), Is.Zero);
    }

    [Test]
    public async Task Status_ShowsTheRunsOfTheLedger()
    {
        await using var installation = await Installation.CreateAsync(Facilities.Numbered(1, 1234));

        // Uses the state database, and makes no run.
        await installation.RunAsync("pause", "facility");
        var before = await installation.RunAsync("status");
        await installation.RunAsync("resume", "facility");
        var published = await installation.RunAsync("publish", "facility");
        var all = await installation.RunAsync("status");
        var one = await installation.RunAsync("status", "1");
        var unknown = await installation.RunAsync("status", "99");

        Assert.That(before.ExitCode, Is.Zero, before.Errors);
        Assert.That(before.Output, Does.StartWith("state: PostgreSQL database '").And.EndsWith("\nno run yet: ./run publish facility makes the first\n"));
        Assert.That((published.ExitCode, all.ExitCode, one.ExitCode), Is.EqualTo((0, 0, 0)));
        Assert.That(all.Output, Does.Match(@"\nfeed facility: '0 3 \* \* \*', next runs: \w{3} \d{4}-\d\d-\d\d 03:00 \+00:00, .*, .* \(UTC\)\n"));
        Assert.That(all.Output, Does.Match(@"\n +1 +facility +published +\d{4}-\d\d-\d\d \d\d:\d\d:\d\d +2/2 +1,234 +\d+\.\d\n$"));
        Assert.That(all.Output.Split('\n')[^3..], Has.All.Length.LessThanOrEqualTo(80), "the table");
        var lines = one.Output.Split('\n');
        Assert.That(lines[..3], Is.EqualTo(new[] { all.Output.Split('\n')[0], "run 1 of feed facility (reservewithgoogle.entity), by command: published", lines[2] }));
        Assert.That(lines[2], Does.StartWith("2/2 chunks done, 0 failed, 2 shards, 1,234 records, "));
        Assert.That(one.Output, Does.Match(@"\nmanifest: reservewithgoogle\.entity-\d+\.filesetdesc\.json\n"));
        Assert.That((unknown.ExitCode, unknown.Output, unknown.Errors), Is.EqualTo((1, "", "error: there is no run 99: ./run status lists the runs\n")));
    }

    [Test]
    public async Task Status_SaysOneOfEach_InTheSingular()
    {
        await using var installation = await Installation.CreateAsync(Facilities.Numbered(1, 1));

        var published = await installation.RunAsync("publish", "facility");
        var one = await installation.RunAsync("status", "1");
        var verified = await installation.RunAsync("verify", "data/feeds/metadata.json");

        Assert.That(published.Output, Does.StartWith("run 1 published: 1 record in 1 chunk, "));
        Assert.That(one.Output, Does.Contain("\n1/1 chunk done, 0 failed, 1 shard, 1 record, ").And.Contain("\n1 row read = 1 written + 0 rejected; 1 planned, drift 0\n"));
        Assert.That(verified.Output, Does.Contain("ok: 1 shard, 1 record, "));
        Assert.That(published.Output + one.Output + verified.Output, Does.Not.Match(@"(?<![\d,.])1 (chunk|record|shard|row|byte)s\b"));
    }

    [Test]
    public async Task Status_NamesTheEmbeddedState()
    {
        _ = TestServers.Postgres;
        await using var installation = Installation.Bare();
        await installation.RunAsync("doctor");
        var installed = await installation.RunAsync("status");
        Assert.That((installed.ExitCode, installed.Output), Is.EqualTo((1, "")));
        Assert.That(installed.Errors, Does.StartWith($"error: there is no state in the embedded PostgreSQL in {installation.Folder.File("data")}: nothing was ever run there. cd to the folder of your .env"));
        await installation.RunAsync("publish", "facility");

        var result = await installation.RunAsync("status");

        Assert.That(result.Output, Does.StartWith($"state: the embedded PostgreSQL in {installation.Folder.File("data")}\n"), result.Errors);
    }

    [Test]
    public async Task Status_WarnsOfASchedule_ThatAsksForBothDays()
    {
        await using var installation = await Installation.CreateAsync(Facilities.EmptyTable);
        installation.Settings["FEED_CRON"] = "0 3 13 * 5";
        await installation.RunAsync("pause", "facility");

        var result = await installation.RunAsync("status");
        var json = await installation.RunAsync("status", "--json");

        Assert.That(result.Output, Does.Contain("\nwarning: feed facility: '0 3 13 * 5' starts runs only on days that match both its day of the month (13) and its weekday (5)"));
        var feed = JsonDocument.Parse(json.Output).RootElement.GetProperty("feeds")[0];
        Assert.That(feed.GetProperty("warnings").GetArrayLength(), Is.EqualTo(1));
        var times = feed.GetProperty("nextTimes").EnumerateArray().Select(time => time.GetDateTime()).ToList();
        Assert.That(times, Has.Count.EqualTo(3).And.Ordered);
        Assert.That(times.Select(time => (time.Day, time.DayOfWeek, time.Hour, time.Kind)), Has.All.EqualTo((13, DayOfWeek.Friday, 3, DateTimeKind.Utc)));
        Assert.That(feed.GetProperty("pausedBy").GetString(), Is.EqualTo("command"));
        Assert.That(JsonDocument.Parse(json.Output).RootElement.GetProperty("runs").GetArrayLength(), Is.Zero);
    }

    [Test]
    public async Task Status_TellsALateFeed_AndSinceWhen()
    {
        await using var installation = await Installation.CreateAsync(Facilities.Numbered(1, 5));
        installation.Settings["Feeds__facility__MaxAge"] = "36h";
        await installation.RunAsync("publish", "facility");
        var young = JsonDocument.Parse((await installation.RunAsync("status", "--json")).Output).RootElement.GetProperty("feeds")[0];
        await installation.State.ExecuteAsync("UPDATE feed.run SET published_at = published_at - interval '37 hours', writer = 2");

        var result = await installation.RunAsync("status");
        var late = JsonDocument.Parse((await installation.RunAsync("status", "--json")).Output).RootElement.GetProperty("feeds")[0];

        Assert.That(result.Output, Does.Match("\nfeed facility is late: nothing of it was published or found unchanged since 20..-..-.. ..:.. UTC, which is more than its MaxAge of 36 h\n"));
        Assert.That((young.GetProperty("late").GetBoolean(), late.GetProperty("late").GetBoolean(), late.GetProperty("maxAgeSeconds").GetDouble()), Is.EqualTo((false, true, 36 * 3600d)));
        Assert.That(late.GetProperty("lateFrom").GetDateTime() - late.GetProperty("goodAt").GetDateTime(), Is.EqualTo(TimeSpan.FromHours(36)));
    }

    [Test]
    public async Task Status_AnswersWithOneJsonObject_InTheWordsOfPublish()
    {
        await using var installation = await Installation.CreateAsync(Facilities.Numbered(1, 25));
        installation.Settings["CHUNK_SIZE"] = "10";
        await installation.Source.ExecuteAsync("UPDATE facility SET country = 'Atlantis' WHERE id = 17");
        var published = JsonDocument.Parse((await installation.RunAsync("publish", "facility", "--json")).Output).RootElement;

        var all = JsonDocument.Parse((await installation.RunAsync("status", "--json")).Output).RootElement;
        var one = JsonDocument.Parse((await installation.RunAsync("status", "1", "--json")).Output).RootElement;

        Assert.That(all.EnumerateObject().Select(member => member.Name), Is.EqualTo(new[] { "stateDatabase", "feeds", "runs" }));
        Assert.That(one.EnumerateObject().Select(member => member.Name), Is.EqualTo(new[] { "stateDatabase", "run", "needsForce", "reasons", "chunks", "events" }));
        Assert.That(all.GetProperty("runs")[0].GetRawText(), Is.EqualTo(one.GetProperty("run").GetRawText()));
        foreach (var word in new[] { "runId", "state", "chunks", "records", "rowsRead", "rejected", "warnings", "drift", "bytes", "seconds", "reason" })
        {
            Assert.That(one.GetProperty("run").GetProperty(word).GetRawText(), Is.EqualTo(published.GetProperty(word).GetRawText()), word);
        }

        Assert.That(one.GetProperty("run").GetProperty("publishedAt").GetDateTime().Kind, Is.EqualTo(DateTimeKind.Utc));
        Assert.That(one.GetProperty("reasons").GetRawText(), Is.EqualTo("""[{"reason":"country_unknown","rejected":true,"count":1}]"""));
        Assert.That(one.GetProperty("chunks").EnumerateArray().Select(chunk => (chunk.GetProperty("chunk").GetInt32(), chunk.GetProperty("state").GetString(), chunk.GetProperty("records").GetInt32())),
            Is.EqualTo(new[] { (1, "done", 10), (2, "done", 9), (3, "done", 5) }));
        Assert.That(one.GetProperty("events").EnumerateArray().Select(entry => entry.GetProperty("event").GetString()), Is.EqualTo(new[] { "planning", "running", "publishing", "published" }));
    }

    [Test]
    public async Task Status_ShowsWhyARunIsHeld()
    {
        await using var installation = await Installation.CreateAsync(Facilities.EmptyTable);
        await installation.RunAsync("publish", "facility");

        var result = await installation.RunAsync("status");

        Assert.That(result.Output, Does.Contain("held").And.Contain("the source is empty: facility has no rows"));
    }
}
