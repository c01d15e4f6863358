using FacilityFeed.Domain.Runs;
using FacilityFeed.Tests.Support;

namespace FacilityFeed.Tests.Commands;

/// <summary><c>redrive</c>, <c>cancel</c>, <c>pause</c> and <c>resume</c> as a person types them.</summary>
public sealed class ControlCommandTests
{
    private static readonly TimeSpan _deadline = TimeSpan.FromSeconds(60);

    [Test]
    public async Task Pause_SurvivesTheProcess_StopsPublishAndSchedule_UntilResume()
    {
        await using var installation = await Installation.CreateAsync(Facilities.Numbered(1, 5));

        var paused = await installation.RunAsync("pause", "facility");
        var status = await installation.RunAsync("status");
        var publish = await installation.RunAsync("publish", "facility");
        var (service, client) = await installation.ServeAsync();
        await using var running = service;
        using var http = client;
        using var triggered = await Dashboard.TriggerAsync(client);
        await Until.TrueAsync(async () => await installation.State.ScalarAsync<long>("SELECT count(*) FROM feed.run WHERE state = 'skipped' AND reason = 'feed was paused'") == 1, _deadline, "the skipped run");
        var resumed = await installation.RunAsync("resume", "facility");
        var published = await installation.RunAsync("publish", "facility");

        Assert.That((paused.ExitCode, paused.Output), Is.EqualTo((0, "feed facility is paused: no run starts until ./run resume facility\n")), paused.Errors);
        Assert.That(status.Output, Does.Match(@"\nfeed facility is paused since \d{4}-\d\d-\d\d \d\d:\d\d:\d\d \(UTC\), by command: \./run resume facility\n"));
        Assert.That((publish.ExitCode, publish.Output), Is.EqualTo((4, "")));
        Assert.That(publish.Errors, Does.StartWith("feed facility is paused: ./run resume facility"));
        Assert.That((resumed.ExitCode, published.ExitCode), Is.EqualTo((0, 0)), resumed.Errors + published.Errors);
    }

