using System.Net;
using FacilityFeed.Domain;
using FacilityFeed.Scheduler.Exporting;
using FacilityFeed.Scheduler.Hosting;
using FacilityFeed.Scheduler.Jobs;
using FacilityFeed.Scheduler.Operating;
using FacilityFeed.Scheduler.Planning;
using FacilityFeed.Scheduler.Publishing;
using FacilityFeed.Scheduler.Scheduling;
using FacilityFeed.Tests.Support;
using Hangfire.Common;
using Hangfire.Server;

namespace FacilityFeed.Tests.Hosting;

/// <summary>Whoever may write to the state database runs nothing in the service but its own jobs.</summary>
public sealed class KnownJobsTests
{
    private const string Word = "System.String, mscorlib";
    private const string Refused = "it was not run. No version of this program makes such a job";

    private static readonly string[] _call = ["System.Int64", "System.String", "Hangfire.Server.PerformContext, Hangfire.Core", "System.Threading.CancellationToken, mscorlib"];

    [Test]
    public async Task ForgedJobs_FailAtOnceWithTheReason_AndRunNothing_BesideARunThatIsPublished()
    {
        await using var installation = await Installation.CreateAsync(Facilities.Numbered(1, 30));
        installation.Settings["CHUNK_SIZE"] = "10";
        var (service, http) = await installation.ServeAsync();
        await using var running = service;
        using var client = http;
        var state = installation.State;
        string Bait(string name) => ForgedJobs.Text(installation.Folder.File($"bait/{name}"));
        Directory.CreateDirectory(installation.Folder.File("bait"));
        // The same for each queue that is served, those of earlier builds among them.
        var queues = FeedQueues.All("facility");
        var jobs = new Dictionary<string, string>();
        foreach (var queue in queues)
        {
            jobs[$"file by {queue}"] = await ForgedJobs.EnqueueAsync(state, queue, "System.IO.File, mscorlib", "WriteAllText", [Word, Word], Bait(queue), ForgedJobs.Text("x"));
        }

        jobs["process"] = await ForgedJobs.EnqueueAsync(state, "feed-facility", "System.Diagnostics.Process, System.Diagnostics.Process", "Start", [Word, Word], ForgedJobs.Text("touch"), Bait("process"));
        jobs["generic"] = await ForgedJobs.EnqueueAsync(state, "shards-facility", "System.Collections.Generic.List`1[[System.String, mscorlib]], mscorlib", "Add", [Word], ForgedJobs.Text("x"));
        jobs["own class"] = await ForgedJobs.EnqueueAsync(state, "feed-facility", $"{typeof(RunControl).FullName}, FacilityFeed.Scheduler", "PauseAsync", [Word, Word], ForgedJobs.Text("facility"), ForgedJobs.Text("mallory"));
        jobs["another method"] = await ForgedJobs.EnqueueAsync(state, "feed2-facility", $"{typeof(TriggerJob).FullName}, FacilityFeed.Scheduler", "ToString", []);
        jobs["typed argument"] = await ForgedJobs.EnqueueAsync(state, "feed-facility", $"{typeof(PlanJob).FullName}, FacilityFeed.Scheduler", "RunAsync", _call,
            """{"$type":"System.IO.FileInfo, System.IO.FileSystem","fileName":"/x"}""", ForgedJobs.Text("x"), null, null);
        jobs["another parameter"] = await ForgedJobs.EnqueueAsync(state, "feed-facility", $"{typeof(PlanJob).FullName}, FacilityFeed.Scheduler", "RunAsync", ["System.Object", .. _call[1..]], "1", ForgedJobs.Text("x"), null, null);
        jobs["no argument"] = await ForgedJobs.EnqueueAsync(state, "feed-facility", $"{typeof(ManifestJob).FullName}, FacilityFeed.Scheduler", "RunAsync", _call, "null", ForgedJobs.Text("x"), null, null);
        jobs["too few arguments"] = await ForgedJobs.EnqueueAsync(state, "feed-facility", $"{typeof(PlanJob).FullName}, FacilityFeed.Scheduler", "RunAsync", _call, "1");
        foreach (var malformed in new[] { "null", "[]", "{}", "\"x\"", """{"Type":{"a":1}}""", """{"Type":7,"Method":null}""" })
        {
            jobs[$"call {malformed}"] = await ForgedJobs.EnqueueAsync(state, "shards-facility", malformed, "[]");
        }

        foreach (var (what, job) in jobs)
        {
            await Until.TrueAsync(async () => await state.ScalarAsync<string>($"SELECT statename FROM hangfire.job WHERE id = {job}") == "Failed", TimeSpan.FromSeconds(30), $"{what} to fail");
            var page = WebUtility.HtmlDecode(await client.GetStringAsync($"/hangfire/jobs/details/{job}"));
            Assert.That(page, Does.Contain(Refused), what);
            Assert.That(service.Errors, Does.Match($"warn  Job {job} was refused: .*{Refused}"), what);
        }

        Assert.That(Directory.GetFiles(installation.Folder.File("bait")), Is.Empty);
        Assert.That(await state.ScalarAsync<long>("SELECT count(*) FROM feed.feed_pause"), Is.Zero);
        Assert.That(await state.ScalarAsync<long>("SELECT count(*) FROM hangfire.jobqueue"), Is.Zero, "none is tried again");
        Assert.That(await client.GetStringAsync("/hangfire/jobs/failed"), Does.Contain("Failed jobs stay until they are mended"));

        using var triggered = await Dashboard.TriggerAsync(client);
        await Until.TrueAsync(async () => await state.ScalarAsync<long>("SELECT count(*) FROM feed.run WHERE state = 'published'") == 1, TimeSpan.FromSeconds(60), "the run to be published");
        Assert.That(installation.Stored(), Has.Count.EqualTo(5), "three shards, manifest and alias");
        Assert.That(service.Errors, Does.Not.Match("Z error"));
    }

