using System.Globalization;
using System.Runtime.CompilerServices;
using FacilityFeed.Domain.Planning;
using FacilityFeed.Domain.Reading;

namespace FacilityFeed.Infrastructure.Reading;

/// <summary>One chunk's rows by binary COPY: the server's UTF-8 bytes go to the shard without becoming strings.</summary>
internal sealed class PostgresChunkRows : IChunkRows
{
    private readonly PostgresSession _session;
    private readonly SourceTable _table;
    private readonly string _copySql;
    private readonly FailureGuard _guard;

    private PostgresChunkRows(PostgresSession session, SourceTable table, long count, string copySql, FailureGuard guard)
    {
        _session = session;
        _table = table;
        Count = count;
        _copySql = copySql;
        _guard = guard;
    }

    public long Count { get; }

    public static string Columns(SourceTable table) => table.Selected(column =>
        $"t.{column.Name}::pg_catalog.{column.Form switch { ColumnForm.Integer => "int8", ColumnForm.Float => "float8", _ => "text" }}");

    public static async Task<PostgresChunkRows> OpenAsync(PostgresSession session, SourceTable table, ChunkRange range, FailureGuard guard, CancellationToken cancellationToken)
    {
        // COPY takes no parameters; both ends are numbers of ours.
        var where = string.Create(CultureInfo.InvariantCulture, $"WHERE t.{FacilityColumns.Key} OPERATOR(pg_catalog.>=) {range.FirstId} AND t.{FacilityColumns.Key} OPERATOR(pg_catalog.<=) {range.LastId}");
        var count = await session.NumberAsync($"SELECT pg_catalog.count(*) FROM {table.Sql} t {where}", cancellationToken) ?? 0;
        // Ordered by the column, not by its cast of the same name, so that its index serves.
        return new PostgresChunkRows(session, table, count, $"COPY (SELECT {Columns(table)} FROM {table.Sql} t {where} ORDER BY t.{FacilityColumns.Key}) TO STDOUT (FORMAT BINARY)", guard);
    }

    public async IAsyncEnumerable<FacilityRow> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var wait = _session.LimitRows(cancellationToken);
        await using var copy = await _guard.RunAsync(() => wait.RunAsync(() => _session.CopyAsync(_copySql, wait.Token)));
        var reader = new BinaryCopyReader(buffer => wait.RunAsync(() => copy.ReadAsync(buffer, wait.Token)));
        var rows = new RowReader(_table, reader);
        await _guard.RunAsync(async () =>
        {
            await reader.ReadHeaderAsync();
            return true;
        });

        // Made once, for they are called for every row.
        Func<ValueTask<bool>> next = reader.ReadTupleAsync;
        Func<FacilityRow> take = rows.Read;
        while (await _guard.RunAsync(next))
        {
            yield return _guard.Run(take);
        }
    }

    public ValueTask DisposeAsync() => _session.DisposeAsync();
}
