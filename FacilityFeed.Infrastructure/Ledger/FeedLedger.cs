using Dapper;
using FacilityFeed.Domain.Feeds;
using FacilityFeed.Domain.Ledger;
using FacilityFeed.Domain.Runs;
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

    /// <returns>Since when it was paused, UTC; null when it was not.</returns>
    public async Task<DateTime?> TryResumeAsync(string feed)
    {
        await using var connection = await state.OpenConnectionAsync();
        return await connection.QuerySingleOrDefaultAsync<DateTime?>("DELETE FROM feed.feed_pause WHERE feed = @feed RETURNING paused_at", new { feed });
    }

    public async Task<bool> IsPausedAsync(string feed)
    {
        await using var connection = await state.OpenConnectionAsync();
        return await connection.QuerySingleAsync<bool>("SELECT EXISTS (SELECT FROM feed.feed_pause WHERE feed = @feed)", new { feed });
    }

    /// <summary>Since when a feed is paused, UTC; null: it is not.</summary>
    public async Task<DateTime?> FindPauseAsync(string feed)
    {
        await using var connection = await state.OpenConnectionAsync();
        return await connection.QuerySingleOrDefaultAsync<DateTime?>("SELECT paused_at FROM feed.feed_pause WHERE feed = @feed", new { feed });
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
            SELECT pause.paused_at, pause.paused_by, run.id AS run_id, run.state AS run_state, held.run_id AS held_run_id, held.runs AS held_runs, skipped.requested_at AS skipped_at, skipped.reason AS skipped_reason,
                due.due_at AS unmade_due_at, due.reason AS unmade_reason
            FROM (SELECT @feed AS feed) asked
            LEFT JOIN feed.feed_pause pause ON pause.feed = asked.feed
            LEFT JOIN LATERAL (SELECT id, state FROM feed.run r WHERE r.feed = asked.feed AND r.state <> @skipped ORDER BY r.id DESC LIMIT 1) run ON true
            LEFT JOIN LATERAL (SELECT max(id) AS run_id, count(*) AS runs FROM feed.run r WHERE r.feed = asked.feed AND r.state = @held AND r.id < run.id) held ON true
            LEFT JOIN LATERAL (SELECT requested_at, reason, state FROM feed.run r WHERE r.feed = asked.feed ORDER BY r.id DESC LIMIT 1) skipped ON skipped.state = @skipped
            LEFT JOIN LATERAL (SELECT due_at, reason, run_id FROM feed.occurrence o WHERE o.feed = asked.feed ORDER BY due_at DESC LIMIT 1) due ON due.run_id IS NULL
            """, new { feed, held = StateName.Of(RunState.Held), skipped = StateName.Of(RunState.Skipped) });
    }

    /// <summary>Writes down that a trigger met a paused feed.</summary>
    /// <returns>The new run's id; null when the key is taken.</returns>
    public async Task<long?> TrySkipPausedAsync(FeedDefinition feed, string recipe, string runKey, string origin)
    {
        await using var connection = await state.OpenConnectionAsync();
        return await connection.QuerySingleOrDefaultAsync<long?>("""
            INSERT INTO feed.run (feed, name, recipe, run_key, origin, state, reason, finished_at, writer)
            VALUES (@Key, @Name, @recipe, @runKey, @origin, @skipped, @paused, clock_timestamp(), @writer)
            ON CONFLICT DO NOTHING RETURNING id
            """, new { feed.Key, feed.Name, recipe, runKey, origin, skipped = StateName.Of(RunState.Skipped), paused = FeedStanding.SkippedByPause, writer = Protocol.Number });
    }

    /// <summary>Lets a trigger wait for the end of the active run; one of a feed does.</summary>
    /// <returns>False when another one waits already.</returns>
    public async Task<bool> TryQueueAsync(string feed, string runKey, string origin, DateTime? due = null)
    {
        await using var connection = await state.OpenConnectionAsync();
        await connection.ExecuteAsync("INSERT INTO feed.pending_trigger (feed, run_key, origin, due_at) VALUES (@feed, @runKey, @origin, @due) ON CONFLICT DO NOTHING", new { feed, runKey, origin, due });
        return await connection.QuerySingleAsync<bool>("SELECT EXISTS (SELECT FROM feed.pending_trigger WHERE feed = @feed AND run_key = @runKey)", new { feed, runKey });
    }

    /// <summary>All triggers that wait.</summary>
    public async Task<IReadOnlyList<PendingTrigger>> ListPendingAsync(CancellationToken cancellationToken)
    {
        await using var connection = await state.OpenConnectionAsync(cancellationToken);
        return [.. await connection.QueryAsync<PendingTrigger>("SELECT feed, run_key, origin, due_at FROM feed.pending_trigger ORDER BY feed")];
    }

    /// <summary>The waiting triggers that nothing is in the way of any more, and that this build may begin.</summary>
    public async Task<IReadOnlyList<PendingTrigger>> ListDueAsync(CancellationToken cancellationToken)
    {
        await using var connection = await state.OpenConnectionAsync(cancellationToken);
        return [.. await connection.QueryAsync<PendingTrigger>("""
            SELECT feed, run_key, origin, due_at FROM feed.pending_trigger waiting
            WHERE NOT EXISTS (SELECT FROM feed.run WHERE run.feed = waiting.feed AND state = ANY (@active))
              AND NOT EXISTS (SELECT FROM feed.feed_pause pause WHERE pause.feed = waiting.feed)
              AND NOT EXISTS (SELECT FROM feed.protocol WHERE protocol.feed = waiting.feed AND number > @protocol)
            """, new { active = RunTransitions.Active.Select(StateName.Of).ToArray(), protocol = Protocol.Number })];
    }

    /// <summary>Those of <paramref name="feeds"/> that have had a run of a higher protocol than this build's, and of which.</summary>
    public async Task<IReadOnlyList<(string Feed, int Protocol)>> ListNewerAsync(IEnumerable<string> feeds, CancellationToken cancellationToken)
    {
        await using var connection = await state.OpenConnectionAsync(cancellationToken);
        return [.. await connection.QueryAsync<(string, int)>(new CommandDefinition(
            "SELECT feed, number FROM feed.protocol WHERE feed = ANY (@feeds) AND number > @ours ORDER BY feed", new { feeds = feeds.ToArray(), ours = Protocol.Number }, cancellationToken: cancellationToken))];
    }

    /// <summary>Takes a waiting trigger, for whoever starts its run in the same transaction.</summary>
    /// <returns>False when somebody else did.</returns>
    public async Task<bool> TryTakeAsync(PendingTrigger pending)
    {
        await using var connection = await state.OpenConnectionAsync();
        return await connection.ExecuteAsync("DELETE FROM feed.pending_trigger WHERE feed = @Feed AND run_key = @RunKey", pending) == 1;
    }
}