    [Test]
    public async Task ForgedRecurringJobs_AreNotRun_AndSayWhy()
    {
        await using var installation = await Installation.CreateAsync(Facilities.Numbered(1, 5));
        var (service, http) = await installation.ServeAsync();
        await using var running = service;
        using var client = http;
        var bait = installation.Folder.File("bait");
        await ForgedJobs.RecurAsync(installation.State, "evil", "System.IO.File, mscorlib", "WriteAllText", [Word, Word], ForgedJobs.Text(bait), ForgedJobs.Text("x"));
        await ForgedJobs.RecurAsync(installation.State, "sly", $"{typeof(TriggerJob).FullName}, FacilityFeed.Scheduler", "ToString", []);

        await Until.TrueAsync(async () => await installation.State.ScalarAsync<long>($"SELECT count(*) FROM hangfire.hash WHERE key = 'recurring-job:evil' AND field = 'Error' AND value LIKE '%System.IO.File%{Refused}%'") == 1,
            TimeSpan.FromSeconds(30), "the entry to say why");
        await Until.TrueAsync(async () => await installation.State.ScalarAsync<long>("SELECT count(*) FROM hangfire.job WHERE statename = 'Failed'") > 0, TimeSpan.FromSeconds(30), "the call of another method to fail");

        Assert.That(File.Exists(bait), Is.False);
        Assert.That(WebUtility.HtmlDecode(await client.GetStringAsync("/hangfire/recurring")), Does.Contain("facility · start a run"));
        Assert.That(await installation.State.ScalarAsync<long>("SELECT count(*) FROM hangfire.job WHERE statename = 'Succeeded'"), Is.Zero);
    }

    [Test]
    public async Task ForgedParameters_OfAJobOfOurs_AreRefused()
    {
        await using var host = await TestHost.CreateAsync(Facilities.Numbered(1, 5));
        var typed = """{"$type":"System.IO.FileInfo, System.IO.FileSystem","fileName":"/x"}""";
        var trigger = await ForgedJobs.EnqueueAsync(host.State, "parked", $"{typeof(TriggerJob).FullName}, FacilityFeed.Scheduler", "RunAsync", [Word, .. _call[2..]], ForgedJobs.Text("facility"), null, null);
        await host.State.ExecuteAsync($"INSERT INTO hangfire.jobparameter (jobid, name, value) VALUES ({trigger}, 'Time', '{typed}'), ({trigger}, 'RetryCount', '{typed}'); UPDATE hangfire.jobqueue SET queue = 'feed-facility'");
        host.StartWorkers();

        await Until.TrueAsync(async () => await host.State.ScalarAsync<string>($"SELECT statename FROM hangfire.job WHERE id = {trigger}") == "Failed", TimeSpan.FromSeconds(30), "the job to fail");

        Assert.That(HangfireJob.State(host, trigger).Reason, Is.EqualTo($"the parameter Time of job {trigger} is neither a number nor a text. No version of this program stores such a one: look who may write to the state database"));
        Assert.That(await host.Runs.ListAsync(1, CancellationToken.None), Is.Empty);
    }

