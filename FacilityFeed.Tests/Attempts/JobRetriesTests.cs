using FacilityFeed.Domain;
using FacilityFeed.Domain.Ledger;
using FacilityFeed.Tests.Support;
using Hangfire;
using Hangfire.Common;
using Hangfire.States;

namespace FacilityFeed.Tests.Attempts;

/// <summary>Nothing that the state database answers within a job is permanent, nor uses up one of its tries.</summary>
public sealed class JobRetriesTests
{
    /// <summary>As often as a job has tries, and once more.</summary>
    private const int Refusals = 6;

    // A demoted primary, no such user, a wrong password, no such database or schema, no right, no such table, a pooler's refusal, too many connections, shut down, serialization, an internal error.
    private static readonly string[] _answers = ["25006", "28000", "28P01", "3D000", "3F000", "42501", "42P01", "08P01", "53300", "57P01", "40001", "XX000"];

    [Test]
    public async Task WhateverTheStateDatabaseAnswersToAChunk_IsWaitedFor()
    {
        // One chunk for each answer.
        await using var host = await TestHost.CreateAsync(Facilities.Numbered(1, _answers.Length), chunkSize: 1, retryDelays: [0]);
        await RefuseAsync(host, "feed.chunk", "NEW.state = 'done'", "NEW.number", _answers);

        var run = await host.PublishAsync();

        Assert.That(run.State, Is.EqualTo(RunState.Published), run.Reason);
        Assert.That((await host.Chunks.ListAsync(run.Id, CancellationToken.None)).Select(chunk => chunk.Attempt), Is.All.EqualTo(Refusals + 1));
        await AssertNoTryIsUsedUpAsync(host);
    }

    [TestCase("planning", "NEW.state = 'running'")]
    [TestCase("running", "NEW.state = 'publishing'")]
    public async Task WhatItAnswersToAPlanOrManifest_IsWaitedForToo(string state, string step)
    {
        await using var host = await TestHost.CreateAsync(Facilities.Numbered(1, 10), retryDelays: [0]);
        await RefuseAsync(host, "feed.run", $"OLD.state = '{state}' AND {step}", "1", "42501");

        var run = await host.PublishAsync();

        Assert.That(run.State, Is.EqualTo(RunState.Published), run.Reason);
        await AssertNoTryIsUsedUpAsync(host);
    }

    [TestCase("42P01")]
    [TestCase("28P01")]
    [TestCase("3D000")]
    public async Task TheSame_FromTheSource_IsForGood(string sqlState)
    {
        await using var host = await TestHost.CreateAsync(Facilities.Numbered(1, 10) + $"""
            ALTER TABLE facility RENAME TO elsewhere;
            CREATE FUNCTION refuse() RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN IF current_query() LIKE 'COPY%' THEN RAISE EXCEPTION 'refused by the source' USING ERRCODE = '{sqlState}'; END IF; RETURN true; END $$;
            CREATE VIEW facility AS SELECT * FROM elsewhere WHERE refuse();
            """, retryDelays: [0]);

        var run = await host.PublishAsync();

        Assert.That((run.State, (await host.Chunks.ListAsync(run.Id, CancellationToken.None)).Single().Attempt), Is.EqualTo((RunState.Failed, 1)));
        Assert.That(run.Reason, Does.Contain("refused by the source"));
    }

    [Test]
    public async Task AFailureThatHangfireCannotWriteDown_UsesUpOneTry_HoweverOftenItAsks()
    {
        await using var host = await TestHost.CreateAsync(Facilities.Numbered(1, 10), retryDelays: [3600]);
        var runId = await RunSteps.PlanAsync(host);
        var job = (await RunSteps.ChunkAsync(host, runId, 1)).JobId;
        await host.State.ExecuteAsync("ALTER TABLE hangfire.set RENAME TO away");
        var changer = new BackgroundJobStateChanger(host.Get<IJobFilterProvider>());
        using var connection = host.Get<JobStorage>().GetConnection();
        var failed = new FailedState(new FeedException("stumbled"));

        for (var time = 0; time < Refusals; time++)
        {
            Assert.That(() => changer.ChangeState(new StateChangeContext(host.Get<JobStorage>(), connection, job, failed)), Throws.Exception);
        }

        await host.State.ExecuteAsync("ALTER TABLE hangfire.away RENAME TO set");
        var applied = changer.ChangeState(new StateChangeContext(host.Get<JobStorage>(), connection, job, failed));

        Assert.That(applied, Is.InstanceOf<ScheduledState>().With.Property("Reason").EqualTo("Retry attempt 1 of 5: stumbled"));
        Assert.That((await RunSteps.ChunkAsync(host, runId, 1)).State, Is.EqualTo(ChunkState.Planned));
    }

    // Sequences count what is rolled back, too.
    private static Task RefuseAsync(TestHost host, string table, string when, string number, params string[] answers) => host.State.ExecuteAsync($"""
        {string.Concat(answers.Select((_, at) => $"CREATE SEQUENCE feed.refused_{at + 1};"))}
        CREATE FUNCTION feed.refuse() RETURNS trigger LANGUAGE plpgsql AS $$ DECLARE code text := (string_to_array('{string.Join(',', answers)}', ','))[{number}]; BEGIN
            IF nextval('feed.refused_' || {number}) <= {Refusals} THEN RAISE EXCEPTION 'refused by the state database' USING ERRCODE = code; END IF; RETURN NEW; END $$;
        CREATE TRIGGER refuse BEFORE UPDATE ON {table} FOR EACH ROW WHEN ({when}) EXECUTE FUNCTION feed.refuse();
        """);

    private static async Task AssertNoTryIsUsedUpAsync(TestHost host)
    {
        Assert.That(await host.State.ScalarAsync<long>("SELECT count(*) FROM hangfire.jobparameter WHERE name = 'RetryCount'"), Is.Zero, "tries used up");
        Assert.That(await host.State.ScalarAsync<string>("SELECT string_agg(DISTINCT split_part(reason, ': ', 1), ',') FROM hangfire.state WHERE reason LIKE 'Retry%'"), Is.EqualTo("Retry attempt as long as it takes"));
    }
}
