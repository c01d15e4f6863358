using FacilityFeed.Domain;
using FacilityFeed.Domain.Ledger;
using FacilityFeed.Domain.Runs;
using FacilityFeed.Infrastructure.Ledger;
using FacilityFeed.Scheduler.Hosting;
using FacilityFeed.Tests.Support;
using FacilityFeed.Tests.Watching;
using Npgsql;

namespace FacilityFeed.Tests.Ledger;

/// <summary>What the database lets a build do that knows a lower protocol than a run's: nothing.</summary>
public sealed class ProtocolTests
{
    /// <summary>As builds wrote that knew of no number, each on a run that is just there.</summary>
    private static IEnumerable<TestCaseData> EarlierStatements()
    {
        foreach (var (name, sql) in new[]
        {
            ("chunk replaced by a watcher", "UPDATE feed.chunk c SET job_id = '99', state = 'planned', heartbeat_at = NULL FROM feed.run r WHERE c.number = 1 AND r.id = c.run_id AND r.state = 'running'"),
            ("chunk taken", "UPDATE feed.chunk c SET attempt = attempt + 1, state = 'running', heartbeat_at = now() FROM feed.run r WHERE c.number = 1 AND r.id = c.run_id RETURNING c.id"),
            ("chunk finished and counted down", "WITH c AS (UPDATE feed.chunk SET state = 'done', rows_read = 1, records = 1, rejected = 0 WHERE number = 1 RETURNING run_id) UPDATE feed.run SET remaining = remaining - 1 FROM c WHERE run.id = c.run_id"),
            ("chunk failed", "UPDATE feed.chunk SET state = 'failed', error = 'e' WHERE number = 2"),
            ("chunk added", "INSERT INTO feed.chunk (run_id, number, first_id, last_id, planned_rows, state, job_id) SELECT id, 9, 1, 1, 1, 'planned', '9' FROM feed.run"),
            ("plan replaced", "UPDATE feed.run SET plan_job_id = '99', heartbeat_at = NULL"),
            ("manifest replaced", "UPDATE feed.run SET manifest_job_id = '99', manifest_attempt = manifest_attempt + 1"),
            ("recounted", "UPDATE feed.run SET remaining = 0"),
            ("entered publishing", "UPDATE feed.run SET state = 'publishing', reason = NULL"),
            ("published", "UPDATE feed.run SET state = 'published', manifest = 'm', finished_at = clock_timestamp()"),
            ("cancelled", "UPDATE feed.run SET state = 'cancelled', reason = 'r', finished_at = clock_timestamp()"),
            ("failed", "UPDATE feed.run SET state = 'failed', reason = 'r', finished_at = clock_timestamp()"),
            ("swept", "UPDATE feed.run SET swept_at = now()"),
            ("a lower number", "UPDATE feed.run SET writer = 1, swept_at = now()"),
        })
        {
            yield return new TestCaseData(sql).SetArgDisplayNames(name);
        }
    }

    [TestCaseSource(nameof(EarlierStatements))]
    public async Task ARunOfOurs_IsChangedByNoEarlierBuild(string sql)
    {
        await using var run = await WatchedRun.PlannedAsync();
        var before = await RowsAsync(run.Host);

        var refused = (await Assert.ThrowsAsync<PostgresException>(() => run.Host.State.ExecuteAsync(sql)))!;

        Assert.That(refused.SqlState, Is.EqualTo(StateFailure.LowerProtocol));
        Assert.That(refused.MessageText, Does.StartWith($"run {run.Id} of feed facility is of protocol 2, and this statement names ").And.Contain("SET writer = 2").And.Not.Contain("\n"));
        Assert.That(await RowsAsync(run.Host), Is.EqualTo(before));
        await run.AssertPublishesAsync();
    }

