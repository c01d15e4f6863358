using Dapper;
using FacilityFeed.Domain.Feeds;
using FacilityFeed.Domain.Ledger;
using FacilityFeed.Domain.Planning;
using FacilityFeed.Domain.Runs;
using FacilityFeed.Infrastructure.Ledger.Attempts;
using Npgsql;

namespace FacilityFeed.Infrastructure.Ledger;

/// <summary>
/// The runs. Every change of state is one compare-and-set, from the states that <see cref="RunTransitions"/> allows;
/// a method that answers false has changed nothing. Inside a <see cref="LedgerTransaction"/> all of it joins.
/// </summary>
public sealed class RunLedger(NpgsqlDataSource state)
{
    static RunLedger() => DefaultTypeMap.MatchNamesWithUnderscores = true;

    /// <summary>In the audit trail: something that was broken was mended.</summary>
    public const string RepairEvent = "repair";

    private static readonly string _planning = StateName.Of(RunState.Planning);

    /// <summary>Writes a new run down, which takes the feed's one active place.</summary>
    /// <returns>Its id; null when the feed has an active run, or a run with this key.</returns>
    public async Task<long?> TryBeginAsync(FeedDefinition feed, string recipe, string runKey, string origin)
    {
        await using var connection = await state.OpenConnectionAsync();
        return await connection.QuerySingleOrDefaultAsync<long?>("""
            INSERT INTO feed.run (feed, name, recipe, run_key, origin, state, writer) VALUES (@Key, @Name, @recipe, @runKey, @origin, @_planning, @writer)
            ON CONFLICT DO NOTHING RETURNING id
            """, new { feed.Key, feed.Name, recipe, runKey, origin, _planning, writer = Protocol.Number });
    }

    /// <summary>Writes down that a trigger met an active run.</summary>
    /// <returns>The new run's id; null when that run is no longer active, or the key is taken.</returns>
    public async Task<long?> TrySkipAsync(FeedDefinition feed, string recipe, string runKey, string origin, long activeRunId)
    {
        await using var connection = await state.OpenConnectionAsync();
        return await connection.QuerySingleOrDefaultAsync<long?>("""
            INSERT INTO feed.run (feed, name, recipe, run_key, origin, state, active_run_id, reason, finished_at, writer)
            SELECT @Key, @Name, @recipe, @runKey, @origin, @skipped, @activeRunId, 'run ' || @activeRunId || ' of this feed was active', clock_timestamp(), @writer
            FROM feed.run WHERE id = @activeRunId AND state = ANY (@active)
            ON CONFLICT DO NOTHING RETURNING id
            """, new { feed.Key, feed.Name, recipe, runKey, origin, activeRunId, skipped = StateName.Of(RunState.Skipped), active = ActiveStates, writer = Protocol.Number });
    }

    public async Task<long?> FindByKeyAsync(string feed, string runKey)
    {
        await using var connection = await state.OpenConnectionAsync();
        return await connection.QuerySingleOrDefaultAsync<long?>("SELECT id FROM feed.run WHERE feed = @feed AND run_key = @runKey", new { feed, runKey });
    }

    public async Task<long?> FindActiveAsync(string feed)
    {
        await using var connection = await state.OpenConnectionAsync();
        return await connection.QuerySingleOrDefaultAsync<long?>("SELECT id FROM feed.run WHERE feed = @feed AND state = ANY (@active)", new { feed, active = ActiveStates });
    }

    /// <summary>All active runs, of whatever feed.</summary>
    public async Task<IReadOnlyList<RunView>> ListActiveAsync(CancellationToken cancellationToken)
    {
        await using var connection = await state.OpenConnectionAsync(cancellationToken);
        return [.. await connection.QueryAsync<RunView>("SELECT * FROM feed.run_overview WHERE state = ANY (@active) ORDER BY id", new { active = ActiveStates })];
    }

    public async Task SetPlanJobAsync(long runId, string jobId)
    {
        await using var connection = await state.OpenConnectionAsync();
        await connection.ExecuteAsync($"UPDATE feed.run SET {Protocol.Writer}, plan_job_id = @jobId WHERE id = @runId", new { runId, jobId });
    }

    /// <summary>Takes the next attempt at the plan, which fences out every earlier one.</summary>
    /// <returns>Null when the run is planned or over, or its plan is another job's.</returns>
    public async Task<PlanClaim?> TryTakePlanAsync(long runId, string planJobId)
    {
        await using var connection = await state.OpenConnectionAsync();
        return await connection.QuerySingleOrDefaultAsync<PlanClaim>($"""
            UPDATE feed.run SET {Protocol.Writer}, plan_attempt = plan_attempt + 1, heartbeat_at = now(), {AttemptOwner.SetSql("plan_job_id", "plan_attempt")} WHERE id = @runId AND plan_job_id = @planJobId AND state = @_planning
            RETURNING id AS run_id, plan_job_id AS job_id, plan_attempt AS attempt
            """, new { runId, planJobId, process = AttemptOwner.Me, _planning });
    }

