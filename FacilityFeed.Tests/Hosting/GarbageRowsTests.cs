using System.Globalization;
using System.Net;
using FacilityFeed.Scheduler.Scheduling;
using FacilityFeed.Tests.Support;

namespace FacilityFeed.Tests.Hosting;

/// <summary>Rows of Hangfire's tables that no program of ours has written take no page of the dashboard down, and nothing of what the feeds do.</summary>
public sealed class GarbageRowsTests
{
    private static readonly string[] _states = ["Enqueued", "Processing", "Scheduled", "Succeeded", "Failed", "Deleted", "Awaiting", "Held", "Nonsense"];
    private static readonly string[] _calls = ["null", "\"x\"", "[]", "{}", "7", """{"Type":7,"Method":null}""", """{"Type":{"a":1}}"""];

    private static readonly string?[] _data =
    [
        null, "null", "\"x\"", "[]", "{}", "7", """{"ServerId":null,"StartedAt":"1700000000","WorkerId":"x"}""", """{"ServerId":{},"Queue":[]}""",
        """{"EnqueueAt":"soon","ScheduledAt":"x","EnqueuedAt":"x","FailedAt":"x","DeletedAt":"x","SucceededAt":"x","StartedAt":"x","Exception":"x"}""",
        """{"PerformanceDuration":"9223372036854775807","Latency":"1","SucceededAt":"1700000000"}""", """{"PerformanceDuration":"x","Latency":"x"}""",
    ];

    private static readonly string[] _pages =
    [
        "/hangfire", "/hangfire/jobs/enqueued", "/hangfire/jobs/enqueued/parked", "/hangfire/jobs/enqueued/fetched/parked", "/hangfire/jobs/processing", "/hangfire/jobs/scheduled", "/hangfire/jobs/succeeded",
        "/hangfire/jobs/failed", "/hangfire/jobs/deleted", "/hangfire/jobs/awaiting", "/hangfire/retries", "/hangfire/recurring", "/hangfire/servers",
    ];

    private Installation _installation = null!;
    private ProgramRun _service = null!;
    private HttpClient _http = null!;
    private int _heard;

    [SetUp]
    public async Task StartAsync()
    {
        _installation = await Installation.CreateAsync(Facilities.Numbered(1, 5));
        (_service, _http) = await _installation.ServeAsync();
        _heard = _service.Errors.Length;
    }

    [TearDown]
    public async Task StopAsync()
    {
        _http.Dispose();
        await _service.DisposeAsync();
        await _installation.DisposeAsync();
    }

    [Test]
    public async Task JobsOfAnyContent_AreListedInEveryState_BesideOneOfOurs_AndHaveTheirOwnPage()
    {
        var jobs = new List<string>();
        foreach (var state in _states)
        {
            foreach (var call in _calls)
            {
                jobs.Add(await MakeAsync(state, call, "{}"));
            }

            foreach (var data in _data)
            {
                jobs.Add(await MakeAsync(state, OwnCall, data));
            }
        }

        var own = await MakeAsync("Failed", OwnCall, """{"FailedAt":"1700000000000","ExceptionType":"x","ExceptionMessage":"the only good one","ExceptionDetails":""}""");
        foreach (var set in new[] { "retries", "awaiting" })
        {
            await _installation.State.ExecuteAsync($"INSERT INTO hangfire.set (key, value, score) SELECT '{set}', id::text, 1 FROM hangfire.job");
        }

        await _installation.State.ExecuteAsync("INSERT INTO hangfire.jobparameter (jobid, name, value) SELECT id, 'Continuations', '{' FROM hangfire.job; INSERT INTO hangfire.counter (key, value) SELECT 'stats:succeeded', 9223372036854775807 FROM generate_series(1, 2)");
        foreach (var page in _pages)
        {
            var shown = await ShownAsync($"{page}?count=500");
            if (page is not ("/hangfire" or "/hangfire/recurring" or "/hangfire/servers"))
            {
                Assert.That(shown, Does.Contain("/hangfire/jobs/details/"), page);
            }
        }

        var failed = await ShownAsync("/hangfire/jobs/failed?count=500");
        Assert.That(failed, Does.Contain("the only good one").And.Contain("The row of this job cannot be read: look who may write to the state database"));
        Assert.That(System.Text.RegularExpressions.Regex.Count(failed, "name=\"jobs\\[\\]\""), Is.EqualTo(_calls.Length + _data.Length + 1), "each can be chosen and deleted");
        foreach (var job in jobs.Append(own))
        {
            await ShownAsync($"/hangfire/jobs/details/{job}");
        }

        AssertNoErrors();
    }

