using Dapper;
using FacilityFeed.Domain.Ledger;
using FacilityFeed.Domain.Runs;
using FacilityFeed.Domain.Storing;
using FacilityFeed.Infrastructure.Ledger.Attempts;
using Npgsql;

namespace FacilityFeed.Infrastructure.Ledger;

/// <summary>The last steps of a run: manifest attempts, the way into <c>publishing</c>, and out of it.</summary>
public sealed class PublishingLedger(NpgsqlDataSource state)
{
    static PublishingLedger() => DefaultTypeMap.MatchNamesWithUnderscores = true;

    private static readonly string _running = StateName.Of(RunState.Running);
    private static readonly string _publishing = StateName.Of(RunState.Publishing);
    private static readonly string _published = StateName.Of(RunState.Published);

    /// <summary>Names the job that makes a run's manifest.</summary>
    public async Task SetManifestJobAsync(long runId, string jobId)
    {
        await using var connection = await state.OpenConnectionAsync();
        await connection.ExecuteAsync($"UPDATE feed.run SET {Protocol.Writer}, manifest_job_id = @jobId, heartbeat_at = NULL WHERE id = @runId", new { runId, jobId });
    }

    /// <summary>Takes the next attempt at the manifest.</summary>
    /// <returns>Null when the run is over, its chunks are not all settled, or the manifest is another job's.</returns>
    public async Task<ManifestClaim?> TryTakeAsync(long runId, string jobId)
    {
        await using var connection = await state.OpenConnectionAsync();
        return await connection.QuerySingleOrDefaultAsync<ManifestClaim>($"""
            UPDATE feed.run SET {Protocol.Writer}, manifest_attempt = manifest_attempt + 1, heartbeat_at = now(), {AttemptOwner.SetSql("manifest_job_id", "manifest_attempt")}
            WHERE id = @runId AND manifest_job_id = @jobId AND remaining = 0 AND state IN (@_running, @_publishing)
            RETURNING id AS run_id, manifest_attempt AS attempt, feed, recipe, name, generation_timestamp, entered_at IS NOT NULL AS has_entered
            """, new { runId, jobId, process = AttemptOwner.Me, _running, _publishing });
    }

    /// <summary>Says that an attempt lives, by the database's clock.</summary>
    /// <returns>False when it has been overtaken or its run is over: it should stop.</returns>
    public async Task<bool> BeatAsync(ManifestClaim claim, CancellationToken cancellationToken)
    {
        await using var connection = await state.OpenConnectionAsync(cancellationToken);
        return await connection.ExecuteAsync($"UPDATE feed.run SET {Protocol.Writer}, heartbeat_at = now() WHERE id = @RunId AND manifest_attempt = @Attempt AND heartbeat_at IS NOT NULL AND state IN (@_running, @_publishing)",
            new { claim.RunId, claim.Attempt, _running, _publishing }) == 1;
    }

    /// <summary>Says that an attempt stopped and its job goes on later, so that the silence until then alarms nobody.</summary>
    public async Task RestAsync(ManifestClaim claim)
    {
        await using var connection = await state.OpenConnectionAsync();
        await connection.ExecuteAsync($"UPDATE feed.run SET {Protocol.Writer}, heartbeat_at = NULL WHERE id = @RunId AND manifest_attempt = @Attempt AND state IN (@_running, @_publishing)",
            new { claim.RunId, claim.Attempt, _running, _publishing });
    }

    /// <summary>
    /// The one way into <c>publishing</c>; from then on the run can be neither cancelled nor discarded, also when it fails and goes on.
    /// Repeated by the same attempt, or by a later one, it answers true again.
    /// </summary>
    /// <returns>False when the attempt was overtaken, or a later run of the feed is published.</returns>
    public async Task<bool> TryEnterAsync(ManifestClaim claim)
    {
        await using var connection = await state.OpenConnectionAsync();
        return await connection.ExecuteAsync($"""
            UPDATE feed.run SET {Protocol.Writer}, state = @_publishing, reason = NULL
            WHERE id = @RunId AND manifest_attempt = @Attempt AND remaining = 0 AND (state = ANY (@before) OR state = @_publishing)
              AND NOT EXISTS (SELECT FROM feed.run later WHERE later.feed = run.feed AND later.state = @_published AND later.generation_timestamp > run.generation_timestamp)
            """, new { claim.RunId, claim.Attempt, _publishing, _published, before = StateName.Before(RunState.Publishing) }) == 1;
    }

