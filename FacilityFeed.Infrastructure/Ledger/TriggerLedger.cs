using Dapper;
using FacilityFeed.Infrastructure.Ledger.Attempts;
using Npgsql;

namespace FacilityFeed.Infrastructure.Ledger;

/// <summary>
/// The triggers by hand, each from the press of a button to its run. A method that answers false or null has changed nothing. Inside a
/// <see cref="LedgerTransaction"/> all of it joins. The synchronous ones are for Hangfire's managers and state filters, which are.
/// </summary>
public sealed class TriggerLedger(NpgsqlDataSource state)
{
    static TriggerLedger() => DefaultTypeMap.MatchNamesWithUnderscores = true;

    /// <summary>Writes a trigger down. Inside a transaction: <see cref="SetJob"/> follows.</summary>
    /// <returns>Its id.</returns>
    public long Add(string feed, string origin)
    {
        using var connection = state.OpenConnection();
        return connection.QuerySingle<long>("INSERT INTO feed.trigger (feed, origin) VALUES (@feed, @origin) RETURNING id", new { feed, origin });
    }

    /// <summary>Says which job carries a new trigger out.</summary>
    public void SetJob(long id, string jobId)
    {
        using var connection = state.OpenConnection();
        connection.Execute("UPDATE feed.trigger SET job_id = @jobId WHERE id = @id", new { id, jobId });
    }

    /// <summary>Takes the next attempt at a trigger, for this process.</summary>
    /// <returns>Null when it is over, or another job's.</returns>
    public async Task<TakenTrigger?> TryTakeAsync(long id, string jobId)
    {
        await using var connection = await state.OpenConnectionAsync();
        return await connection.QuerySingleOrDefaultAsync<TakenTrigger>("""
            UPDATE feed.trigger SET attempt = attempt + 1, taken_at = clock_timestamp(), process = @process WHERE id = @id AND job_id = @jobId AND ended_at IS NULL
            RETURNING id, feed, origin, job_id, attempt, reason AS repair
            """, new { id, jobId, process = ProcessIdentity.Current.ToString() });
    }

    /// <summary>What has become of a trigger, for the job that may not carry it out.</summary>
    public async Task<(string? JobId, long? RunId, string? Reason)?> FindAsync(long id)
    {
        await using var connection = await state.OpenConnectionAsync();
        return await connection.QuerySingleOrDefaultAsync<(string?, long?, string?)?>("SELECT job_id, run_id, reason FROM feed.trigger WHERE id = @id", new { id });
    }

    /// <summary>The attempt has come to its end, with a run or with a reason for none.</summary>
    /// <returns>False when the trigger was over already: another execution came to the same end.</returns>
    public async Task<bool> TryEndAsync(TakenTrigger taken, long? runId, string? reason)
    {
        await using var connection = await state.OpenConnectionAsync();
        return await connection.ExecuteAsync("UPDATE feed.trigger SET run_id = @runId, reason = @reason, ended_at = clock_timestamp() WHERE id = @Id AND ended_at IS NULL",
            new { taken.Id, runId, reason }) == 1;
    }

    /// <summary>Says that an attempt stopped and its job goes on later, so that the silence until then alarms nobody.</summary>
    public async Task RestAsync(TakenTrigger taken)
    {
        await using var connection = await state.OpenConnectionAsync();
        await connection.ExecuteAsync("UPDATE feed.trigger SET taken_at = NULL, process = NULL WHERE id = @Id AND job_id = @JobId AND attempt = @Attempt AND ended_at IS NULL",
            new { taken.Id, taken.JobId, taken.Attempt });
    }

    /// <summary>The trigger whose job this is will start no run, if it has not: the job failed for good, or a person deleted it.</summary>
    public bool TryFailByJob(string jobId, string reason)
    {
        using var connection = state.OpenConnection();
        return connection.Execute("UPDATE feed.trigger SET reason = @reason, ended_at = clock_timestamp() WHERE job_id = @jobId AND ended_at IS NULL", new { jobId, reason }) == 1;
    }

    /// <summary>Lets a trigger that started no run be carried out after all: a person requeued its job.</summary>
    public void Reopen(string jobId)
    {
        using var connection = state.OpenConnection();
        connection.Execute("UPDATE feed.trigger SET ended_at = NULL, reason = NULL, taken_at = NULL, process = NULL WHERE job_id = @jobId AND ended_at IS NOT NULL AND run_id IS NULL", new { jobId });
    }

    /// <summary>The triggers of these feeds that are not over, oldest first, each beside what Hangfire knows of its job. Time in which the database itself was away is nobody's silence.</summary>
    public async Task<IReadOnlyList<OpenTrigger>> ListOpenAsync(IEnumerable<string> feeds, TimeSpan silence, CancellationToken cancellationToken)
    {
        await using var connection = await state.OpenConnectionAsync(cancellationToken);
        return [.. await connection.QueryAsync<OpenTrigger>(new CommandDefinition("""
            SELECT t.id, t.feed, t.job_id, t.attempt, t.replacements, t.taken_at, t.process, j.statename AS job_state, coalesce(s.data ->> 'ExceptionMessage', s.reason) AS job_reason, q.is_queued, q.is_waiting,
                EXISTS (SELECT FROM hangfire.set WHERE key = 'schedule' AND value ~ ('(^|:)' || t.job_id || '$')) AS is_scheduled,
                coalesce(greatest(t.taken_at, pg_postmaster_start_time()) < now() - make_interval(secs => @silence), false) AS is_silent
            FROM feed.trigger t
            LEFT JOIN hangfire.job j ON j.id = t.job_id::bigint
            LEFT JOIN hangfire.state s ON s.id = j.stateid
            CROSS JOIN LATERAL (SELECT count(*) > 0 AS is_queued, coalesce(bool_or(fetchedat IS NULL), false) AS is_waiting FROM hangfire.jobqueue WHERE jobid = j.id) q
            WHERE t.ended_at IS NULL AND t.feed = ANY (@feeds) ORDER BY t.id
            """, new { feeds = feeds.ToArray(), silence = silence.TotalSeconds }, cancellationToken: cancellationToken))];
    }

    /// <summary>Gives a trigger to a new job. What still works on it may come to its end all the same: both come to the same run.</summary>
    /// <returns>False when anything about it has changed since it was looked at.</returns>
    public async Task<bool> TryReplaceAsync(OpenTrigger seen, string newJobId, string repair)
    {
        await using var connection = await state.OpenConnectionAsync();
        return await connection.ExecuteAsync($"UPDATE feed.trigger SET job_id = @newJobId, replacements = replacements + 1, taken_at = NULL, process = NULL, reason = @repair WHERE {IsAsSeenSql}",
            new { seen.Id, seen.JobId, seen.Attempt, seen.TakenAt, newJobId, repair }) == 1;
    }

    /// <summary>Ends a trigger that nothing can come of any more.</summary>
    /// <returns>False when anything about it has changed since it was looked at.</returns>
    public async Task<bool> TryGiveUpAsync(OpenTrigger seen, string reason)
    {
        await using var connection = await state.OpenConnectionAsync();
        return await connection.ExecuteAsync($"UPDATE feed.trigger SET reason = @reason, ended_at = clock_timestamp() WHERE {IsAsSeenSql}",
            new { seen.Id, seen.JobId, seen.Attempt, seen.TakenAt, reason }) == 1;
    }

    private const string IsAsSeenSql = "id = @Id AND ended_at IS NULL AND job_id IS NOT DISTINCT FROM @JobId AND attempt = @Attempt AND taken_at IS NOT DISTINCT FROM @TakenAt";
}