    [Test]
    public async Task AwaitingJobs_OfAForeignNextState_OrWithoutAParent_AreShown()
    {
        var foreign = await MakeAsync("Awaiting", OwnCall, """{"ParentId":"1","NextState":"{\"$type\":\"System.IO.FileInfo, System.IO.FileSystem\",\"fileName\":\"/x\"}","Options":"7"}""");
        var unknown = await MakeAsync("Awaiting", OwnCall, """{"ParentId":"notanid","NextState":"{\"$type\":\"No.Such.Type, Nowhere\"}"}""");
        var own = await MakeAsync("Awaiting", OwnCall, null);
        await _installation.State.ExecuteAsync($$"""UPDATE hangfire.state SET data = '{"ParentId":"{{own}}","NextState":"x"}' WHERE jobid = {{own}}""");
        await _installation.State.ExecuteAsync($"INSERT INTO hangfire.set (key, value, score) SELECT 'awaiting', value, 1 FROM unnest(ARRAY['{foreign}', '{unknown}', '{own}', 'notanid', '4711', '']) value");

        var list = await ShownAsync("/hangfire/jobs/awaiting");

        Assert.That(new[] { foreign, unknown, own }.Select(job => list.Contains($"/hangfire/jobs/details/{job}\"", StringComparison.Ordinal)), Has.All.True);
        Assert.That(await ShownAsync($"/hangfire/jobs/details/{foreign}"), Does.Contain("System.IO.FileInfo"), "as it stands there");
        await ShownAsync($"/hangfire/jobs/details/{unknown}");
        await ShownAsync($"/hangfire/jobs/details/{own}");
        AssertNoErrors();
    }

    [Test]
    public async Task SetValues_ThatAreNoJob_AreTakenOffTheSchedule_AndWhatIsDueAfterThemComes()
    {
        var due = await MakeAsync("Scheduled", OwnCall, """{"EnqueueAt":"1700000000000","ScheduledAt":"1700000000000"}""");
        await _installation.State.ExecuteAsync($"""
            INSERT INTO hangfire.set (key, value, score) SELECT key, value, 0 FROM unnest(ARRAY['schedule', 'retries', 'awaiting']) key, unnest(ARRAY['notanid', 'feed-facility:notanid', 'a:b:c', ':', '', '99999999999999999999999', '-1', '4711']) value;
            INSERT INTO hangfire.set (key, value, score) VALUES ('schedule', '{due}', 1)
            """);

        await Until.TrueAsync(async () => await StateOfAsync(due) == "Enqueued", TimeSpan.FromSeconds(40), "the job that is due after them");

        foreach (var page in _pages)
        {
            await ShownAsync(page);
        }

        Assert.That(await _installation.State.ScalarAsync<long>("SELECT count(*) FROM hangfire.set WHERE key = 'schedule'"), Is.Zero);
        await _service.SaysAsync("Removed 8 due entries of Hangfire's schedule that named no job");
        Assert.That(_service.Errors.Split("named no job"), Has.Length.EqualTo(2), "said once");
        AssertNoErrors();
    }

    [Test]
    public async Task RecurringEntries_ThatCannotBeRead_AreShownAndSaidOnce_AndTheFeedsRunOnTime()
    {
        var good = new Dictionary<string, string> { ["Job"] = $$"""{"t":"{{typeof(TriggerJob).FullName}}, FacilityFeed.Scheduler","m":"RunAsync"}""", ["Cron"] = "* * * * *", ["NextExecution"] = "2026-01-01T00:00:00.0000000Z" };
        var bad = new (string Field, string? Value)[]
        {
            ("Job", null), ("Job", ""), ("Job", "{"), ("Job", "null"), ("Job", "[]"), ("Cron", null), ("Cron", ""), ("Cron", "x"), ("Cron", "99 99 * * *"), ("TimeZoneId", "Mars/Phobos"), ("NextExecution", "soon"), ("LastExecution", "never"),
            ("CreatedAt", "99999999999999999"), ("Misfire", "7"), ("Misfire", "1"), ("Misfire", ""), ("V", "x"), ("LastJobId", "notanid"),
        };
        var sql = new System.Text.StringBuilder("""
            UPDATE hangfire.set SET score = 2 WHERE key = 'recurring-jobs' AND value = 'facility';
            INSERT INTO hangfire.hash (key, field, value) VALUES ('recurring-job:facility', 'LastExecution', '2000-01-01T00:00:00.0000000Z');
            """);
        for (var at = 0; at < bad.Length; at++)
        {
            foreach (var (field, value) in good.Where(one => one.Key != bad[at].Field).Select(one => (one.Key, (string?)one.Value)).Append(bad[at]).Where(one => one.Item2 is not null))
            {
                sql.Append(CultureInfo.InvariantCulture, $"INSERT INTO hangfire.hash (key, field, value) VALUES ('recurring-job:bad{at}', '{field}', '{value}');");
            }

            sql.Append(CultureInfo.InvariantCulture, $"INSERT INTO hangfire.set (key, value, score) VALUES ('recurring-jobs', 'bad{at}', 1);");
        }

        await _installation.State.ExecuteAsync(sql.ToString());

        await Until.TrueAsync(async () => await _installation.State.ScalarAsync<long>("SELECT count(*) FROM feed.run WHERE feed = 'facility' AND state = 'published'") > 0, TimeSpan.FromSeconds(60), "the feed's own run");
        await _service.SaysAsync("its TimeZoneId is 'Mars/Phobos', which this machine does not know. It is not run from here");
        var page = await ShownAsync("/hangfire/recurring?count=100");
        for (var at = 0; at < bad.Length; at++)
        {
            Assert.That(page, Does.Contain($"bad{at}<"), $"{bad[at]}");
        }

        // Hangfire colours the parts of an error.
        Assert.That(WebUtility.HtmlDecode(System.Text.RegularExpressions.Regex.Replace(page, "<[^>]+>", "")), Does.Contain("could not be read: its Cron is 'x'").And.Contain("could not be read: it has no Job").And.Contain("its TimeZoneId is 'Mars/Phobos'"));
        Assert.That(await _installation.State.ScalarAsync<long>("SELECT count(*) FROM hangfire.set WHERE key = 'recurring-jobs' AND value LIKE 'bad%' AND score = -1"), Is.EqualTo(bad.Length - 1), "they are put where disabled ones are, but the one whose zone another service may know");
        Assert.That(_service.Errors.Split("could not be read"), Has.Length.EqualTo(3), "each kind said once");
        Assert.That(_service.Errors, Does.Match("The recurring job 'bad\\d+' could not be read: .* It is not run\\. .*then delete it").And.Contain($"So it is with {bad.Length - 2} more"));
        using var removed = await Dashboard.PostAsync(_http, page, "/hangfire/recurring/remove", new("jobs[]", "bad0"));
        Assert.That(removed.IsSuccessStatusCode, Is.True);
        using var triggered = await Dashboard.PostAsync(_http, page, "/hangfire/recurring/trigger", new("jobs[]", "bad1"));
        Assert.That((triggered.StatusCode, await triggered.Content.ReadAsStringAsync()), Is.EqualTo((HttpStatusCode.InternalServerError, "This page cannot be shown. Most likely a row of the state database that it shows is none that this program has written; the service's log says what cannot be read. The other pages and all feeds go on.\n")));
        AssertNoErrors();
    }