    /// <summary>Says that an attempt at the plan lives, by the database's clock.</summary>
    /// <returns>False when it has been overtaken or its run is over: it should stop.</returns>
    public async Task<bool> BeatAsync(PlanClaim claim, CancellationToken cancellationToken)
    {
        await using var connection = await state.OpenConnectionAsync(cancellationToken);
        return await connection.ExecuteAsync($"UPDATE feed.run SET {Protocol.Writer}, heartbeat_at = now() WHERE {IsPlannedBySql} AND heartbeat_at IS NOT NULL",
            new { claim.RunId, claim.JobId, claim.Attempt, _planning }) == 1;
    }

    /// <summary>Says that an attempt at the plan stopped and its job goes on later, so that the silence until then alarms nobody.</summary>
    public async Task RestAsync(PlanClaim claim)
    {
        await using var connection = await state.OpenConnectionAsync();
        await connection.ExecuteAsync($"UPDATE feed.run SET {Protocol.Writer}, heartbeat_at = NULL WHERE {IsPlannedBySql}", new { claim.RunId, claim.JobId, claim.Attempt, _planning });
    }

    /// <summary>Whether the plan was taken again or given to another job: then nothing this attempt meets may touch the run or its job.</summary>
    public async Task<bool> IsOvertakenAsync(PlanClaim claim)
    {
        await using var connection = await state.OpenConnectionAsync();
        return await connection.QuerySingleAsync<bool>("SELECT EXISTS (SELECT FROM feed.run WHERE id = @RunId AND (plan_job_id <> @JobId OR plan_attempt > @Attempt))",
            new { claim.RunId, claim.JobId, claim.Attempt });
    }

    /// <summary>Gives a run its generation timestamp, by the database's clock and later than every earlier run's; a planned run keeps the one it has.</summary>
    /// <returns>Unix seconds; null when the attempt was overtaken or the run is over.</returns>
    public async Task<long?> TryDateAsync(PlanClaim claim)
    {
        await using var connection = await state.OpenConnectionAsync();
        return await connection.QuerySingleOrDefaultAsync<long?>($"""
            UPDATE feed.run SET {Protocol.Writer}, generation_timestamp = coalesce(generation_timestamp, greatest(floor(extract(epoch FROM clock_timestamp()))::bigint,
                (SELECT max(earlier.generation_timestamp) + 1 FROM feed.run earlier WHERE earlier.feed = run.feed)))
            WHERE {IsPlannedBySql} RETURNING generation_timestamp
            """, new { claim.RunId, claim.JobId, claim.Attempt, _planning });
    }

    /// <summary>From planning to running; the run has its generation timestamp.</summary>
    /// <returns>False when the attempt was overtaken or the run is over.</returns>
    public async Task<bool> TryStartAsync(PlanClaim claim, ChunkPlan plan)
    {
        await using var connection = await state.OpenConnectionAsync();
        return await connection.ExecuteAsync($"""
            UPDATE feed.run SET {Protocol.Writer}, state = @running, reason = NULL, heartbeat_at = NULL, chunk_size = @ChunkSize, chunk_count = @chunks, remaining = @chunks, planned_rows = @rows
            WHERE {IsPlannedBySql} AND generation_timestamp IS NOT NULL
            """, new
        {
            claim.RunId,
            claim.JobId,
            claim.Attempt,
            _planning,
            plan.ChunkSize,
            chunks = plan.Ranges.Count,
            rows = plan.Ranges.Sum(range => range.Rows),
            running = StateName.Of(RunState.Running),
        }) == 1;
    }

    /// <summary>Ends a run, or lets it wait for a person; only from a state that may come before, and never as if a manifest that may be visible were not there.</summary>
    public async Task<bool> TryEndAsync(long runId, RunState to, string reason)
    {
        await using var connection = await state.OpenConnectionAsync();
        return await connection.ExecuteAsync(EndUnlessVisibleSql, EndWords(runId, to, reason)) == 1;
    }

    /// <inheritdoc cref="TryEndAsync"/>
    public bool TryEnd(long runId, RunState to, string reason)
    {
        using var connection = state.OpenConnection();
        return connection.Execute(EndUnlessVisibleSql, EndWords(runId, to, reason)) == 1;
    }

    /// <summary>Holds a run that has nothing to publish, by its plan job.</summary>
    /// <returns>False when the attempt was overtaken or the run is over.</returns>
    public async Task<bool> TryHoldPlannedAsync(PlanClaim claim, string reason)
    {
        await using var connection = await state.OpenConnectionAsync();
        return await connection.ExecuteAsync($"{EndSql} AND {IsPlannedBySql}",
            new { claim.RunId, claim.JobId, claim.Attempt, reason, to = StateName.Of(RunState.Held), before = StateName.Before(RunState.Held), _planning }) == 1;
    }