    [TestCase("INSERT INTO feed.run (feed, name, recipe, run_key, origin, state) VALUES ('facility', 'n', 'r', 'k', 'test', 'planning') ON CONFLICT DO NOTHING", TestName = "AFeedOfOurs_IsBegunByNoEarlierBuild(a run)")]
    [TestCase("INSERT INTO feed.run (feed, name, recipe, run_key, origin, state) VALUES ('facility', 'n', 'r', 'k', 'test', 'skipped') ON CONFLICT DO NOTHING", TestName = "AFeedOfOurs_IsBegunByNoEarlierBuild(a skipped one)")]
    public async Task AFeedOfOurs_IsBegunByNoEarlierBuild(string sql)
    {
        await using var run = await WatchedRun.TriggeredAsync();
        // Also when pruning has left no run of it.
        await run.Host.State.ExecuteAsync("DELETE FROM feed.run");

        var refused = (await Assert.ThrowsAsync<PostgresException>(() => run.Host.State.ExecuteAsync(sql)))!;

        Assert.That(refused.SqlState, Is.EqualTo(StateFailure.LowerProtocol));
        Assert.That(refused.MessageText, Does.StartWith("feed facility has had a run of protocol 2, and this one would be of protocol 1: ").And.Contain("SELECT feed.go_back(1)"));
        await run.Host.State.ExecuteAsync(sql.Replace("'facility'", "'another'", StringComparison.Ordinal));
    }

    [Test]
    public async Task ARunOfAnEarlierBuild_IsFinishedByEither_AndStopsUsFromNothing()
    {
        await using var host = await TestHost.CreateAsync(Facilities.Numbered(1, 25));
        await host.State.ExecuteAsync("INSERT INTO feed.run (feed, name, recipe, run_key, origin, state) VALUES ('facility', 'n', 'r', 'k', 'test', 'planning')");

        // Meets the earlier build's, so that nothing is begun by us.
        await host.TriggerAsync();
        await host.State.ExecuteAsync("UPDATE feed.run SET reason = 'theirs' WHERE state = 'planning'");
        await host.State.ExecuteAsync($"UPDATE feed.run SET {Protocol.Writer}, reason = 'ours' WHERE state = 'planning'");
        await host.State.ExecuteAsync("UPDATE feed.run SET state = 'failed' WHERE state = 'planning'");
        await host.State.ExecuteAsync("INSERT INTO feed.run (feed, name, recipe, run_key, origin, state) VALUES ('facility', 'n', 'r', 'k2', 'test', 'failed')");

        Assert.That(await host.State.ScalarAsync<string>("SELECT string_agg(protocol || state, ' ' ORDER BY id) FROM feed.run"), Is.EqualTo("1failed 2skipped 1failed"));
        Assert.That((await host.PublishAsync()).State, Is.EqualTo(RunState.Published));
        Assert.That(await host.State.ScalarAsync<long>("SELECT count(writer) FROM feed.run"), Is.Zero);
        Assert.That(await host.State.ScalarAsync<long>("SELECT count(writer) FROM feed.chunk"), Is.Zero);
    }

    [Test]
    public async Task GoingBack_LetsAnEarlierBuildBegin_OnceNoRunIsActive()
    {
        await using var run = await WatchedRun.TriggeredAsync();
        const string Begin = "INSERT INTO feed.run (feed, name, recipe, run_key, origin, state) VALUES ('facility', 'n', 'r', 'k', 'test', 'planning')";

        var active = (await Assert.ThrowsAsync<PostgresException>(() => run.Host.State.ExecuteAsync("SELECT feed.go_back(1)")))!;
        await run.AssertPublishesAsync();
        await run.Host.Get<JobServers>().StopAsync(CancellationToken.None);
        var waiting = run.Host.Get<FeedJobs>().CreateManifest("facility", run.Id);
        var queued = (await Assert.ThrowsAsync<PostgresException>(() => run.Host.State.ExecuteAsync("SELECT feed.go_back(1)")))!;
        await run.LoseAsync(waiting);
        var said = await run.Host.State.ScalarAsync<string>("SELECT feed.go_back(1)");
        await run.Host.State.ExecuteAsync(Begin);

        Assert.That(active.MessageText, Does.StartWith($"run {run.Id} is active, and its jobs may be in queues that an older build does not serve: "));
        Assert.That(queued.MessageText, Does.StartWith("1 jobs wait in queues of the newer build"));
        Assert.That(said, Is.EqualTo("1 runs are of protocol 1 now"));
        Assert.That(await run.Host.State.ScalarAsync<long>("SELECT count(*) FROM feed.run WHERE protocol = 1"), Is.EqualTo(2));
    }