    [Test]
    public async Task ServerRows_OfAnyContent_KeepNobodyFromSeeingTheOthers_NorAServiceFromItsStart()
    {
        await _installation.State.ExecuteAsync("""INSERT INTO hangfire.server (id, data, lastheartbeat) SELECT 'odd' || n, data::jsonb, now() FROM unnest(ARRAY['null', '[]', '{}', '"x"', '{"Queues":7}', '{"Queues":[null]}', '{"StartedAt":"x"}']) WITH ORDINALITY AS rows (data, n)""");
        await MakeAsync("Failed", OwnCall, "{}");

        foreach (var page in _pages)
        {
            await ShownAsync(page);
        }

        Assert.That(await ShownAsync("/hangfire/servers"), Does.Contain("odd1").And.Contain("odd7").And.Contain("feed2-facility").IgnoreCase);
        var restarted = await _service.TermAsync();
        Assert.That(restarted.ExitCode, Is.Zero, restarted.Errors);
        await _service.DisposeAsync();
        _http.Dispose();
        (_service, _http) = await _installation.ServeAsync();
        await ShownAsync("/hangfire/recurring");
    }

    private static string OwnCall => $$"""{"Type":"{{typeof(TriggerJob).FullName}}, FacilityFeed.Scheduler","Method":"RunAsync","ParameterTypes":"[\"System.String, mscorlib\",\"Hangfire.Server.PerformContext, Hangfire.Core\",\"System.Threading.CancellationToken, mscorlib\"]","Arguments":null}""";

    private Task<string> StateOfAsync(string job) => _installation.State.ScalarAsync<string>($"SELECT statename FROM hangfire.job WHERE id = {job}");

    /// <summary>A job with a row of its state, twice in a queue that nobody serves: waiting, and fetched.</summary>
    private async Task<string> MakeAsync(string state, string call, string? data)
    {
        var job = await ForgedJobs.EnqueueAsync(_installation.State, "parked", call, """["\"facility\"",null,null]""");
        await using var command = _installation.State.Connect.CreateCommand($"""
            WITH now AS (INSERT INTO hangfire.state (jobid, name, createdat, data) VALUES ({job}, $1, now(), $2::jsonb) RETURNING id)
            UPDATE hangfire.job SET statename = $1, stateid = now.id FROM now WHERE job.id = {job}
            """);
        command.Parameters.Add(new() { Value = state });
        command.Parameters.Add(new() { Value = (object?)data ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Text });
        await command.ExecuteNonQueryAsync();
        await _installation.State.ExecuteAsync($"INSERT INTO hangfire.jobqueue (jobid, queue, fetchedat) VALUES ({job}, 'parked', now())");
        return job;
    }

    private async Task<string> ShownAsync(string path)
    {
        using var page = await _http.GetAsync(path);
        var text = await page.Content.ReadAsStringAsync();
        Assert.That(page.StatusCode, Is.EqualTo(HttpStatusCode.OK), $"{path}: {text[..Math.Min(300, text.Length)]} {_service.Errors[_heard..]}");
        return text;
    }

    private void AssertNoErrors() => Assert.That(_service.Errors[_heard..], Does.Not.Match("Z error"));
}