    /// <summary>Ends a run before its manifest is written, as held or as unchanged.</summary>
    /// <returns>False when the attempt was overtaken or the run is over.</returns>
    public async Task<bool> TryEndAsync(ManifestClaim claim, RunState to, string reason)
    {
        await using var connection = await state.OpenConnectionAsync();
        return await connection.ExecuteAsync(RunLedger.EndSql + " AND manifest_attempt = @Attempt",
            new { runId = claim.RunId, claim.Attempt, reason, to = StateName.Of(to), before = StateName.Before(to) }) == 1;
    }

    /// <summary>The later run of the feed that is published already, if there is one.</summary>
    public async Task<long?> FindLaterPublishedAsync(ManifestClaim claim)
    {
        await using var connection = await state.OpenConnectionAsync();
        return await connection.QueryFirstOrDefaultAsync<long?>(
            "SELECT id FROM feed.run WHERE feed = @Feed AND state = @_published AND generation_timestamp > @GenerationTimestamp ORDER BY id DESC",
            new { claim.Feed, claim.GenerationTimestamp, _published });
    }

    /// <summary>The newest published run of the feed, with its sums; null when there is none.</summary>
    public async Task<RunView?> FindPublishedAsync(string feed, CancellationToken cancellationToken)
    {
        await using var connection = await state.OpenConnectionAsync(cancellationToken);
        return await connection.QueryFirstOrDefaultAsync<RunView>(new CommandDefinition(
            "SELECT * FROM feed.run_overview WHERE feed = @feed AND state = @_published ORDER BY generation_timestamp DESC LIMIT 1", new { feed, _published }, cancellationToken: cancellationToken));
    }

    /// <summary>Whether the attempt is still the newest, and the run still publishing.</summary>
    public async Task<bool> IsCurrentAsync(ManifestClaim claim)
    {
        await using var connection = await state.OpenConnectionAsync();
        return await connection.QuerySingleAsync<bool>("SELECT EXISTS (SELECT FROM feed.run WHERE id = @RunId AND manifest_attempt = @Attempt AND state = @_publishing)",
            new { claim.RunId, claim.Attempt, _publishing });
    }

    /// <summary>Whether a newer attempt has been taken: then nothing this one meets may touch the run or its job.</summary>
    public async Task<bool> IsOvertakenAsync(ManifestClaim claim)
    {
        await using var connection = await state.OpenConnectionAsync();
        return await connection.QuerySingleAsync<bool>("SELECT EXISTS (SELECT FROM feed.run WHERE id = @RunId AND manifest_attempt > @Attempt)", new { claim.RunId, claim.Attempt });
    }

    /// <summary>The alias is visible: the run is published, and earlier runs that waited for a person are superseded.</summary>
    /// <returns>False when the attempt was overtaken.</returns>
    public async Task<bool> TryCompleteAsync(ManifestClaim claim, StoredObject manifest)
    {
        await using var connection = await state.OpenConnectionAsync();
        return await connection.QuerySingleOrDefaultAsync<long?>($"""
            WITH published AS (
                UPDATE feed.run SET {Protocol.Writer}, state = @_published, manifest = @Name, manifest_sha256 = @Sha256, published_at = clock_timestamp(), finished_at = clock_timestamp()
                WHERE id = @RunId AND manifest_attempt = @Attempt AND state = ANY (@before) RETURNING id, feed),
            superseded AS (
                UPDATE feed.run old SET {Protocol.Writer}, state = @superseded, reason = concat_ws('; ', old.reason, 'run ' || published.id || ' was published after it')
                FROM published WHERE old.feed = published.feed AND old.id < published.id AND old.state IN (@held, @failed))
            SELECT id FROM published
            """, new
        {
            claim.RunId,
            claim.Attempt,
            manifest.Name,
            manifest.Sha256,
            _published,
            before = StateName.Before(RunState.Published),
            superseded = StateName.Of(RunState.Superseded),
            held = StateName.Of(RunState.Held),
            failed = StateName.Of(RunState.Failed),
        }) is not null;
    }
}
