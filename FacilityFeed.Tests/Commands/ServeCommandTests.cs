using System.Net;
using FacilityFeed.Tests.Support;

namespace FacilityFeed.Tests.Commands;

public sealed class ServeCommandTests
{
    private static readonly TimeSpan _deadline = TimeSpan.FromSeconds(90);

    [Test]
    public async Task Serve_PublishesOnTriggerNow_AndEndsCleanly()
    {
        await using var installation = await Installation.CreateAsync(Facilities.Numbered(1, 25));
        var (service, http) = await installation.ServeAsync();
        await using var running = service;
        using var client = http;

        using var home = await client.GetAsync("/");
        var recurring = await client.GetStringAsync("/hangfire/recurring");
        using var triggered = await Dashboard.TriggerAsync(client, recurring);
        await RunIsAsync(installation, "published");
        // The last job ends a moment after its run is published.
        var jobs = await Until.Async(async () =>
            WebUtility.HtmlDecode(await client.GetStringAsync("/hangfire/jobs/succeeded")) is var page && page.Contains("facility · manifest of run 1", StringComparison.Ordinal) ? page : null, _deadline, "the manifest job");
        await service.SignalAsync("TERM");
        var result = await service.EndAsync();

        Assert.That((home.StatusCode, home.Headers.Location?.ToString()), Is.EqualTo((HttpStatusCode.Redirect, "/hangfire")));
        Assert.That(recurring, Does.Contain("facility").And.Contain("0 0 29 2 1"));
        Assert.That(triggered.IsSuccessStatusCode, Is.True, $"{triggered.StatusCode}");
        Assert.That(jobs, Does.Contain("facility · chunk 1 of 1 · ids 1–25"));
        Assert.That(installation.Stored().Keys, Has.One.EqualTo("metadata.json"));
        Assert.That(result.ExitCode, Is.Zero, result.Errors);
        Assert.That(result.Output, Does.Contain($"Dashboard: http://localhost:{installation.Settings["HTTP_PORT"]}/hangfire\n").And.Contain("Feed facility (reservewithgoogle.entity)"));
    }

    [Test]
    public async Task Serve_RefusesForgedRequests()
    {
        await using var installation = await Installation.CreateAsync(Facilities.Numbered(1, 5));
        var (service, client) = await installation.ServeAsync();
        await using var running = service;
        using var http = client;
        var recurring = await client.GetStringAsync("/hangfire/recurring");

        using var withoutToken = await Dashboard.TriggerAsync(client, page: "");
        var runs = await installation.State.ScalarAsync<long>("SELECT count(*) FROM feed.run");
        var jobs = await installation.State.ScalarAsync<long>("SELECT count(*) FROM hangfire.job");
        using var withToken = await Dashboard.TriggerAsync(client, recurring);

        Assert.That((int)withoutToken.StatusCode, Is.InRange(400, 499));
        Assert.That((runs, jobs), Is.EqualTo((0, 0)));
        Assert.That(withToken.IsSuccessStatusCode, Is.True, "the very same request with its token");
    }

    [TestCase("facilities.example", HttpStatusCode.BadRequest)]
    [TestCase("127.0.0.1", HttpStatusCode.OK)]
    public async Task Serve_AnswersOnlyToItsOwnHostNames(string host, HttpStatusCode expected)
    {
        await using var installation = await Installation.CreateAsync(Facilities.Numbered(1, 5));
        var (service, client) = await installation.ServeAsync();
        await using var running = service;
        using var http = client;
        using var request = new HttpRequestMessage(HttpMethod.Get, "/hangfire/recurring") { Headers = { Host = host } };

        using var answer = await client.SendAsync(request);

        Assert.That(answer.StatusCode, Is.EqualTo(expected));
    }

    [Test]
    public async Task Serve_StopsTheEmbeddedDatabase_WhenInterrupted()
    {
        await using var installation = await Installation.WithSourceAsync(Facilities.Numbered(1, 5));
        var (service, client) = await installation.ServeAsync();
        await using var running = service;
        using var http = client;
        var whileRunning = File.Exists(installation.Folder.File("data/postgres/cluster/postmaster.pid"));

        await service.SignalAsync("INT");
        var result = await service.EndAsync();

        Assert.That((result.ExitCode, whileRunning), Is.EqualTo((0, true)), result.Errors);
        Assert.That(installation.Folder.File("data/postgres/cluster/postmaster.pid"), Does.Not.Exist);
    }