    [Test]
    public async Task Cancel_StopsARunOfAnotherProcess()
    {
        await using var installation = await Installation.CreateAsync(Facilities.Gated(20));
        await using var gate = await ReadGate.CloseAsync(installation.Source);
        await using var publish = installation.Start("publish", "facility");
        await ReadGate.WaitForReaderAsync(installation.Source);

        var cancelled = await installation.RunAsync("cancel", "1");
        var ended = await publish.EndAsync();
        var again = await installation.RunAsync("cancel", "1");

        Assert.That((cancelled.ExitCode, cancelled.Output), Is.EqualTo((0, "run 1 is cancelled; nothing of it was published\n")), cancelled.Errors);
        Assert.That((ended.ExitCode, installation.Stored().Count), Is.EqualTo((130, 0)), ended.Errors);
        Assert.That((again.ExitCode, again.Errors), Is.EqualTo((1, "error: run 1 cannot be cancelled: it is cancelled already\n")));
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task Redrive_WorksAndWaitsAlone_AndReturnsAtOnceBesideAService(bool isAlone)
    {
        await using var installation = await Installation.CreateAsync(Facilities.Numbered(1, 25));
        installation.Settings["CHUNK_SIZE"] = "10";
        // The plan reads the key alone, so that only chunks meet the cast that cannot work.
        await installation.Source.ExecuteAsync("ALTER TABLE facility RENAME TO plain; CREATE VIEW facility AS SELECT id, CASE WHEN id = 15 THEN (1 / (id - 15))::text ELSE name END AS name, phone, url, latitude, longitude, country, locality, region, postal_code, street_address FROM plain");
        await using var publish = installation.Start("publish", "facility");
        await Until.TrueAsync(async () => await installation.State.ScalarAsync<bool>("SELECT to_regclass('feed.chunk') IS NOT NULL") && await installation.State.ScalarAsync<long>("SELECT count(*) FROM feed.chunk WHERE state = 'done' OR number = 2 AND error IS NOT NULL") == 3, _deadline, "the chunk's failure");
        // Out of patience: the job is given up before its retries are.
        await installation.State.ExecuteAsync($"UPDATE feed.chunk SET {Protocol.Writer}, state = 'failed' WHERE number = 2; UPDATE feed.run SET {Protocol.Writer}, state = 'failed', remaining = 0, reason = 'chunk 2', finished_at = now()");
        var failed = await publish.EndAsync();
        await installation.Source.ExecuteAsync("DROP VIEW facility; ALTER TABLE plain RENAME TO facility");
        var (service, client) = isAlone ? (null, null) : await installation.ServeAsync();
        await using var running = service;
        using var http = client;

        var redriven = await installation.RunAsync("redrive", "1");
        await Until.TrueAsync(async () => await installation.State.ScalarAsync<string>("SELECT state FROM feed.run") == "published", isAlone ? TimeSpan.FromSeconds(1) : _deadline, "the run");
        var again = await installation.RunAsync("redrive", "1");

        Assert.That((failed.ExitCode, redriven.ExitCode), Is.EqualTo((1, 0)), failed.Errors + redriven.Errors);
        Assert.That(redriven.Output, Does.Match("^run 1 goes on: chunk 2 made again, [0-9]+ (s|min) after its request\n"));
        Assert.That(redriven.Output, isAlone ? Does.Contain("run 1 published: 25 records in 3 chunks") : Does.Not.Contain("published"));
        Assert.That((again.ExitCode, again.Errors), Is.EqualTo((1, "error: run 1 is published: only a failed run can be redriven\n")));
    }

    [TestCase("redrive", "1")]
    [TestCase("cancel", "1")]
    [TestCase("publish-anyway", "1", "--reason", "checked")]
    [TestCase("discard", "1")]
    [TestCase("rejects", "1")]
    [TestCase("diff", "1")]
    [TestCase("pause", "facility")]
    [TestCase("resume", "facility")]
    [TestCase("forget", "studios")]
    public async Task AnOrderInAnotherFolder_IsRefused_AndStartsNothing(params string[] order)
    {
        await using var installation = Installation.Bare();

        var result = await installation.RunAsync(order);

        Assert.That((result.ExitCode, result.Output), Is.EqualTo((1, "")), result.Errors);
        Assert.That(result.Errors, Does.StartWith($"error: there is no state database in {installation.Folder.File("data")}: nothing was ever run from this folder. "));
        Assert.That(installation.Folder.File("data"), Does.Not.Exist);
    }

    [Test]
    public async Task Forget_RemovesTheScheduleOfAFeedThatIsGone_AndIsRefusedForOthers()
    {
        await using var installation = await Installation.CreateAsync(Facilities.Numbered(1, 5));
        await installation.RunAsync("publish", "facility");
        await installation.State.ExecuteAsync("INSERT INTO feed.schedule (feed, cron, zone, since, settled_to) VALUES ('studios', '0 3 * * *', 'UTC', now(), now())");

        var configured = await installation.RunAsync("forget", "facility");
        var unknown = await installation.RunAsync("forget", "other");
        var gone = await installation.RunAsync("forget", "studios");

        Assert.That((configured.ExitCode, unknown.ExitCode), Is.EqualTo((1, 1)));
        Assert.That(configured.Errors, Does.StartWith("error: feed facility is configured here, and would be registered again at the next start."));
        Assert.That(unknown.Errors, Is.EqualTo("error: there is no schedule of a feed 'other': the dashboard's page of recurring jobs shows them all\n"));
        Assert.That((gone.ExitCode, gone.Output), Is.EqualTo((0, "feed studios is forgotten: its schedule is removed. Its runs stay in the ledger\n")), gone.Errors);
    }

    [TestCase("pause", "studios")]
    [TestCase("resume", "studios")]
    public async Task AnOrderForAFeedThatIsNot_IsAConfigurationError(params string[] order)
    {
        await using var installation = Installation.Bare();

        var result = await installation.RunAsync(order);

        Assert.That(result.ExitCode, Is.EqualTo(2));
        Assert.That(result.Errors, Does.Contain("There is no feed 'studios': the configured feeds are facility"));
    }
}
