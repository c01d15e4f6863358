using Dapper;
using FacilityFeed.Domain.Exporting;
using FacilityFeed.Domain.Ledger;
using FacilityFeed.Domain.Planning;
using FacilityFeed.Domain.Runs;
using FacilityFeed.Infrastructure.Ledger.Attempts;
using Npgsql;

namespace FacilityFeed.Infrastructure.Ledger;

/// <summary>
/// The chunks. Whoever works on one holds an attempt number, and every later statement asks for it: an attempt that was
/// overtaken changes nothing (fencing).
/// </summary>
public sealed class ChunkLedger(NpgsqlDataSource state)
{
    static ChunkLedger() => DefaultTypeMap.MatchNamesWithUnderscores = true;

    private static readonly string _running = StateName.Of(ChunkState.Running);

    /// <summary>Writes all chunks of a run down, each with its job.</summary>
    public async Task AddAsync(long runId, IReadOnlyList<ChunkRange> ranges, IReadOnlyList<string> jobIds)
    {
        await using var connection = await state.OpenConnectionAsync();
        await connection.ExecuteAsync("""
            INSERT INTO feed.chunk (run_id, number, first_id, last_id, planned_rows, state, job_id, writer)
            SELECT @runId, number, first_id, last_id, planned_rows, @planned, job_id, @writer
            FROM unnest(@numbers, @firstIds, @lastIds, @rows, @jobIds) AS new (number, first_id, last_id, planned_rows, job_id)
            """, new
        {
            runId,
            planned = StateName.Of(ChunkState.Planned),
            numbers = ranges.Select(range => range.Number).ToArray(),
            firstIds = ranges.Select(range => range.FirstId).ToArray(),
            lastIds = ranges.Select(range => range.LastId).ToArray(),
            rows = ranges.Select(range => range.Rows).ToArray(),
            jobIds = jobIds.ToArray(),
            writer = Protocol.Number,
        });
    }

    /// <summary>Takes the next attempt at a chunk, which fences out every earlier one.</summary>
    /// <returns>Null when the chunk is settled, given to another job, or its run is not running.</returns>
    public async Task<ChunkClaim?> TryTakeAsync(long runId, int number, string jobId)
    {
        await using var connection = await state.OpenConnectionAsync();
        return await connection.QuerySingleOrDefaultAsync<ChunkClaim>($"""
            UPDATE feed.chunk c SET {Protocol.Writer}, attempt = attempt + 1, state = @running, heartbeat_at = now(), started_at = clock_timestamp(), {AttemptOwner.SetSql("c.job_id", "c.attempt")}
            FROM feed.run r
            WHERE c.run_id = @runId AND c.number = @number AND c.job_id = @jobId AND c.state = ANY (@before) AND r.id = c.run_id AND r.state = @runRunning
            RETURNING c.id AS chunk_id, c.run_id, c.number, c.first_id, c.last_id, c.planned_rows, c.attempt, r.feed, r.recipe, r.generation_timestamp
            """, new { runId, number, jobId, process = AttemptOwner.Me, running = _running, before = StateName.Before(ChunkState.Running), runRunning = StateName.Of(RunState.Running) });
    }

    /// <summary>Says that an attempt lives, by the database's clock.</summary>
    /// <returns>False when it has been overtaken or its run is over: it should stop.</returns>
    public async Task<bool> BeatAsync(ChunkClaim claim, CancellationToken cancellationToken)
    {
        await using var connection = await state.OpenConnectionAsync(cancellationToken);
        return await connection.ExecuteAsync($"""
            UPDATE feed.chunk c SET {Protocol.Writer}, heartbeat_at = now() FROM feed.run r
            WHERE c.id = @ChunkId AND c.attempt = @Attempt AND c.state = @running AND c.heartbeat_at IS NOT NULL AND r.id = c.run_id AND r.state = @runRunning
            """, new { claim.ChunkId, claim.Attempt, running = _running, runRunning = StateName.Of(RunState.Running) }) == 1;
    }

    /// <summary>Says that an attempt stopped and its job goes on later, so that the silence until then alarms nobody.</summary>
    public async Task RestAsync(ChunkClaim claim)
    {
        await using var connection = await state.OpenConnectionAsync();
        await connection.ExecuteAsync($"UPDATE feed.chunk SET {Protocol.Writer}, heartbeat_at = NULL WHERE id = @ChunkId AND attempt = @Attempt AND state = @running",
            new { claim.ChunkId, claim.Attempt, running = _running });
    }