    [Test]
    public async Task AJobOfAnUnknownFeed_SaysSoInOneHarmlessLine()
    {
        await using var host = await TestHost.CreateAsync(Facilities.Numbered(1, 5));
        // A line of its own, a red word and a turn to the left; and a password.
        foreach (var (feed, shown) in new[] { ("x\n2026-01-01 warn \u001b[31m\u202Egnp", @"'x\u000A2026-01-01 warn \u001B[31m\u202Egnp'"), ("s3://k:hunter2@x", "(not shown, for a secret may be in it)") })
        {
            var job = await ForgedJobs.EnqueueAsync(host.State, "parked", $"{typeof(TriggerJob).FullName}, FacilityFeed.Scheduler", "RunAsync", [Word, .. _call[2..]], ForgedJobs.Text(feed), null, null);
            await host.State.ExecuteAsync("UPDATE hangfire.jobqueue SET queue = 'feed-facility'");
            host.StartWorkers();
            await Until.TrueAsync(async () => await host.State.ScalarAsync<string>($"SELECT statename FROM hangfire.job WHERE id = {job}") == "Failed", TimeSpan.FromSeconds(30), "the job to fail");

            Assert.That(HangfireJob.State(host, job).Reason, Is.EqualTo($"There is no feed {shown}: the configured feeds are facility. Name one of them, or add another to the section Feeds"));
            Assert.That(await host.State.ScalarAsync<long>($"SELECT count(*) FROM hangfire.state WHERE jobid = {job} AND (concat(reason, data ->> 'ExceptionMessage') ~ '[\\u0001-\\u001f\\u202e]' OR concat(reason, data) LIKE '%hunter2%')"), Is.Zero);
        }
    }

    [Test]
    public void Resolve_KnowsEveryTypeOfOurJobs_AsHangfireWritesThem_NowAndByDefault()
    {
        foreach (var job in new[] { typeof(TriggerJob), typeof(PlanJob), typeof(ChunkJob), typeof(ManifestJob) })
        {
            foreach (var type in job.GetMethod("RunAsync")!.GetParameters().Select(parameter => parameter.ParameterType).Append(job))
            {
                Assert.That(KnownJobs.Resolve(TypeHelper.SimpleAssemblyTypeSerializer(type)), Is.EqualTo(type));
                Assert.That(KnownJobs.Resolve(TypeHelper.DefaultTypeSerializer(type)), Is.EqualTo(type));
            }
        }
    }

    [TestCase("")]
    [TestCase("System.IO.File")]
    [TestCase("System.IO.File, mscorlib")]
    [TestCase("FacilityFeed.Scheduler.Exporting.ChunkJob, Elsewhere")]
    [TestCase("FacilityFeed.Scheduler.Exporting.ChunkJob")]
    [TestCase("FacilityFeed.Scheduler.Exporting.ChunkJob[], FacilityFeed.Scheduler")]
    [TestCase("System.Int64[], mscorlib")]
    [TestCase("System.Nullable`1[[System.Int64, mscorlib]], mscorlib")]
    [TestCase("system.int64, mscorlib")]
    [TestCase("Hangfire.States.EnqueuedState, Hangfire.Core")]
    public void Resolve_RefusesAnyOtherType(string name)
    {
        Assert.That(() => KnownJobs.Resolve(name), Throws.TypeOf<FeedRejectedException>().With.Message.Contains($"'{name}'").And.Message.Contains(Refused));
    }

    [Test]
    public void TheJobs_HaveTheNamesThatAreStored()
    {
        Assert.That(new[] { typeof(TriggerJob), typeof(PlanJob), typeof(ChunkJob), typeof(ManifestJob) }.Select(TypeHelper.SimpleAssemblyTypeSerializer), Is.EqualTo(new[]
        {
            "FacilityFeed.Scheduler.Scheduling.TriggerJob, FacilityFeed.Scheduler",
            "FacilityFeed.Scheduler.Planning.PlanJob, FacilityFeed.Scheduler",
            "FacilityFeed.Scheduler.Exporting.ChunkJob, FacilityFeed.Scheduler",
            "FacilityFeed.Scheduler.Publishing.ManifestJob, FacilityFeed.Scheduler",
        }));
        Assert.That(typeof(ChunkJob).GetMethod("RunAsync")!.GetParameters().Select(parameter => parameter.ParameterType),
            Is.EqualTo(new[] { typeof(long), typeof(int), typeof(string), typeof(PerformContext), typeof(CancellationToken) }));
    }
}
