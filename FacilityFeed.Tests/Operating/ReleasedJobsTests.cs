using FacilityFeed.Domain.Ledger;
using FacilityFeed.Scheduler.Exporting;
using FacilityFeed.Scheduler.Hosting;
using FacilityFeed.Scheduler.Planning;
using FacilityFeed.Scheduler.Publishing;
using FacilityFeed.Scheduler.Scheduling;
using FacilityFeed.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace FacilityFeed.Tests.Operating;

/// <summary>
/// Job rows as released versions stored them, letter by letter. They outlive a deploy: never change a line here; a new signature
/// gets further lines.
/// </summary>
public sealed class ReleasedJobsTests
{
    private static string Invocation(string type, string method, string parameters, string queue, string arguments) =>
        $$"""{"Type": "FacilityFeed.Scheduler.{{type}}, FacilityFeed.Scheduler", "Queue": "{{queue}}", "Method": "{{method}}", "Arguments": "{{arguments.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}}", "ParameterTypes": "{{parameters}}"}""";

    // Since a run has a protocol.
    private static string Numbered(string invocation) => invocation.Replace("\"feed-facility\"", "\"feed2-facility\"", StringComparison.Ordinal).Replace("\"shards-facility\"", "\"shards2-facility\"", StringComparison.Ordinal);

    private const string Context = """\"Hangfire.Server.PerformContext, Hangfire.Core\",\"System.Threading.CancellationToken, mscorlib\"]""";

    private static readonly string _trigger = Invocation("Scheduling.TriggerJob", "RunAsync", """[\"System.String\",""" + Context, "feed-facility", TriggerArguments);
    private static readonly string _plan = Invocation("Planning.PlanJob", "RunAsync", """[\"System.Int64\",\"System.String\",""" + Context, "feed-facility", PlanArguments);
    private static readonly string _chunk = Invocation("Exporting.ChunkJob", "RunAsync", """[\"System.Int64\",\"System.Int32\",\"System.String\",""" + Context, "shards-facility", ChunkArguments);
    private static readonly string _manifest = Invocation("Publishing.ManifestJob", "RunAsync", """[\"System.Int64\",\"System.String\",""" + Context, "feed-facility", ManifestArguments);

    private const string TriggerArguments = """["\"facility\"",null,null]""";
    private const string PlanArguments = """["1","\"facility · plan of run 1\"",null,null]""";
    private const string ChunkArguments = """["1","1","\"facility · chunk 1 of 1 · ids 1–5 · run 1\"",null,null]""";
    private const string ManifestArguments = """["1","\"facility · manifest of run 1\"",null,null]""";

    private static IEnumerable<TestCaseData> Released()
    {
        yield return new TestCaseData(_trigger, TriggerArguments, typeof(TriggerJob)).SetArgDisplayNames("TriggerJob");
        yield return new TestCaseData(_plan, PlanArguments, typeof(PlanJob)).SetArgDisplayNames("PlanJob");
        yield return new TestCaseData(_chunk, ChunkArguments, typeof(ChunkJob)).SetArgDisplayNames("ChunkJob");
        yield return new TestCaseData(_manifest, ManifestArguments, typeof(ManifestJob)).SetArgDisplayNames("ManifestJob");
        yield return new TestCaseData(Numbered(_trigger), TriggerArguments, typeof(TriggerJob)).SetArgDisplayNames("TriggerJob of protocol 2");
        yield return new TestCaseData(Numbered(_plan), PlanArguments, typeof(PlanJob)).SetArgDisplayNames("PlanJob of protocol 2");
        yield return new TestCaseData(Numbered(_chunk), ChunkArguments, typeof(ChunkJob)).SetArgDisplayNames("ChunkJob of protocol 2");
        yield return new TestCaseData(Numbered(_manifest), ManifestArguments, typeof(ManifestJob)).SetArgDisplayNames("ManifestJob of protocol 2");
    }

    [TestCaseSource(nameof(Released))]
    public async Task AReleasedJob_IsStillUnderstood(string invocation, string arguments, Type type)
    {
        await using var host = await TestHost.CreateAsync(Facilities.EmptyTable);
        var id = await InsertAsync(host, invocation, arguments);
        using var connection = host.Get<Hangfire.JobStorage>().GetConnection();

        var job = connection.GetJobData($"{id}");

        Assert.That(job.LoadException, Is.Null);
        Assert.That((job.Job.Type, job.Job.Method.Name), Is.EqualTo((type, "RunAsync")));
    }