    /// <summary>The run whose plan or manifest job this is has failed for good. Synchronous, for Hangfire's state filters are.</summary>
    public bool TryFailByJob(long runId, string jobId, string reason)
    {
        using var connection = state.OpenConnection();
        return connection.Execute(EndSql + " AND (plan_job_id = @jobId AND state = @_planning OR manifest_job_id = @jobId)",
            new { runId, jobId, to = StateName.Of(RunState.Failed), before = StateName.Before(RunState.Failed), reason, _planning }) == 1;
    }

    /// <summary>Keeps why the last attempt did not work, where people look while it is tried again; until then it is at rest.</summary>
    public async Task NoteAsync(long runId, string jobId, string reason)
    {
        await using var connection = await state.OpenConnectionAsync();
        await connection.ExecuteAsync($"UPDATE feed.run SET {Protocol.Writer}, reason = @reason, heartbeat_at = NULL WHERE id = @runId AND state = ANY (@active) AND @jobId IN (plan_job_id, manifest_job_id)",
            new { runId, jobId, reason, active = ActiveStates });
    }

    /// <summary>Adds a line to the run's audit trail.</summary>
    public async Task AddEventAsync(long runId, string what, string detail)
    {
        await using var connection = await state.OpenConnectionAsync();
        await connection.ExecuteAsync(AddEventSql, new { runId, what, detail });
    }

    /// <summary>Adds lines to the run's audit trail, in this order.</summary>
    public async Task AddEventsAsync(long runId, string what, IEnumerable<string> details)
    {
        await using var connection = await state.OpenConnectionAsync();
        await connection.ExecuteAsync("INSERT INTO feed.run_event (run_id, event, detail) SELECT @runId, @what, detail FROM unnest(@details) WITH ORDINALITY AS new (detail, place) ORDER BY place",
            new { runId, what, details = details.ToArray() });
    }

    /// <summary>What is said to whoever names a run that is not.</summary>
    public static string NoSuchRun(long runId) => $"there is no run {runId}: ./run status lists the runs";

    public async Task<RunView?> FindAsync(long runId, CancellationToken cancellationToken)
    {
        await using var connection = await state.OpenConnectionAsync(cancellationToken);
        return await connection.QuerySingleOrDefaultAsync<RunView>("SELECT * FROM feed.run_overview WHERE id = @runId", new { runId });
    }

    /// <summary>The newest runs, newest first.</summary>
    public async Task<IReadOnlyList<RunView>> ListAsync(int most, CancellationToken cancellationToken)
    {
        await using var connection = await state.OpenConnectionAsync(cancellationToken);
        return [.. await connection.QueryAsync<RunView>("SELECT * FROM feed.run_overview ORDER BY id DESC LIMIT @most", new { most })];
    }

    /// <summary>The run whose feed was the published one when <paramref name="run"/> was made.</summary>
    public async Task<RunView?> FindPublishedBeforeAsync(RunView run, CancellationToken cancellationToken)
    {
        await using var connection = await state.OpenConnectionAsync(cancellationToken);
        return await connection.QueryFirstOrDefaultAsync<RunView>(
            "SELECT * FROM feed.run_overview WHERE feed = @Feed AND id < @Id AND state = @published ORDER BY generation_timestamp DESC LIMIT 1",
            new { run.Feed, run.Id, published = StateName.Of(RunState.Published) });
    }

    /// <summary>The run that published a manifest of this name with this timestamp.</summary>
    public async Task<RunView?> FindPublishedAsync(string name, long generation, CancellationToken cancellationToken)
    {
        await using var connection = await state.OpenConnectionAsync(cancellationToken);
        return await connection.QuerySingleOrDefaultAsync<RunView>(
            "SELECT * FROM feed.run_overview WHERE name = @name AND generation_timestamp = @generation AND manifest IS NOT NULL", new { name, generation });
    }

    /// <summary>The audit trail, oldest first.</summary>
    public async Task<IReadOnlyList<(DateTime At, string Event, string? Detail)>> EventsAsync(long runId, CancellationToken cancellationToken)
    {
        await using var connection = await state.OpenConnectionAsync(cancellationToken);
        return [.. await connection.QueryAsync<(DateTime, string, string?)>("SELECT at, event, detail FROM feed.run_event WHERE run_id = @runId ORDER BY id", new { runId })];
    }

    internal const string AddEventSql = "INSERT INTO feed.run_event (run_id, event, detail) VALUES (@runId, @what, @detail)";

    internal const string EndSql = $"UPDATE feed.run SET {Protocol.Writer}, state = @to, reason = @reason, finished_at = clock_timestamp() WHERE id = @runId AND state = ANY (@before)";

    private const string EndUnlessVisibleSql = EndSql + " AND (entered_at IS NULL OR NOT @isWithdrawal)";

    private static object EndWords(long runId, RunState to, string reason) =>
        new { runId, to = StateName.Of(to), before = StateName.Before(to), reason, isWithdrawal = RunTransitions.IsWithdrawal(to) };

    private const string IsPlannedBySql = "id = @RunId AND plan_job_id = @JobId AND plan_attempt = @Attempt AND state = @_planning";

    private static string[] ActiveStates { get; } = [.. RunTransitions.Active.Select(StateName.Of)];
}
