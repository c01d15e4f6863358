using Dapper;
using FacilityFeed.Domain.Feeds;
using Npgsql;

namespace FacilityFeed.Infrastructure.Ledger.Schedules;

/// <summary>
/// The schedules and what became of each of their due times. Whoever settles a due time holds the schedule's row, for a gap is one row: so
/// no time is in the ledger twice. Inside a <see cref="LedgerTransaction"/> all of it joins.
/// </summary>
public sealed class ScheduleLedger(NpgsqlDataSource state)
{
    static ScheduleLedger() => DefaultTypeMap.MatchNamesWithUnderscores = true;

    /// <returns>Null when the feed's schedule was never registered, or was forgotten.</returns>
    public StoredSchedule? Find(string feed)
    {
        using var connection = state.OpenConnection();
        return connection.QuerySingleOrDefault<StoredSchedule>("SELECT *, clock_timestamp() AS read_at FROM feed.schedule WHERE feed = @feed", new { feed });
    }

    /// <summary>Keeps everybody else from settling times of this feed until the transaction ends.</summary>
    /// <returns>Null as of <see cref="Find"/>.</returns>
    public StoredSchedule? Lock(string feed)
    {
        using var connection = state.OpenConnection();
        return connection.QuerySingleOrDefault<StoredSchedule>("SELECT *, clock_timestamp() AS read_at FROM feed.schedule WHERE feed = @feed FOR UPDATE", new { feed });
    }

    /// <summary>The database's clock, UTC.</summary>
    public DateTime ReadClock()
    {
        using var connection = state.OpenConnection();
        return connection.QuerySingle<DateTime>("SELECT clock_timestamp()");
    }

    /// <returns>False when the feed has one already.</returns>
    public bool TryAdd(FeedDefinition feed, DateTime since)
    {
        using var connection = state.OpenConnection();
        return connection.Execute("""
            INSERT INTO feed.schedule (feed, cron, zone, since, settled_to) VALUES (@Key, @Cron, @zone, @since, @since) ON CONFLICT DO NOTHING
            """, new { feed.Key, feed.Cron, zone = feed.TimeZone.Id, since }) == 1;
    }

    /// <summary>Puts another schedule in a feed's place; what is open of the one before was closed.</summary>
    public void Change(FeedDefinition feed, DateTime since)
    {
        using var connection = state.OpenConnection();
        connection.Execute("UPDATE feed.schedule SET cron = @Cron, zone = @zone, since = @since, changed_at = @since, settled_to = @since WHERE feed = @Key",
            new { feed.Key, feed.Cron, zone = feed.TimeZone.Id, since });
    }

    /// <summary>Says that all times up to one are in the ledger.</summary>
    public void SettleTo(string feed, DateTime due)
    {
        using var connection = state.OpenConnection();
        connection.Execute("UPDATE feed.schedule SET settled_to = greatest(settled_to, @due) WHERE feed = @feed", new { feed, due });
    }

    /// <summary>Forgets a schedule, and the trigger that waits for the end of the feed's active run: its time ends as <see cref="Occurrence.Forgotten"/>.</summary>
    /// <returns>Whether a trigger waited.</returns>
    public bool Remove(string feed)
    {
        using var connection = state.OpenConnection();
        connection.Execute("""
            UPDATE feed.occurrence SET reason = @forgotten WHERE feed = @feed AND reason = @waits;
            DELETE FROM feed.schedule WHERE feed = @feed
            """, new { feed, forgotten = Occurrence.Forgotten, waits = Occurrence.Waits });
        return connection.Execute("DELETE FROM feed.pending_trigger WHERE feed = @feed", new { feed }) == 1;
    }

    /// <summary>What became of a due time, by itself or in a gap; null: nothing yet.</summary>
    public Occurrence? FindOccurrence(string feed, DateTime due)
    {
        using var connection = state.OpenConnection();
        return connection.QuerySingleOrDefault<Occurrence>($"SELECT * FROM feed.occurrence WHERE {CoversSql} ORDER BY due_at LIMIT 1", new { feed, due });
    }

    /// <summary>What is known of the times after one moment, in order.</summary>
    public IReadOnlyList<Occurrence> ListAfter(string feed, DateTime after)
    {
        using var connection = state.OpenConnection();
        return [.. connection.Query<Occurrence>("SELECT * FROM feed.occurrence WHERE feed = @feed AND due_at > @after ORDER BY due_at", new { feed, after })];
    }

    /// <summary>The newest time of each feed that the ledger knows something of.</summary>
    public async Task<IReadOnlyList<Occurrence>> ListNewestAsync(CancellationToken cancellationToken)
    {
        await using var connection = await state.OpenConnectionAsync(cancellationToken);
        return [.. await connection.QueryAsync<Occurrence>(new CommandDefinition("""
            SELECT newest.* FROM feed.schedule s CROSS JOIN LATERAL (SELECT * FROM feed.occurrence o WHERE o.feed = s.feed ORDER BY due_at DESC LIMIT 1) newest ORDER BY feed
            """, cancellationToken: cancellationToken))];
    }

    /// <summary>Settles a due time. Inside the transaction that makes its run.</summary>
    /// <param name="feed">The feed.</param>
    /// <param name="due">The due time.</param>
    /// <param name="runId">Its run; null: none.</param>
    /// <param name="reason">Why there is no run, or no proper one.</param>
    /// <returns>False when it is settled already.</returns>
    public async Task<bool> TryTakeAsync(string feed, DateTime due, long? runId, string? reason)
    {
        await using var connection = await state.OpenConnectionAsync();
        await connection.ExecuteAsync("SELECT FROM feed.schedule WHERE feed = @feed FOR UPDATE", new { feed });
        return await connection.ExecuteAsync($"""
            INSERT INTO feed.occurrence (feed, due_at, first_due_at, run_id, reason)
            SELECT @feed, @due, @due, @runId, @reason WHERE NOT EXISTS (SELECT FROM feed.occurrence WHERE {CoversSql})
            ON CONFLICT DO NOTHING
            """, new { feed, due, runId, reason }) == 1;
    }

    /// <summary>Gives a due time that waited its run.</summary>
    public async Task GiveAsync(string feed, DateTime due, long runId)
    {
        await using var connection = await state.OpenConnectionAsync();
        await connection.ExecuteAsync("UPDATE feed.occurrence SET run_id = @runId, reason = NULL, decided_at = clock_timestamp() WHERE feed = @feed AND due_at = @due AND reason = @waits",
            new { feed, due, runId, waits = Occurrence.Waits });
    }

    /// <summary>Settles due times without a run, a gap as one row. Whoever calls it holds the schedule, and has seen that they are open.</summary>
    public void Close(string feed, DateTime first, DateTime last, long count, string reason)
    {
        using var connection = state.OpenConnection();
        connection.Execute("INSERT INTO feed.occurrence (feed, due_at, first_due_at, count, reason) VALUES (@feed, @last, @first, @count, @reason)", new { feed, first, last, count, reason });
    }

    /// <summary>Opens a due time again whose trigger a person deleted and has requeued.</summary>
    public void Reopen(string feed, DateTime due)
    {
        using var connection = state.OpenConnection();
        connection.Execute("DELETE FROM feed.occurrence WHERE feed = @feed AND due_at = @due AND count = 1 AND reason = @deleted", new { feed, due, deleted = Occurrence.Deleted });
    }

    private const string CoversSql = "feed = @feed AND due_at >= @due AND first_due_at <= @due";
}