    /// <summary>Whether an attempt still counts; unlike a beat it writes nothing.</summary>
    public async Task<bool> IsCurrentAsync(ChunkClaim claim, CancellationToken cancellationToken)
    {
        await using var connection = await state.OpenConnectionAsync(cancellationToken);
        return await connection.QuerySingleAsync<bool>("""
            SELECT EXISTS (SELECT FROM feed.chunk c JOIN feed.run r ON r.id = c.run_id WHERE c.id = @ChunkId AND c.attempt = @Attempt AND c.state = @running AND r.state = @runRunning)
            """, new { claim.ChunkId, claim.Attempt, running = _running, runRunning = StateName.Of(RunState.Running) });
    }

    /// <summary>Settles a chunk as done and counts the run down, in one statement: two would count twice after a lost COMMIT reply.</summary>
    /// <returns>Null when the attempt was overtaken or has finished already: nothing was counted.</returns>
    public async Task<RunCountdown?> TryFinishAsync(ChunkClaim claim, ChunkOutcome outcome, int storeRetries)
    {
        await using var connection = await state.OpenConnectionAsync();
        return await connection.QuerySingleOrDefaultAsync<RunCountdown>($"""
            WITH c AS (
                UPDATE feed.chunk SET {Protocol.Writer}, state = @done, finished_at = clock_timestamp(), error = NULL, rows_read = @RowsRead, records = @Records, rejected = @Rejected, warned = @Warned,
                    json_bytes = @JsonBytes, object_name = @Name, bytes = @Bytes, sha256 = @Sha256, etag = @ETag, store_retries = store_retries + @storeRetries
                WHERE id = @ChunkId AND attempt = @Attempt AND state = @running RETURNING run_id)
            {CountDown}
            """, new
        {
            claim.ChunkId,
            claim.Attempt,
            done = StateName.Of(ChunkState.Done),
            running = _running,
            outcome.RowsRead,
            outcome.Records,
            outcome.Tally.Rejected,
            outcome.Tally.Warned,
            outcome.JsonBytes,
            outcome.Shard?.Name,
            outcome.Shard?.Bytes,
            outcome.Shard?.Sha256,
            outcome.Shard?.ETag,
            storeRetries,
        });
    }

    /// <summary>Settles a job's chunk as failed, in one statement with the countdown. Synchronous, for Hangfire's state filters are.</summary>
    /// <returns>Null when the chunk was settled already or belongs to another job, or its run is cancelled: of that nothing more is settled.</returns>
    public RunCountdown? TryFailByJob(long runId, int number, string jobId, string error)
    {
        using var connection = state.OpenConnection();
        return connection.QuerySingleOrDefault<RunCountdown>($"""
            WITH c AS (
                UPDATE feed.chunk SET {Protocol.Writer}, state = @failed, finished_at = clock_timestamp(), error = @error
                WHERE run_id = @runId AND number = @number AND job_id = @jobId AND state = ANY (@before)
                    AND NOT EXISTS (SELECT FROM feed.run WHERE id = @runId AND state = @cancelled) RETURNING run_id)
            {CountDown}
            """, new { runId, number, jobId, error, failed = StateName.Of(ChunkState.Failed), before = StateName.Before(ChunkState.Failed), cancelled = StateName.Of(RunState.Cancelled) });
    }

    /// <summary>At the end of a countdown: fails the run when any chunk has failed. Its reason names them.</summary>
    /// <returns>Whether any chunk has failed.</returns>
    public bool FailRunIfAnyChunkFailed(long runId)
    {
        using var connection = state.OpenConnection();
        // A statement of its own: the one that counted down may not have seen a failure committed beside it.
        var failures = connection.Query<(int Number, string Error)>(
            "SELECT number, coalesce(error, 'no reason recorded') FROM feed.chunk WHERE run_id = @runId AND state = @failed ORDER BY number",
            new { runId, failed = StateName.Of(ChunkState.Failed) }).ToList();
        if (failures.Count > 0)
        {
            connection.Execute(RunLedger.EndSql, new { runId, to = StateName.Of(RunState.Failed), before = StateName.Before(RunState.Failed), reason = FailedChunks.Summary(FailedChunks.Group(failures)) });
        }

        return failures.Count > 0;
    }

