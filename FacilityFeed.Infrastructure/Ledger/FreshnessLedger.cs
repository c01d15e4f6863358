using Dapper;
using FacilityFeed.Domain.Ledger;
using Npgsql;

namespace FacilityFeed.Infrastructure.Ledger;

/// <summary>How old feeds are. Only reads; synchronous, for Hangfire's dashboard is.</summary>
public sealed class FreshnessLedger(NpgsqlDataSource state)
{
    /// <summary>The origin of a run that was started because its feed was late.</summary>
    public const string Overdue = "overdue";

    static FreshnessLedger() => DefaultTypeMap.MatchNamesWithUnderscores = true;

    /// <summary>Each of these feeds, in this order.</summary>
    public IReadOnlyList<FeedAge> List(IReadOnlyCollection<string> feeds)
    {
        using var connection = state.OpenConnection();
        return [.. connection.Query<FeedAge>("""
            SELECT asked.feed, clock_timestamp() AS read_at, schedule.cron, schedule.zone, runs.first_at, runs.good_at, runs.is_active, runs.is_held, runs.withdrawn_at, since.failed_at, since.further, since.further_failed,
                EXISTS (SELECT FROM feed.feed_pause p WHERE p.feed = asked.feed) AS is_paused,
                EXISTS (SELECT FROM feed.pending_trigger p WHERE p.feed = asked.feed) OR EXISTS (SELECT FROM feed.trigger t WHERE t.feed = asked.feed AND t.ended_at IS NULL) AS is_asked_for
            FROM unnest(@feeds) WITH ORDINALITY AS asked (feed, place)
            LEFT JOIN feed.schedule ON schedule.feed = asked.feed
            CROSS JOIN LATERAL (
                SELECT min(requested_at) AS first_at, coalesce(bool_or(state = ANY (@active)), false) AS is_active, coalesce(bool_or(state = @held), false) AS is_held,
                    max(coalesce(published_at, finished_at)) FILTER (WHERE state IN (@published, @unchanged)) AS good_at, max(finished_at) FILTER (WHERE state = ANY (@withdrawn)) AS withdrawn_at
                FROM feed.run r WHERE r.feed = asked.feed) runs
            CROSS JOIN LATERAL (
                SELECT max(finished_at) FILTER (WHERE state = @failed) AS failed_at, count(*) FILTER (WHERE origin = @overdue)::int AS further, count(*) FILTER (WHERE origin = @overdue AND state = @failed)::int AS further_failed
                FROM feed.run r WHERE r.feed = asked.feed AND requested_at > coalesce(runs.good_at, '-infinity')) since
            ORDER BY asked.place
            """, new
        {
            feeds = feeds.ToArray(),
            overdue = Overdue,
            active = RunTransitions.Active.Select(StateName.Of).ToArray(),
            held = StateName.Of(RunState.Held),
            published = StateName.Of(RunState.Published),
            unchanged = StateName.Of(RunState.Unchanged),
            failed = StateName.Of(RunState.Failed),
            withdrawn = new[] { StateName.Of(RunState.Cancelled), StateName.Of(RunState.Discarded) },
        })];
    }
}
