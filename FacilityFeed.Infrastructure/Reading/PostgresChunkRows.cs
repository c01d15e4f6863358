using System.Globalization;
using System.Runtime.CompilerServices;
using FacilityFeed.Domain.Planning;
using FacilityFeed.Domain.Reading;

namespace FacilityFeed.Infrastructure.Reading;

/// <summary>One chunk's rows by binary COPY: the server's UTF-8 bytes go to the shard without becoming strings.</summary>
internal sealed class PostgresChunkRows : IChunkRows
{
    private readonly PostgresSession _session;
    private readonly string _copySql;
    private readonly FailureGuard _guard;

    private PostgresChunkRows(PostgresSession session, long count, string copySql, FailureGuard guard)
    {
        _session = session;
        Count = count;
        _copySql = copySql;
        _guard = guard;
    }

    public long Count { get; }

    public static string Columns { get; } = string.Join(", ", FacilityColumns.All.Select(column =>
        column == FacilityColumns.Key ? $"{column}::bigint" : FacilityColumns.IsCoordinate(column) ? $"{column}::float8" : $"{column}::text"));

    public static async Task<PostgresChunkRows> OpenAsync(PostgresSession session, SourceTable table, ChunkRange range, FailureGuard guard, CancellationToken cancellationToken)
    {
        // COPY takes no parameters; both ends are numbers of ours.
        var where = string.Create(CultureInfo.InvariantCulture, $"WHERE {FacilityColumns.Key} BETWEEN {range.FirstId} AND {range.LastId}");
        var count = await session.NumberAsync($"SELECT count(*) FROM {table.Sql} {where}", cancellationToken) ?? 0;
        // Ordered by the column, not by its cast of the same name, so that its index serves.
        return new PostgresChunkRows(session, count, $"COPY (SELECT {Columns} FROM {table.Sql} t {where} ORDER BY t.{FacilityColumns.Key}) TO STDOUT (FORMAT BINARY)", guard);
    }

    public async IAsyncEnumerable<FacilityRow> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var copy = await _guard.RunAsync(async () => await _session.CopyAsync(_copySql, cancellationToken));
        var reader = new BinaryCopyReader(copy);
        await _guard.RunAsync(async () =>
        {
            await reader.ReadHeaderAsync(cancellationToken);
            return true;
        });

        var row = new FacilityRow();
        while (await _guard.RunAsync(() => reader.ReadTupleAsync(cancellationToken)))
        {
            Fill(row, reader);
            yield return row;
        }
    }

    public ValueTask DisposeAsync() => _session.DisposeAsync();

    private static void Fill(FacilityRow row, BinaryCopyReader reader)
    {
        row.Id = reader.Int64(0);
        row.Name = reader.Bytes(1);
        row.Phone = reader.Bytes(2);
        row.Url = reader.Bytes(3);
        row.Latitude = reader.Double(4);
        row.Longitude = reader.Double(5);
        row.Country = reader.Bytes(6);
        row.Locality = reader.Bytes(7);
        row.Region = reader.Bytes(8);
        row.PostalCode = reader.Bytes(9);
        row.StreetAddress = reader.Bytes(10);
    }
}