    [TestCase("DB_USER", "nobody_here", "DB_USER (Source:User)", "DB_PASSWORD (Source:Password)")]
    [TestCase("DB_NAME", "no_such_database", "DB_NAME (Source:Database) is 'no_such_database'")]
    [TestCase("DB_HOST", "nowhere.invalid", "DB_HOST (Source:Host)")]
    [TestCase("Feeds__facility__Table", "no_such_table", "no_such_table", "Feeds:facility:Table")]
    [TestCase("LOCAL_STORAGE_PATH", "/proc/feeds", "LOCAL_STORAGE_PATH (Stores:local:Path)", "write access")]
    public async Task Serve_SaysAtOnceWhatWouldMakeARunFail(string name, string value, params string[] said)
    {
        await using var installation = await Installation.CreateAsync(Facilities.Numbered(1, 5));
        installation.Settings[name] = value;
        var (service, client) = await installation.ServeAsync();
        await using var running = service;
        using var http = client;

        using var dashboard = await client.GetAsync("/hangfire");
        await service.SaysAsync("Checks at start: 2 of 4 ok");
        var result = await service.TermAsync();

        Assert.That((dashboard.StatusCode, result.ExitCode), Is.EqualTo((HttpStatusCode.OK, 0)), result.Errors);
        // That the tests' schedule is a rare one, and another machine is reached without TLS, is said too.
        var warnings = result.ErrorLines.Where(line => line.Contains(" warn ", StringComparison.Ordinal) && !line.Contains(" schedule of ", StringComparison.Ordinal) && !line.Contains("Source:SslMode", StringComparison.Ordinal)).ToList();
        Assert.That(warnings, Has.Count.EqualTo(1), result.Errors);
        foreach (var words in said)
        {
            Assert.That(warnings[0], Does.Contain(words));
        }

        Assert.That(result.Errors, Does.Not.Contain("   at "));
    }

    [Test]
    public async Task Serve_SaysAtOnceThatABucketDoesNotExist()
    {
        var server = await TestServers.CephAsync();
        await using var installation = await Installation.CreateAsync(Facilities.Numbered(1, 5));
        installation.Settings["S3_BUCKET_NAME"] = "no-such-bucket";
        installation.Settings["S3_ENDPOINT_URL"] = server.Endpoint.AbsoluteUri;
        installation.Settings["AWS_ACCESS_KEY_ID"] = CephServer.Owner;
        installation.Settings["AWS_SECRET_ACCESS_KEY"] = CephServer.SecretOf(CephServer.Owner);
        var (service, client) = await installation.ServeAsync();
        await using var running = service;
        using var http = client;

        await service.SaysAsync("Checks at start: 2 of 4 ok");
        var result = await service.TermAsync();

        Assert.That(result.ErrorLines, Has.One.Contains(" warn  store of feed facility: NoSuchBucket").And.One.Contains("S3_BUCKET_NAME (Stores:s3:Bucket) is 'no-such-bucket'"));
        Assert.That(result.ExitCode, Is.Zero);
    }

    [Test]
    public async Task Serve_TellsTheNextTimes()
    {
        await using var installation = await Installation.CreateAsync(Facilities.Numbered(1, 5));
        var (service, client) = await installation.ServeAsync();
        await using var running = service;
        using var http = client;

        await service.SaysAsync("Checks at start: 3 of 4 ok");
        await service.SaysAsync("(UTC)\n");
        var result = await service.TermAsync();

        Assert.That(result.Output, Does.Match(@"\n  next runs: (Mon \d{4}-02-29 00:00 \+00:00, ){2}Mon \d{4}-02-29 00:00 \+00:00 \(UTC\)\n"));
        Assert.That(result.ErrorLines, Has.One.Contains(" warn  schedule of feed facility: '0 0 29 2 1' starts runs only on days that match both"));
    }

    [Test]
    public async Task Serve_StaysUpAndShowsTheRun_WhenTheStoreCannotBeWritten()
    {
        await using var installation = await Installation.CreateAsync(Facilities.Numbered(1, 5));
        await File.WriteAllTextAsync(installation.Folder.File("a file"), "");
        installation.Settings["LOCAL_STORAGE_PATH"] = "a file/feeds";
        var (service, client) = await installation.ServeAsync();
        await using var running = service;
        using var http = client;

        using var triggered = await Dashboard.TriggerAsync(client);
        await RunIsAsync(installation, "failed");
        var status = await installation.RunAsync("status");
        using var dashboard = await client.GetAsync("/hangfire");

        Assert.That(status.Output, Does.Contain("failed").And.Contain("LOCAL_STORAGE_PATH (Stores:local:Path)").And.Contain("write access"));
        Assert.That((service.HasEnded, dashboard.StatusCode), Is.EqualTo((false, HttpStatusCode.OK)));
    }

    private static Task RunIsAsync(Installation installation, string state) => Until.TrueAsync(
        async () => await installation.State.ScalarAsync<long>($"SELECT count(*) FROM feed.run WHERE state = '{state}'") == 1, _deadline, $"a run that is {state}");
}
