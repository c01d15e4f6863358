using Dapper;
using FacilityFeed.Domain.Ledger;
using FacilityFeed.Domain.Runs;
using Npgsql;

namespace FacilityFeed.Infrastructure.Ledger;

/// <summary>Which runs' objects are to be looked through.</summary>
public sealed class OrphanLedger(NpgsqlDataSource state)
{
    private const int AtATime = 100;

    static OrphanLedger() => DefaultTypeMap.MatchNamesWithUnderscores = true;

    /// <summary>Runs of a feed, oldest first, that wrote to this place, are over for 24 hours by the database's clock, and were not looked through since.</summary>
    public async Task<IReadOnlyList<SweepRun>> ListAsync(string feed, string place, CancellationToken cancellationToken)
    {
        await using var connection = await state.OpenConnectionAsync(cancellationToken);
        return [.. await connection.QueryAsync<SweepRun>("""
            SELECT id, name, state, generation_timestamp FROM feed.run
            WHERE feed = @feed AND swept_at IS NULL AND generation_timestamp IS NOT NULL AND finished_at < now() - interval '24 hours'
              AND NOT state = ANY (@active) AND protocol <= @protocol AND right(recipe, length(@ending)) = @ending
            ORDER BY id LIMIT @AtATime
            """, new { feed, ending = $" into {place}", active = RunTransitions.Active.Select(StateName.Of).ToArray(), AtATime, protocol = Protocol.Number })];
    }

    /// <summary>Remembers that nothing is left to remove. A run that went on meanwhile is not touched.</summary>
    public async Task SetSweptAsync(SweepRun run)
    {
        await using var connection = await state.OpenConnectionAsync();
        await connection.ExecuteAsync($"UPDATE feed.run SET {Protocol.Writer}, swept_at = now() WHERE id = @Id AND state = @state", new { run.Id, state = StateName.Of(run.State) });
    }
}
