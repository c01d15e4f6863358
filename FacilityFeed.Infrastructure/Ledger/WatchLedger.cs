using Dapper;
using FacilityFeed.Domain.Ledger;
using FacilityFeed.Domain.Runs;
using Npgsql;

namespace FacilityFeed.Infrastructure.Ledger;

/// <summary>
/// The ledger beside Hangfire's tables, in one snapshot: what an active run waits for, and what has become of it. Of Hangfire's
/// own rows it only ever removes locks.
/// </summary>
public sealed class WatchLedger(NpgsqlDataSource state)
{
    static WatchLedger() => DefaultTypeMap.MatchNamesWithUnderscores = true;

    private static readonly string _planning = StateName.Of(RunState.Planning);
    private static readonly string _running = StateName.Of(RunState.Running);
    private static readonly string _publishing = StateName.Of(RunState.Publishing);
    // The clocks of processes may differ from the database's.
    private static readonly TimeSpan _scheduleMargin = TimeSpan.FromSeconds(60);
    private static readonly string[] _open = [StateName.Of(ChunkState.Planned), StateName.Of(ChunkState.Running)];

    /// <summary>The jobs of active runs that may be in trouble, of these feeds with these recipes; those of a newer build are left to it.</summary>
    public async Task<IReadOnlyList<WatchedJob>> FindTroubledAsync(IReadOnlyDictionary<string, string> recipes, TimeSpan silence, CancellationToken cancellationToken)
    {
        await using var connection = await state.OpenConnectionAsync(cancellationToken);
        var jobs = await connection.QueryAsync<WatchedJob>(new CommandDefinition(TroubledSql, new
        {
            feeds = recipes.Keys.ToArray(),
            recipes = recipes.Values.ToArray(),
            silence = silence.TotalSeconds,
            margin = _scheduleMargin.TotalSeconds,
            _planning,
            _running,
            _publishing,
            _open,
            chunkRunning = StateName.Of(ChunkState.Running),
            protocol = Protocol.Number,
        }, cancellationToken: cancellationToken));
        return [.. jobs.Select(job => job.IsOrphan ? job with { Trouble = JobTrouble.Dead } : job).Where(job => job.Trouble != JobTrouble.AtWork)];
    }

    private static object Given(WatchedJob job, string newJobId) => new
    {
        job.RunId,
        job.Number,
        job.JobId,
        job.Attempt,
        job.HeartbeatAt,
        newJobId,
        givenUp = job.Trouble == JobTrouble.Failed ? 1 : 0,
        lost = job.IsLoss ? 1 : 0,
        refusedBy = job.IsRefused ? job.Server ?? "a server without a name" : null,
        planned = StateName.Of(ChunkState.Planned),
        _open,
        _planning,
        _running,
        _publishing,
    };

    /// <summary>Gives a chunk to a new job, which fences out whatever still works on it.</summary>
    /// <returns>False when anything about the chunk has changed since it was looked at.</returns>
    public async Task<bool> TryReplaceChunkAsync(WatchedJob job, string newJobId)
    {
        await using var connection = await state.OpenConnectionAsync();
        return await connection.ExecuteAsync($"""
            UPDATE feed.chunk c SET {Protocol.Writer}, job_id = @newJobId, state = @planned, heartbeat_at = NULL, replacements = replacements + @givenUp, losses = losses + @lost, refused_by = coalesce(@refusedBy, refused_by) FROM feed.run r
            WHERE c.run_id = @RunId AND c.number = @Number AND c.job_id = @JobId AND c.attempt = @Attempt AND c.state = ANY (@_open)
              AND c.heartbeat_at IS NOT DISTINCT FROM @HeartbeatAt AND r.id = c.run_id AND r.state = @_running
            """, Given(job, newJobId)) == 1;
    }

    /// <summary>Gives a plan to a new job, which fences out whatever still works on it.</summary>
    /// <returns>False when anything about it has changed since it was looked at.</returns>
    public async Task<bool> TryReplacePlanAsync(WatchedJob job, string newJobId)
    {
        await using var connection = await state.OpenConnectionAsync();
        return await connection.ExecuteAsync($"""
            UPDATE feed.run SET {Protocol.Writer}, plan_job_id = @newJobId, heartbeat_at = NULL, plan_replacements = plan_replacements + @givenUp, plan_losses = plan_losses + @lost, plan_refused_by = coalesce(@refusedBy, plan_refused_by)
            WHERE id = @RunId AND state = @_planning AND plan_job_id IS NOT DISTINCT FROM @JobId AND plan_attempt = @Attempt AND heartbeat_at IS NOT DISTINCT FROM @HeartbeatAt
            """, Given(job, newJobId)) == 1;
    }

