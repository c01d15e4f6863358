using Dapper;
using FacilityFeed.Domain.Ledger;
using FacilityFeed.Domain.Runs;
using Npgsql;

namespace FacilityFeed.Infrastructure.Ledger;

/// <summary>
/// The way back of runs that have failed or are held, and of chunks that have failed. Every method that writes belongs into a <see cref="LedgerTransaction"/>, after its
/// <see cref="Lock"/>. Synchronous, for Hangfire's state filters are.
/// </summary>
public sealed class RedriveLedger(NpgsqlDataSource state)
{
    static RedriveLedger() => DefaultTypeMap.MatchNamesWithUnderscores = true;

    /// <summary>Reads a run and keeps everybody else from changing it until the transaction ends.</summary>
    /// <returns>Null when there is none.</returns>
    public RunView? Lock(long runId)
    {
        using var connection = state.OpenConnection();
        connection.Execute("SELECT FROM feed.run WHERE id = @runId FOR UPDATE", new { runId });
        // A statement of its own: it sees what was committed while the lock was waited for.
        return connection.QuerySingleOrDefault<RunView>("SELECT * FROM feed.run_overview WHERE id = @runId", new { runId });
    }

    /// <summary>How long ago a run was requested. By the database's clock, which wrote that down: hosts may have others.</summary>
    public TimeSpan AgeOf(RunView run)
    {
        using var connection = state.OpenConnection();
        return connection.QuerySingle<TimeSpan>("SELECT clock_timestamp() - requested_at FROM feed.run WHERE id = @Id", new { run.Id });
    }

    /// <summary>Why a run can no longer go on: another run of its feed is active, or a later one is published or found nothing changed.</summary>
    /// <returns>Null when nothing is in its way.</returns>
    public string? FindBlocker(RunView run)
    {
        using var connection = state.OpenConnection();
        return connection.QueryFirstOrDefault<string>("""
            SELECT CASE state WHEN @published THEN 'run ' || id || ' of the feed was published after it' WHEN @unchanged THEN 'run ' || id || ' of the feed found the published one unchanged after it'
                ELSE 'run ' || id || ' of the feed is active' END FROM feed.run
            WHERE feed = @Feed AND id <> @Id AND (state = ANY (@active) OR state IN (@published, @unchanged) AND id > @Id) ORDER BY id DESC LIMIT 1
            """, new { run.Feed, run.Id, published = StateName.Of(RunState.Published), unchanged = StateName.Of(RunState.Unchanged), active = RunTransitions.Active.Select(StateName.Of).ToArray() });
    }

    /// <summary>Whether a chunk has failed and still belongs to this job.</summary>
    public bool IsFailedChunkOf(long runId, int number, string jobId)
    {
        using var connection = state.OpenConnection();
        return connection.QuerySingle<bool>("SELECT EXISTS (SELECT FROM feed.chunk WHERE run_id = @runId AND number = @number AND job_id = @jobId AND state = @failed)",
            new { runId, number, jobId, failed = StateName.Of(ChunkState.Failed) });
    }

    /// <summary>Plans failed chunks again, each for the job at its place in <paramref name="jobIds"/>.</summary>
    /// <returns>How many were failed, and are planned now.</returns>
    public int Replan(long runId, IEnumerable<int> numbers, IEnumerable<string> jobIds)
    {
        using var connection = state.OpenConnection();
        return connection.Execute($"""
            UPDATE feed.chunk SET {Protocol.Writer}, state = @planned, job_id = again.job_id, finished_at = NULL, heartbeat_at = NULL, replacements = 0, losses = 0, refused_by = NULL
            FROM unnest(@numbers, @jobIds) AS again (number, job_id)
            WHERE run_id = @runId AND chunk.number = again.number AND state = @failed
            """, new { runId, numbers = numbers.ToArray(), jobIds = jobIds.ToArray(), planned = StateName.Of(ChunkState.Planned), failed = StateName.Of(ChunkState.Failed) });
    }

    /// <summary>Lets a failed run go on, or a running one know of its further chunks: it waits for those that are open now.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="manifestJobId">The job that makes its manifest; null while chunks are open.</param>
    /// <returns>False when the run neither has failed nor is running.</returns>
    public bool TryRestart(long runId, string? manifestJobId)
    {
        using var connection = state.OpenConnection();
        return connection.Execute($"""
            UPDATE feed.run SET {Protocol.Writer}, state = @running, reason = NULL, finished_at = NULL, heartbeat_at = NULL, swept_at = NULL, manifest_job_id = @manifestJobId,
                manifest_replacements = 0, manifest_losses = 0, manifest_refused_by = NULL,
                remaining = (SELECT count(*) FROM feed.chunk WHERE run_id = @runId AND state = ANY (@open))
            WHERE id = @runId AND state IN (@failed, @running)
            """, new
        {
            runId,
            manifestJobId,
            failed = StateName.Of(RunState.Failed),
            running = StateName.Of(RunState.Running),
            open = new[] { StateName.Of(ChunkState.Planned), StateName.Of(ChunkState.Running) },
        }) == 1;
    }

    /// <summary>Lets a held run be published: it enters publishing at once, so that it can no longer be discarded, and takes the feed's active place.</summary>
    /// <returns>False when it is not held.</returns>
    public bool TryPublishHeld(long runId, string manifestJobId)
    {
        using var connection = state.OpenConnection();
        return connection.Execute($"""
            UPDATE feed.run SET {Protocol.Writer}, state = @publishing, reason = NULL, finished_at = NULL, heartbeat_at = NULL, swept_at = NULL,
                manifest_job_id = @manifestJobId, manifest_attempt = manifest_attempt + 1, manifest_replacements = 0, manifest_losses = 0, manifest_refused_by = NULL
            WHERE id = @runId AND state = @held AND remaining = 0
            """, new { runId, manifestJobId, publishing = StateName.Of(RunState.Publishing), held = StateName.Of(RunState.Held) }) == 1;
    }

    /// <summary>Lets a shard that is gone from the store be made again, also where that was tried already: a person asks for it now.</summary>
    public void AllowReopening(long runId)
    {
        using var connection = state.OpenConnection();
        connection.Execute($"UPDATE feed.chunk SET {Protocol.Writer}, is_reopened = false WHERE run_id = @runId AND is_reopened", new { runId });
    }

    /// <summary>Adds a line to the run's audit trail.</summary>
    public void Note(long runId, string what, string detail)
    {
        using var connection = state.OpenConnection();
        connection.Execute(RunLedger.AddEventSql, new { runId, what, detail });
    }
}
