using Dapper;
using FacilityFeed.Domain.Shaping;
using Npgsql;

namespace FacilityFeed.Infrastructure.Ledger;

/// <summary>What shaping left out of runs and changed in them: how often for each reason, and some of the records.</summary>
public sealed class RejectLedger(NpgsqlDataSource state)
{
    static RejectLedger() => DefaultTypeMap.MatchNamesWithUnderscores = true;

    /// <summary>
    /// Keeps what an attempt at a chunk counted, in the place of what an earlier one did. Inside the transaction that settles the chunk, after it
    /// was counted down: the run's row is locked then, so no two chunks fill the run's room for rejected records at a time.
    /// </summary>
    public async Task KeepAsync(ChunkClaim claim, ShapingTally tally)
    {
        var counts = tally.Counts.ToList();
        if (counts.Count == 0 && claim.Attempt == 1)
        {
            return;
        }

        await using var connection = await state.OpenConnectionAsync();
        await connection.ExecuteAsync("DELETE FROM feed.chunk_reason WHERE chunk_id = @ChunkId", new { claim.ChunkId });
        await connection.ExecuteAsync("DELETE FROM feed.noted_record WHERE chunk_id = @ChunkId", new { claim.ChunkId });
        await connection.ExecuteAsync("INSERT INTO feed.chunk_reason (chunk_id, is_rejected, field, reason, count) SELECT @ChunkId, * FROM unnest(@rejected, @fields, @reasons, @numbers)", new
        {
            claim.ChunkId,
            rejected = counts.Select(count => count.IsRejected).ToArray(),
            fields = counts.Select(count => count.Field).ToArray(),
            reasons = counts.Select(count => count.Reason).ToArray(),
            numbers = counts.Select(count => count.Count).ToArray(),
        });
        await NoteAsync(connection, claim, await FittingAsync(connection, claim.RunId, tally.Noted));
    }

    /// <summary>How often each reason was met in a run; rejections first, then the most frequent.</summary>
    public async Task<IReadOnlyList<ReasonCount>> CountAsync(long runId, CancellationToken cancellationToken)
    {
        await using var connection = await state.OpenConnectionAsync(cancellationToken);
        return [.. await connection.QueryAsync<ReasonCount>(new CommandDefinition("""
            SELECT is_rejected AS "IsRejected", field AS "Field", reason AS "Reason", sum(count)::bigint AS "Count" FROM feed.chunk_reason
            WHERE chunk_id IN (SELECT id FROM feed.chunk WHERE run_id = @runId)
            GROUP BY 1, 2, 3 ORDER BY 1 DESC, 4 DESC, 3
            """, new { runId }, cancellationToken: cancellationToken))];
    }

    /// <summary>The records of a run that were kept, by chunk and key; at most <see cref="ShapingTally.MostRejects"/> rejected ones, or <see cref="ShapingTally.MostWarnings"/> warned ones of each reason.</summary>
    public async Task<IReadOnlyList<KeptRecord>> ListAsync(long runId, bool isRejected, CancellationToken cancellationToken)
    {
        await using var connection = await state.OpenConnectionAsync(cancellationToken);
        return [.. await connection.QueryAsync<KeptRecord>(new CommandDefinition("""
            SELECT c.number AS chunk, n.record_id AS id, n.field, n.reason, n.value FROM feed.noted_record n JOIN feed.chunk c ON c.id = n.chunk_id
            WHERE n.run_id = @runId AND n.is_rejected = @isRejected ORDER BY c.number, n.record_id, n.id
            """, new { runId, isRejected }, cancellationToken: cancellationToken))];
    }

    private static async Task<List<NotedRecord>> FittingAsync(NpgsqlConnection connection, long runId, IReadOnlyList<NotedRecord> noted)
    {
        if (noted.Count == 0)
        {
            return [];
        }

        var kept = (await connection.QueryAsync<(bool IsRejected, string Reason, long Count)>(
            "SELECT is_rejected, reason, count(*) FROM feed.noted_record WHERE run_id = @runId GROUP BY 1, 2", new { runId })).ToList();
        var room = ShapingTally.MostRejects - (int)kept.Where(count => count.IsRejected).Sum(count => count.Count);
        var warned = kept.Where(count => !count.IsRejected).ToDictionary(count => count.Reason, count => (int)count.Count);
        return
        [
            .. noted.Where(note => note.IsRejected).Take(Math.Max(0, room)),
            .. noted.Where(note => !note.IsRejected).GroupBy(note => note.Reason).SelectMany(reason => reason.Take(Math.Max(0, ShapingTally.MostWarnings - warned.GetValueOrDefault(reason.Key)))),
        ];
    }

    private static Task NoteAsync(NpgsqlConnection connection, ChunkClaim claim, List<NotedRecord> noted) => connection.ExecuteAsync("""
        INSERT INTO feed.noted_record (run_id, chunk_id, record_id, is_rejected, field, reason, value)
        SELECT @RunId, @ChunkId, * FROM unnest(@ids, @rejected, @fields, @reasons, @values)
        """, new
    {
        claim.RunId,
        claim.ChunkId,
        ids = noted.Select(note => note.Id).ToArray(),
        rejected = noted.Select(note => note.IsRejected).ToArray(),
        fields = noted.Select(note => note.Field).ToArray(),
        reasons = noted.Select(note => note.Reason).ToArray(),
        values = noted.Select(note => note.Value).ToArray(),
    });
}