    [Test]
    public async Task WeAreRefusedLikewise_ByALaterBuild_AndSayWhatToDo()
    {
        await using var run = await WatchedRun.PlannedAsync();
        await run.Host.State.ExecuteAsync($"UPDATE feed.run SET {Protocol.Writer}, protocol = 3; UPDATE feed.protocol SET number = 3");
        var chunk = await run.ChunkAsync(1);

        var refused = (await Assert.ThrowsAsync<PostgresException>(() => run.Host.Chunks.TryTakeAsync(run.Id, 1, chunk.JobId)))!;

        var sorted = StateFailure.Sort(refused);
        Assert.That(sorted, Is.TypeOf<FeedException>(), "a retry may meet the later build");
        Assert.That(sorted.Message, Does.StartWith($"run {run.Id} of feed facility is of protocol 3, and this statement names 2: only a build that knows protocol 3 may change it"));
    }

    [Test]
    public async Task AWatcherOfAnEarlierBuild_ThatGivesOurRunToItsOwnWorkers_PublishesNothing()
    {
        await using var host = await TestHost.CreateAsync(Facilities.Numbered(1, 1000), chunkSize: 500);
        await host.PublishAsync();
        await host.Get<JobServers>().StopAsync(CancellationToken.None);
        await host.Source.ExecuteAsync("DELETE FROM facility WHERE id > 100; UPDATE facility SET country = NULL WHERE id <= 40");
        var runId = await RunSteps.PlanAsync(host);

        var refused = 0;
        foreach (var sql in new[]
        {
            $"UPDATE feed.chunk c SET job_id = '99', state = 'planned', heartbeat_at = NULL FROM feed.run r WHERE c.run_id = {runId} AND r.id = c.run_id AND r.state = 'running'",
            $"UPDATE feed.chunk SET attempt = attempt + 1, state = 'running', heartbeat_at = now() WHERE run_id = {runId} AND job_id = '99'",
            $"WITH c AS (UPDATE feed.chunk SET state = 'done', rows_read = 100, records = 100, rejected = 0 WHERE run_id = {runId} AND state = 'running' RETURNING run_id) UPDATE feed.run SET remaining = remaining - 1 FROM c WHERE run.id = c.run_id",
            $"UPDATE feed.run SET manifest_job_id = '98' WHERE id = {runId}",
            $"UPDATE feed.run SET manifest_attempt = manifest_attempt + 1, heartbeat_at = now() WHERE id = {runId} AND manifest_job_id = '98'",
            $"UPDATE feed.run SET state = 'publishing' WHERE id = {runId} AND state = 'running'",
            $"UPDATE feed.run SET state = 'published', manifest = 'm', published_at = clock_timestamp() WHERE id = {runId} AND state = 'publishing'",
        })
        {
            try
            {
                await host.State.ExecuteAsync(sql);
            }
            catch (PostgresException refusal) when (refusal.SqlState == StateFailure.LowerProtocol)
            {
                refused++;
            }
        }

        Assert.That((await RunSteps.FindAsync(host, runId)).State, Is.EqualTo(RunState.Running), "after what an earlier build's watcher and workers do");
        // Of the others none met a row: what had to come before them was refused.
        Assert.That(refused, Is.EqualTo(3));
        host.StartWorkers();
        Assert.That((await host.EndOfAsync(runId)).State, Is.EqualTo(RunState.Held), "a hundred records of a thousand");
    }

    [Test]
    public async Task ARunOfALaterBuild_IsLeftToIt_ByTheWatcher()
    {
        await using var run = await WatchedRun.PlannedAsync();
        await run.LoseAsync((await run.ChunkAsync(1)).JobId);
        await run.Host.State.ExecuteAsync($"UPDATE feed.run SET {Protocol.Writer}, protocol = 3, remaining = 7");

        await run.TickAsync();
        Assert.That(await run.RepairsAsync(), Is.Empty);

        await run.Host.State.ExecuteAsync("UPDATE feed.run SET writer = 3, protocol = 2");
        Assert.That(await run.TickUntilRepairAsync(), Is.Not.Null);
        await run.AssertPublishesAsync();
    }

    [Test]
    public void TheSqlNamesTheNumber() => Assert.That($"writer = {Protocol.Number}", Is.EqualTo(Protocol.Writer));

    private static Task<string> RowsAsync(TestHost host) =>
        host.State.ScalarAsync<string>("SELECT (SELECT string_agg(r::text, '; ' ORDER BY id) FROM feed.run r) || (SELECT string_agg(c::text, '; ' ORDER BY id) FROM feed.chunk c)");
}
