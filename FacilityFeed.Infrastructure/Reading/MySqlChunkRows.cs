using System.Globalization;
using System.Runtime.CompilerServices;
using FacilityFeed.Domain.Planning;
using FacilityFeed.Domain.Reading;

namespace FacilityFeed.Infrastructure.Reading;

/// <summary>One chunk's rows, streamed: the server's UTF-8 bytes go to the shard without becoming strings.</summary>
internal sealed class MySqlChunkRows : IChunkRows
{
    private readonly MySqlSession _session;
    private readonly SourceTable _table;
    private readonly string _sql;
    private readonly SourceRefusal _refusal;
    private readonly FailureGuard _guard;

    private MySqlChunkRows(MySqlSession session, SourceTable table, long count, string sql, SourceRefusal refusal, FailureGuard guard)
    {
        _session = session;
        _table = table;
        Count = count;
        _sql = sql;
        _refusal = refusal;
        _guard = guard;
    }

    public long Count { get; }

    public static string Columns(SourceTable table) => table.Selected(column => column.Form switch
    {
        ColumnForm.Integer => $"t.{column.Name}",
        ColumnForm.Float => $"t.{column.Name} + 0e0",
        // Sent as binary, or the driver would make a string of it.
        _ => $"CAST(CONVERT(t.{column.Name} USING utf8mb4) AS BINARY)",
    });

    public static async Task<MySqlChunkRows> OpenAsync(MySqlSession session, SourceTable table, ChunkRange range, SourceRefusal refusal, FailureGuard guard, CancellationToken cancellationToken)
    {
        var where = string.Create(CultureInfo.InvariantCulture, $"WHERE t.{FacilityColumns.Key} >= {range.FirstId} AND t.{FacilityColumns.Key} <= {range.LastId}");
        var count = await session.NumberAsync($"SELECT count(*) FROM {table.Sql} t {where}", cancellationToken) ?? 0;
        return new MySqlChunkRows(session, table, count, $"SELECT {Columns(table)} FROM {table.Sql} t {where} ORDER BY t.{FacilityColumns.Key}", refusal, guard);
    }

    public async IAsyncEnumerable<FacilityRow> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var wait = _session.LimitRows(cancellationToken);
        await using var command = await _guard.RunAsync(() => wait.RunAsync(async () => await _session.PrepareAsync(_sql, wait.Token)));
        var reader = await _guard.RunAsync(() => wait.RunAsync(async () => await command.ExecuteReaderAsync(wait.Token)));
        var values = new MySqlRow(reader, _table);
        var rows = new RowReader(_table, values);
        var isOver = false;
        Func<ValueTask<bool>> read = async () =>
        {
            // A reader that throws has nothing more to give.
            isOver = true;
            isOver = !await reader.ReadAsync(wait.Token);
            return !isOver;
        };
        Func<ValueTask<bool>> next = () => wait.RunAsync(read);
        Func<FacilityRow> take = () =>
        {
            values.Copy();
            return rows.Read();
        };

        try
        {
            while (await _guard.RunAsync(next))
            {
                yield return _guard.Run(take);
            }
        }
        finally
        {
            await _session.EndAsync(command, reader, isOver);
        }

        if (await _guard.RunAsync(() => wait.RunAsync(async () => await _session.FirstWarningAsync(wait.Token))) is { } warning)
        {
            throw _refusal.ReadWithWarning(warning);
        }
    }

    public ValueTask DisposeAsync() => _session.DisposeAsync();
}