    /// <summary>Gives a manifest to a new job, which fences out whatever still works on it.</summary>
    /// <returns>False when anything about it has changed since it was looked at.</returns>
    public async Task<bool> TryReplaceManifestAsync(WatchedJob job, string newJobId)
    {
        await using var connection = await state.OpenConnectionAsync();
        return await connection.ExecuteAsync($"""
            UPDATE feed.run SET {Protocol.Writer}, manifest_job_id = @newJobId, manifest_attempt = manifest_attempt + 1, heartbeat_at = NULL,
                manifest_replacements = manifest_replacements + @givenUp, manifest_losses = manifest_losses + @lost, manifest_refused_by = coalesce(@refusedBy, manifest_refused_by)
            WHERE id = @RunId AND manifest_job_id = @JobId AND manifest_attempt = @Attempt AND remaining = 0
              AND heartbeat_at IS NOT DISTINCT FROM @HeartbeatAt AND state IN (@_running, @_publishing)
            """, Given(job, newJobId)) == 1;
    }

    /// <summary>Running runs whose countdown is not the number of their open chunks, or that have none and no manifest job.</summary>
    public async Task<IReadOnlyList<(long RunId, string Feed)>> FindMiscountedAsync(IReadOnlyDictionary<string, string> recipes, CancellationToken cancellationToken)
    {
        await using var connection = await state.OpenConnectionAsync(cancellationToken);
        return [.. await connection.QueryAsync<(long, string)>(new CommandDefinition("""
            SELECT r.id, r.feed FROM feed.run r, LATERAL (SELECT count(*) AS open FROM feed.chunk WHERE run_id = r.id AND state = ANY (@_open)) c
            WHERE r.state = @_running AND (r.feed, r.recipe) IN (SELECT * FROM unnest(@feeds, @recipes)) AND r.protocol <= @protocol
              AND (r.remaining IS DISTINCT FROM c.open OR c.open = 0 AND r.manifest_job_id IS NULL)
            """, new { feeds = recipes.Keys.ToArray(), recipes = recipes.Values.ToArray(), _running, _open, protocol = Protocol.Number }, cancellationToken: cancellationToken))];
    }

    /// <summary>Sets a run's countdown to the number of its open chunks. Inside a transaction, for the row stays locked.</summary>
    /// <returns>Null when the run is not running or was right meanwhile.</returns>
    public async Task<Recount?> TryRecountAsync(long runId)
    {
        await using var connection = await state.OpenConnectionAsync();
        // The lock first, the count in a statement after it: it then sees every settlement that has counted down, and those
        // that have not yet will count down from what is written here.
        var before = await connection.QuerySingleOrDefaultAsync<(int? Remaining, string? ManifestJobId)?>(
            "SELECT remaining, manifest_job_id FROM feed.run WHERE id = @runId AND state = @_running FOR UPDATE", new { runId, _running });
        if (before is not var (remaining, manifestJobId))
        {
            return null;
        }

        var open = await connection.QuerySingleAsync<int>("SELECT count(*)::int FROM feed.chunk WHERE run_id = @runId AND state = ANY (@_open)", new { runId, _open });
        if (remaining == open && (open > 0 || manifestJobId is not null))
        {
            return null;
        }

        await connection.ExecuteAsync($"UPDATE feed.run SET {Protocol.Writer}, remaining = @open WHERE id = @runId", new { runId, open });
        return new Recount(remaining, open, open == 0 && manifestJobId is null);
    }

    /// <summary>The newest published run of a feed; null when there is none, or a run is active.</summary>
    public async Task<RunView?> FindCurrentAsync(string feed, string recipe, CancellationToken cancellationToken)
    {
        await using var connection = await state.OpenConnectionAsync(cancellationToken);
        return await connection.QuerySingleOrDefaultAsync<RunView>(new CommandDefinition("""
            SELECT * FROM (SELECT * FROM feed.run_overview WHERE feed = @feed AND state = @published ORDER BY generation_timestamp DESC LIMIT 1) newest
            WHERE recipe = @recipe AND (SELECT protocol FROM feed.run WHERE id = newest.id) <= @protocol AND NOT EXISTS (SELECT FROM feed.run WHERE feed = @feed AND state = ANY (@active))
            """, new { feed, recipe, protocol = Protocol.Number, published = StateName.Of(RunState.Published), active = RunTransitions.Active.Select(StateName.Of).ToArray() }, cancellationToken: cancellationToken));
    }

    /// <summary>By which number Hangfire has each of these recurring jobs come due: its next time in seconds since 1970, UTC; or any other, if somebody has written it.</summary>
    public IReadOnlyDictionary<string, double> ListDueScores(string[] ids)
    {
        using var connection = state.OpenConnection();
        return connection.Query<(string Id, double Score)>("SELECT value, score FROM hangfire.set WHERE key = 'recurring-jobs' AND value = ANY (@ids)", new { ids })
            .ToDictionary(row => row.Id, row => row.Score, StringComparer.Ordinal);
    }

