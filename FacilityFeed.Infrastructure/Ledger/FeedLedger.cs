using Dapper;
using FacilityFeed.Domain.Feeds;
using FacilityFeed.Domain.Ledger;
using Npgsql;

namespace FacilityFeed.Infrastructure.Ledger;

/// <summary>What is remembered of feeds rather than of runs: which are paused, and whose next run waits for the active one.</summary>
public sealed class FeedLedger(NpgsqlDataSource state)
{
    static FeedLedger() => DefaultTypeMap.MatchNamesWithUnderscores = true;

    /// <returns>False when it was paused already.</returns>
    public async Task<bool> TryPauseAsync(string feed, string by)
    {
        await using var connection = await state.OpenConnectionAsync();
        return await connection.ExecuteAsync("INSERT INTO feed.feed_pause (feed, paused_by) VALUES (@feed, @by) ON CONFLICT DO NOTHING", new { feed, by }) == 1;
    }

    /// <returns>False when it was not paused.</returns>
    public async Task<bool> TryResumeAsync(string feed)
    {
        await using var connection = await state.OpenConnectionAsync();
        return await connection.ExecuteAsync("DELETE FROM feed.feed_pause WHERE feed = @feed", new { feed }) == 1;
    }

    public async Task<bool> IsPausedAsync(string feed)
    {
        await using var connection = await state.OpenConnectionAsync();
        return await connection.QuerySingleAsync<bool>("SELECT EXISTS (SELECT FROM feed.feed_pause WHERE feed = @feed)", new { feed });
    }

    public async Task<IReadOnlyList<FeedPause>> ListPausesAsync(CancellationToken cancellationToken)
    {
        await using var connection = await state.OpenConnectionAsync(cancellationToken);
        return [.. await connection.QueryAsync<FeedPause>("SELECT * FROM feed.feed_pause ORDER BY feed")];
    }

    /// <summary>How a feed stands. Synchronous, for Hangfire's dashboard is.</summary>
    public FeedStanding FindStanding(string feed)
    {
        using var connection = state.OpenConnection();
        return connection.QuerySingle<FeedStanding>("""
            SELECT pause.paused_at, pause.paused_by, run.id AS run_id, run.state AS run_state, held.run_id AS held_run_id, held.runs AS held_runs, skipped.requested_at AS skipped_at, skipped.reason AS skipped_reason
            FROM (SELECT @feed AS feed) asked
            LEFT JOIN feed.feed_pause pause ON pause.feed = asked.feed
            LEFT JOIN LATERAL (SELECT id, state FROM feed.run r WHERE r.feed = asked.feed AND r.state <> @skipped ORDER BY r.id DESC LIMIT 1) run ON true
            LEFT JOIN LATERAL (SELECT max(id) AS run_id, count(*) AS runs FROM feed.run r WHERE r.feed = asked.feed AND r.state = @held AND r.id < run.id) held ON true
            LEFT JOIN LATERAL (SELECT requested_at, reason, state FROM feed.run r WHERE r.feed = asked.feed ORDER BY r.id DESC LIMIT 1) skipped ON skipped.state = @skipped
            """, new { feed, held = StateName.Of(RunState.Held), skipped = StateName.Of(RunState.Skipped) });
    }

    /// <summary>Writes down that a trigger met a paused feed.</summary>
    /// <returns>The new run's id; null when the key is taken.</returns>
    public async Task<long?> TrySkipPausedAsync(FeedDefinition feed, string recipe, string runKey, string origin)
    {
        await using var connection = await state.OpenConnectionAsync();
        return await connection.QuerySingleOrDefaultAsync<long?>("""
            INSERT INTO feed.run (feed, name, recipe, run_key, origin, state, reason, finished_at)
            VALUES (@Key, @Name, @recipe, @runKey, @origin, @skipped, @paused, clock_timestamp())
            ON CONFLICT DO NOTHING RETURNING id
            """, new { feed.Key, feed.Name, recipe, runKey, origin, skipped = StateName.Of(RunState.Skipped), paused = FeedStanding.SkippedByPause });
    }

    /// <summary>Lets a trigger wait for the end of the active run; one of a feed does.</summary>
    /// <returns>False when another one waits already.</returns>
    public async Task<bool> TryQueueAsync(string feed, string runKey, string origin)
    {
        await using var connection = await state.OpenConnectionAsync();
        await connection.ExecuteAsync("INSERT INTO feed.pending_trigger (feed, run_key, origin) VALUES (@feed, @runKey, @origin) ON CONFLICT DO NOTHING", new { feed, runKey, origin });
        return await connection.QuerySingleAsync<bool>("SELECT EXISTS (SELECT FROM feed.pending_trigger WHERE feed = @feed AND run_key = @runKey)", new { feed, runKey });
    }

    /// <summary>All triggers that wait.</summary>
    public async Task<IReadOnlyList<PendingTrigger>> ListPendingAsync(CancellationToken cancellationToken)
    {
        await using var connection = await state.OpenConnectionAsync(cancellationToken);
        return [.. await connection.QueryAsync<PendingTrigger>("SELECT feed, run_key, origin FROM feed.pending_trigger ORDER BY feed")];
    }

    /// <summary>The waiting triggers that nothing is in the way of any more.</summary>
    public async Task<IReadOnlyList<PendingTrigger>> ListDueAsync(CancellationToken cancellationToken)
    {
        await using var connection = await state.OpenConnectionAsync(cancellationToken);
        return [.. await connection.QueryAsync<PendingTrigger>("""
            SELECT feed, run_key, origin FROM feed.pending_trigger waiting
            WHERE NOT EXISTS (SELECT FROM feed.run WHERE run.feed = waiting.feed AND state = ANY (@active))
              AND NOT EXISTS (SELECT FROM feed.feed_pause pause WHERE pause.feed = waiting.feed)
            """, new { active = RunTransitions.Active.Select(StateName.Of).ToArray() })];
    }

    /// <summary>Takes a waiting trigger, for whoever starts its run in the same transaction.</summary>
    /// <returns>False when somebody else did.</returns>
    public async Task<bool> TryTakeAsync(PendingTrigger pending)
    {
        await using var connection = await state.OpenConnectionAsync();
        return await connection.ExecuteAsync("DELETE FROM feed.pending_trigger WHERE feed = @Feed AND run_key = @RunKey", pending) == 1;
    }
}
