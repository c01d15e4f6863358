using System.Globalization;
using Dapper;
using FacilityFeed.Domain.Ledger;
using FacilityFeed.Domain.Runs;
using Npgsql;

namespace FacilityFeed.Infrastructure.Ledger;

/// <summary>
/// How runs and their jobs stand to each other, so that the dashboard shows no job otherwise than the ledger knows its run. Only reads; synchronous,
/// for Hangfire's state filters, its client and its dashboard are.
/// </summary>
public sealed class RunJobsLedger(NpgsqlDataSource state)
{
    static RunJobsLedger() => DefaultTypeMap.MatchNamesWithUnderscores = true;

    /// <returns>With which number its run was begun; of a run that does not exist, this build's.</returns>
    public int ProtocolOf(long runId)
    {
        using var connection = state.OpenConnection();
        return connection.QuerySingleOrDefault<int?>("SELECT protocol FROM feed.run WHERE id = @runId", new { runId }) ?? Protocol.Number;
    }

    /// <returns>Null when there is no such run.</returns>
    public RunJobs? Find(long runId)
    {
        using var connection = state.OpenConnection();
        return connection.QuerySingleOrDefault<RunJobs>($"{SelectSql} FROM feed.run r WHERE r.id = @runId", Words(new { runId }));
    }

    /// <summary>The newest run of each feed that is not skipped, whoever started it; none of a feed without one.</summary>
    public IReadOnlyList<RunJobs> ListNewest(IEnumerable<string> feeds)
    {
        using var connection = state.OpenConnection();
        return [.. connection.Query<RunJobs>($"""
            {SelectSql} FROM unnest(@feeds) AS asked (key)
            CROSS JOIN LATERAL (SELECT * FROM feed.run WHERE run.feed = asked.key AND run.state <> @skipped ORDER BY id DESC LIMIT 1) r
            """, Words(new { feeds = feeds.ToArray(), skipped = StateName.Of(RunState.Skipped) }))];
    }

    /// <summary>
    /// Runs whose deciding job stands otherwise than they do: held or failed ones though Hangfire has it among the succeeded or the deleted jobs,
    /// withdrawn ones though it has it among the succeeded. A process died between the ledger's word and Hangfire's, or was of a version that says
    /// nothing to Hangfire, or a person deleted the job. Not where a later run made it of no account: see <see cref="ListObsolete"/>.
    /// </summary>
    /// <returns>Each with Hangfire's word, as it was seen.</returns>
    public IReadOnlyList<(RunJobs Run, string JobState)> ListMistaken(IEnumerable<string> feeds)
    {
        using var connection = state.OpenConnection();
        var runs = connection.Query<RunJobs>($"""
            {SelectSql} FROM feed.run r WHERE r.feed = ANY (@feeds) AND r.state = ANY (@red || @grey)
                AND NOT EXISTS (SELECT FROM feed.run l WHERE l.feed = r.feed AND l.id > r.id
                    AND CASE WHEN r.state = ANY (@red) THEN l.state = ANY (@good) ELSE l.state <> @skipped END)
            """, Words(new
        {
            feeds = feeds.ToArray(),
            red = new[] { StateName.Of(RunState.Held), StateName.Of(RunState.Failed) },
            grey = new[] { StateName.Of(RunState.Cancelled), StateName.Of(RunState.Discarded) },
            good = new[] { StateName.Of(RunState.Published), StateName.Of(RunState.Unchanged) },
            skipped = StateName.Of(RunState.Skipped),
        })).Where(run => run.DecidingJob is not null).ToList();
        var seen = connection.Query<(string Id, string State)>("SELECT id::text, statename FROM hangfire.job WHERE id = ANY (@ids) AND statename IN ('Succeeded', 'Deleted')",
            new { ids = runs.Select(run => long.Parse(run.DecidingJob!, CultureInfo.InvariantCulture)).ToArray() }).ToDictionary(job => job.Id, job => job.State, StringComparer.Ordinal);
        return [.. from run in runs
                   let jobState = seen.GetValueOrDefault(run.DecidingJob!)
                   where jobState == "Succeeded" || (jobState == "Deleted" && run.State is RunState.Held or RunState.Failed)
                   select (run, jobState)];
    }

    /// <summary>Failed and held jobs that nothing can come of any more, oldest first but for those that come last.</summary>
    /// <param name="feeds">Keys of the feeds that are looked at.</param>
    /// <param name="types">What Hangfire calls the jobs.</param>
    /// <param name="last">Ids of jobs that come after all others.</param>
    /// <param name="most">How many are listed.</param>
    public IReadOnlyList<ObsoleteJob> ListObsolete(IEnumerable<string> feeds, JobTypes types, IEnumerable<string> last, int most)
    {
        using var connection = state.OpenConnection();
        return [.. connection.Query<ObsoleteJob>(ObsoleteSql, new
        {
            feeds = feeds.ToArray(),
            types.Trigger,
            types.Plan,
            types.Chunk,
            types.Manifest,
            last = last.ToArray(),
            most,
            held = StateName.Of(RunState.Held),
            superseded = StateName.Of(RunState.Superseded),
            published = StateName.Of(RunState.Published),
            unchanged = StateName.Of(RunState.Unchanged),
            withdrawn = new[] { StateName.Of(RunState.Cancelled), StateName.Of(RunState.Discarded) },
        })];
    }