    [Test]
    public async Task WhatThisVersionStores_IsAmongTheReleased()
    {
        await using var host = await TestHost.CreateAsync(Facilities.Numbered(1, 5));
        host.Get<FeedSchedules>().Register();
        host.Get<Hangfire.IRecurringJobManager>().Trigger("facility");
        await RunSteps.FailAsync(host);

        foreach (var (invocation, arguments) in new[] { (Numbered(_trigger), TriggerArguments), (Numbered(_plan), PlanArguments), (Numbered(_chunk), ChunkArguments), (Numbered(_manifest), ManifestArguments) })
        {
            Assert.That(await host.State.ScalarAsync<long>($"SELECT count(*) FROM hangfire.job WHERE invocationdata::jsonb = '{invocation}'::jsonb AND arguments::jsonb = '{arguments}'::jsonb"), Is.EqualTo(1),
                $"{invocation} {arguments}\nis not among\n{await host.State.ScalarAsync<string>("SELECT string_agg(invocationdata::text || ' ' || arguments::text, ', ') FROM hangfire.job")}");
        }
    }

    [Test]
    public async Task ReleasedJobs_MakeAFeed_FromTheTriggerOn()
    {
        await using var host = await TestHost.CreateAsync(Facilities.Numbered(1, 5));
        var id = await InsertAsync(host, _trigger, TriggerArguments);
        await host.State.ExecuteAsync($"INSERT INTO hangfire.jobqueue (jobid, queue) VALUES ({id}, 'feed-facility')");

        // Every row is replaced, the moment it is stored, by what a released version would have stored.
        await host.State.ExecuteAsync($"""
            CREATE FUNCTION release() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                CASE split_part(split_part(NEW.invocationdata::jsonb ->> 'Type', ',', 1), '.', 4)
                    WHEN 'PlanJob' THEN NEW.invocationdata := '{_plan}'; NEW.arguments := '{PlanArguments}';
                    WHEN 'ChunkJob' THEN NEW.invocationdata := '{_chunk}'; NEW.arguments := '{ChunkArguments}';
                    WHEN 'ManifestJob' THEN NEW.invocationdata := '{_manifest}'; NEW.arguments := '{ManifestArguments}';
                END CASE;
                RETURN NEW;
            END $$;
            CREATE TRIGGER release BEFORE INSERT ON hangfire.job FOR EACH ROW EXECUTE FUNCTION release();
            CREATE FUNCTION release_queue() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                NEW.queue := replace(NEW.queue, '2-', '-');
                RETURN NEW;
            END $$;
            CREATE TRIGGER release_queue BEFORE INSERT ON hangfire.jobqueue FOR EACH ROW EXECUTE FUNCTION release_queue();
            """);
        host.StartWorkers();

        await Until.TrueAsync(async () => await host.State.ScalarAsync<long>("SELECT count(*) FROM feed.run") == 1, TimeSpan.FromSeconds(30), "the run of the released trigger");
        var run = await host.EndOfAsync(1);

        Assert.That((run.State, run.Records), Is.EqualTo((RunState.Published, 5L)), run.Reason);
    }

    [Test]
    public async Task TwoServices_OnOneState_FinishOneRunTogether()
    {
        await using var host = await TestHost.CreateAsync(Facilities.Slow(120, 0.02), settings: [("Feeds:facility:Workers", "1")]);
        await using var other = await host.AnotherAsync(("Feeds:facility:Workers", "1"));
        other.Services.GetRequiredService<JobServers>().StartAll(JobClocks.RetriesAndSchedules);
        host.Get<JobServers>().StartAll(JobClocks.RetriesAndSchedules);

        var run = await host.EndOfAsync(await host.TriggerAsync());

        Assert.That((run.State, run.Records, run.ChunksDone), Is.EqualTo((RunState.Published, 120L, 12L)), run.Reason);
        Assert.That((await host.Chunks.ListAsync(run.Id, CancellationToken.None)).Select(chunk => chunk.Attempt), Is.All.EqualTo(1));
        Assert.That(await host.State.ScalarAsync<long>("SELECT count(DISTINCT s.data ->> 'ServerId') FROM hangfire.state s JOIN hangfire.job j ON j.id = s.jobid WHERE s.name = 'Processing' AND j.invocationdata::text LIKE '%ChunkJob%'"), Is.EqualTo(2));
    }

    private static Task<long> InsertAsync(TestHost host, string invocation, string arguments) => host.State.ScalarAsync<long>($"""
        WITH job AS (INSERT INTO hangfire.job (invocationdata, arguments, createdat, statename) VALUES ('{invocation}', '{arguments}', now(), 'Enqueued') RETURNING id),
        state AS (INSERT INTO hangfire.state (jobid, name, createdat) SELECT id, 'Enqueued', now() FROM job RETURNING jobid)
        SELECT jobid FROM state
        """);
}