    /// <summary>
    /// Removes the rows of Hangfire's locks that are older than <paramref name="lease"/>, for their holders died; and those of a time as far ahead, or of
    /// none, which would never grow old: of a holder whose clock was wrong, or of no holder.
    /// </summary>
    /// <returns>The locked names.</returns>
    public async Task<IReadOnlyList<string>> RemoveLocksAsync(TimeSpan lease, CancellationToken cancellationToken)
    {
        await using var connection = await state.OpenConnectionAsync(cancellationToken);
        return [.. await connection.QueryAsync<string>(new CommandDefinition(
            "DELETE FROM hangfire.lock WHERE acquired IS NULL OR acquired NOT BETWEEN now() - make_interval(secs => @seconds) AND now() + make_interval(secs => @seconds) RETURNING resource", new { seconds = lease.TotalSeconds }, cancellationToken: cancellationToken))];
    }

    // Time in which the database itself was away is nobody's silence. A job that waits in its queue or for its retry is in no trouble, unless Hangfire's
    // schedule, the set that its clock goes by, does not have it: then it waits for ever. Hangfire writes milliseconds, and leaves seconds of before.
    private const string TroubledSql = """
        WITH awaited AS (
            SELECT 'Chunk' AS kind, r.id AS run_id, r.feed, r.recipe, r.chunk_count, c.number, c.first_id, c.last_id, c.planned_rows, c.job_id, c.attempt,
                c.heartbeat_at, c.state = @chunkRunning AND c.heartbeat_at IS NOT NULL AS is_begun, c.process, c.replacements, c.losses, c.refused_by
            FROM feed.run r JOIN feed.chunk c ON c.run_id = r.id WHERE r.state = @_running AND c.state = ANY (@_open)
            UNION ALL
            SELECT 'Plan', id, feed, recipe, 0, 0, 0, 0, 0, plan_job_id, plan_attempt, heartbeat_at, heartbeat_at IS NOT NULL, process, plan_replacements, plan_losses, plan_refused_by FROM feed.run WHERE state = @_planning
            UNION ALL
            SELECT 'Manifest', id, feed, recipe, 0, 0, 0, 0, 0, manifest_job_id, manifest_attempt, heartbeat_at, heartbeat_at IS NOT NULL, process, manifest_replacements, manifest_losses, manifest_refused_by
            FROM feed.run WHERE state IN (@_running, @_publishing) AND remaining = 0 AND manifest_job_id IS NOT NULL),
        seen AS (
            SELECT a.*, j.statename, q.is_queued, q.is_waiting, s.reason,
                s.data ->> 'ExceptionMessage' AS error, s.data ->> 'ExceptionType' AS error_type, s.data ->> 'ServerId' AS server,
                -- A job that went back to its queue and was fetched again is still as the one before left it.
                CASE WHEN j.statename = 'Processing' AND q.fetched_at <= s.createdat THEN s.data ->> 'ServerId' END AS worker,
                a.job_id IN (SELECT substring(value FROM '[0-9]+$') FROM hangfire.set WHERE key = 'schedule' AND value ~ '[0-9]$') AS is_scheduled,
                coalesce(CASE WHEN s.data ->> 'EnqueueAt' ~ '^[0-9]{1,15}$' THEN to_timestamp((s.data ->> 'EnqueueAt')::float8 / CASE WHEN (s.data ->> 'EnqueueAt')::float8 > 253402300799 THEN 1000 ELSE 1 END) END,
                    s.createdat, now()) AS due_at,
                a.is_begun AND greatest(a.heartbeat_at, pg_postmaster_start_time()) < now() - make_interval(secs => @silence) AS is_silent
            FROM awaited a
            LEFT JOIN hangfire.job j ON j.id = a.job_id::bigint
            LEFT JOIN hangfire.state s ON s.id = j.stateid
            CROSS JOIN LATERAL (SELECT count(*) > 0 AS is_queued, coalesce(bool_or(fetchedat IS NULL), false) AS is_waiting, max(fetchedat) AS fetched_at FROM hangfire.jobqueue WHERE jobid = j.id) q
            WHERE (a.feed, a.recipe) IN (SELECT * FROM unnest(@feeds, @recipes)) AND (SELECT protocol FROM feed.run WHERE id = a.run_id) <= @protocol),
        judged AS (
            SELECT *, CASE
                WHEN statename IS NULL THEN 'Lost'
                WHEN statename = 'Succeeded' THEN 'Ended'
                WHEN statename IN ('Failed', 'Deleted') THEN statename
                WHEN is_waiting THEN NULL
                WHEN statename = 'Scheduled' AND NOT is_queued THEN CASE WHEN NOT is_scheduled AND due_at < now() - make_interval(secs => @margin) THEN 'Unscheduled' END
                WHEN is_silent AND statename = 'Processing' THEN 'Silent'
                WHEN is_silent OR NOT is_begun THEN 'NotBegun'
                ELSE 'AtWork'
            END AS trouble FROM seen)
        SELECT * FROM judged WHERE trouble IS NOT NULL ORDER BY run_id, number
        """;
}