    private static DynamicParameters Words(object more)
    {
        var words = new DynamicParameters(new { failed = StateName.Of(ChunkState.Failed), open = new[] { StateName.Of(ChunkState.Planned), StateName.Of(ChunkState.Running) } });
        words.AddDynamicParams(more);
        return words;
    }

    // A failed chunk and a failed run are written alike. Of the failed chunks' jobs one that Hangfire still has, for it deletes what was deleted for a day.
    private const string SelectSql = """
        SELECT r.id AS run_id, r.feed, r.state, r.reason, r.requested_at, r.plan_job_id AS plan_job, r.manifest_job_id AS manifest_job,
            EXISTS (SELECT FROM feed.chunk WHERE run_id = r.id AND object_name IS NOT NULL) AS has_shards,
            (SELECT job_id FROM feed.chunk WHERE run_id = r.id AND state = @failed
                ORDER BY EXISTS (SELECT FROM hangfire.job WHERE id = chunk.job_id::bigint) DESC, number LIMIT 1) AS failed_chunk_job,
            (SELECT job_id FROM feed.chunk WHERE run_id = r.id AND state = ANY (@open) ORDER BY number LIMIT 1) AS open_chunk_job
        """;

    // Of the arguments only those of our own jobs are read, and only where they are numbers, for a row made by hand holds anything: a CASE decides before it casts.
    private const string ObsoleteSql = """
        WITH red AS MATERIALIZED (
            SELECT id, statename, createdat, arguments, split_part(invocationdata ->> 'Type', ',', 1) AS type FROM hangfire.job WHERE statename IN ('Failed', 'Held')),
        placed AS MATERIALIZED (
            SELECT *, CASE WHEN type IN (@Plan, @Chunk, @Manifest) AND arguments ->> 0 ~ '^[0-9]{1,18}$' THEN (arguments ->> 0)::bigint END AS run_id,
                CASE WHEN type = @Chunk AND arguments ->> 1 ~ '^[0-9]{1,9}$' THEN (arguments ->> 1)::int END AS number,
                CASE WHEN type = @Trigger THEN arguments ->> 0 END AS triggered
            FROM red),
        of_runs AS (
            SELECT p.id, p.statename, r.id AS run_id, r.feed, r.state AS run_state, r.reason AS run_reason, later.id AS later_run_id, later.state AS later_run_state,
                CASE p.type WHEN @Chunk THEN c.job_id WHEN @Manifest THEN r.manifest_job_id ELSE r.plan_job_id END AS current_job
            FROM placed p JOIN feed.run r ON r.id = p.run_id
            LEFT JOIN feed.chunk c ON c.run_id = r.id AND c.number = p.number
            LEFT JOIN LATERAL (SELECT id, state FROM feed.run WHERE run.feed = r.feed AND run.id > r.id AND run.state IN (@published, @unchanged) ORDER BY id LIMIT 1) later ON true),
        of_triggers AS (
            SELECT p.id, p.statename, later.id AS run_id, later.feed, later.state AS run_state, NULL AS run_reason, later.id AS later_run_id, later.state AS later_run_state, NULL AS current_job
            FROM placed p CROSS JOIN LATERAL (
                SELECT id, feed, state FROM feed.run WHERE run.feed = trim('"' FROM p.triggered) AND requested_at > p.createdat AND state IN (@published, @unchanged) ORDER BY id LIMIT 1) later
            WHERE p.statename = 'Failed')
        SELECT id::text AS job_id, statename AS job_state, run_id, run_state, run_reason, later_run_id, later_run_state, current_job
        FROM (SELECT * FROM of_runs WHERE CASE statename
                WHEN 'Held' THEN run_state <> @held OR current_job IS DISTINCT FROM id::text
                ELSE run_state IN (@superseded, @published, @unchanged) OR run_state = ANY (@withdrawn) OR later_run_id IS NOT NULL OR current_job IS DISTINCT FROM id::text END
            UNION ALL SELECT * FROM of_triggers) over
        WHERE feed = ANY (@feeds) ORDER BY id::text = ANY (@last), id LIMIT @most
        """;
}

/// <summary>The full names of the job classes, as Hangfire has them stored.</summary>
public sealed record JobTypes(string Trigger, string Plan, string Chunk, string Manifest);