    /// <summary>Keeps why an attempt did not work; it is at rest until its job is tried again.</summary>
    /// <returns>False when the attempt has been overtaken or settled.</returns>
    public async Task<bool> NoteErrorAsync(ChunkClaim claim, string error, int storeRetries)
    {
        await using var connection = await state.OpenConnectionAsync();
        return await connection.ExecuteAsync($"UPDATE feed.chunk SET {Protocol.Writer}, error = @error, heartbeat_at = NULL, store_retries = store_retries + @storeRetries WHERE id = @ChunkId AND attempt = @Attempt AND state = @running",
            new { claim.ChunkId, claim.Attempt, error, storeRetries, running = _running }) == 1;
    }

    /// <summary>
    /// Opens done chunks whose objects are gone, each once, and takes their run's manifest job away. One statement for all: the run's row is locked from
    /// it to the end of the transaction.
    /// </summary>
    /// <param name="claim">The attempt at the manifest.</param>
    /// <param name="numbers">The chunks.</param>
    /// <param name="jobIds">Their new jobs, in the same order.</param>
    /// <returns>The chunks that are open now. Not those that were opened before or are not done; none when the manifest attempt was overtaken, or the manifest may be visible: then it names these very objects.</returns>
    public async Task<IReadOnlyList<int>> ReopenAsync(ManifestClaim claim, IEnumerable<int> numbers, IEnumerable<string> jobIds)
    {
        await using var connection = await state.OpenConnectionAsync();
        return [.. await connection.QueryAsync<int>($"""
            WITH r AS (
                SELECT id FROM feed.run WHERE id = @RunId AND manifest_attempt = @Attempt AND state = @runRunning AND entered_at IS NULL FOR UPDATE),
            c AS (
                UPDATE feed.chunk SET {Protocol.Writer}, state = @planned, job_id = again.job_id, is_reopened = true, object_name = NULL, bytes = NULL, sha256 = NULL, etag = NULL, records = NULL, rejected = NULL, warned = NULL, rows_read = NULL, json_bytes = NULL
                FROM r, unnest(@numbers, @jobIds) AS again (number, job_id)
                WHERE run_id = r.id AND chunk.number = again.number AND state = @done AND NOT is_reopened RETURNING chunk.number),
            opened AS (
                UPDATE feed.run SET {Protocol.Writer}, remaining = remaining + (SELECT count(*)::int FROM c), manifest_job_id = NULL FROM r WHERE run.id = r.id AND EXISTS (SELECT FROM c))
            SELECT number FROM c
            """, new
        {
            claim.RunId,
            claim.Attempt,
            numbers = numbers.ToArray(),
            jobIds = jobIds.ToArray(),
            planned = StateName.Of(ChunkState.Planned),
            done = StateName.Of(ChunkState.Done),
            runRunning = StateName.Of(RunState.Running),
        })];
    }

    public async Task<ChunkView?> FindAsync(long runId, int number, CancellationToken cancellationToken)
    {
        await using var connection = await state.OpenConnectionAsync(cancellationToken);
        return await connection.QuerySingleOrDefaultAsync<ChunkView>(SelectSql + " AND c.number = @number", new { runId, number });
    }

    /// <summary>All chunks of a run, in order.</summary>
    public async Task<IReadOnlyList<ChunkView>> ListAsync(long runId, CancellationToken cancellationToken)
    {
        await using var connection = await state.OpenConnectionAsync(cancellationToken);
        return [.. await connection.QueryAsync<ChunkView>(SelectSql + " ORDER BY c.number", new { runId })];
    }

    private const string SelectSql = "SELECT c.*, r.state AS run_state FROM feed.chunk c JOIN feed.run r ON r.id = c.run_id WHERE c.run_id = @runId";

    private const string CountDown = $"""
        UPDATE feed.run SET {Protocol.Writer}, remaining = remaining - 1 FROM c WHERE run.id = c.run_id
        RETURNING run.id AS run_id, run.feed, run.remaining, run.state
        """;
}
