using FacilityFeed.Domain;
using FacilityFeed.Domain.Reading;

namespace FacilityFeed.Infrastructure.Reading;

/// <summary>Asks PostgreSQL's catalogue about the table or view a feed reads.</summary>
internal static class PostgresTable
{
    private static readonly string[] _integers = ["smallint", "integer", "bigint"];

    private const string ColumnsSql = """
        SELECT attname::text, format_type(coalesce(nullif(t.typbasetype, 0), atttypid), NULL)
        FROM pg_attribute JOIN pg_type t ON t.oid = atttypid WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped
        """;

    private const string KeySql = """
        SELECT c.relkind IN ('r', 'p', 'm'),
               EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indisvalid AND i.indkey[0] = a.attnum AND i.indpred IS NULL),
               a.attnotnull AND NOT c.relhassubclass AND EXISTS (
                   SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indisvalid AND i.indisunique AND i.indnkeyatts = 1
                   AND i.indkey[0] = a.attnum AND i.indpred IS NULL)
        FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = $2
        WHERE c.oid = to_regclass($1)
        """;

    /// <exception cref="FeedRejectedException">No such table, a column missing, or a key that is no integer.</exception>
    public static async Task<SourceTable> DescribeAsync(PostgresSession session, string table, SourceRefusal refusal, CancellationToken cancellationToken)
    {
        var sql = string.Join('.', table.Split('.').Select(part => $"\"{part.Trim('"').Replace("\"", "\"\"", StringComparison.Ordinal)}\""));
        var columns = await session.RowsAsync(ColumnsSql, [sql], row => KeyValuePair.Create(row.GetString(0), row.GetString(1)), cancellationToken);
        if (columns.Count == 0)
        {
            throw refusal.NoTable();
        }

        var types = columns.ToDictionary(StringComparer.Ordinal);
        refusal.RefuseColumns(types, _integers);

        var keys = await session.RowsAsync(KeySql, [sql, FacilityColumns.Key], row => (IsTable: row.GetBoolean(0), HasIndex: row.GetBoolean(1), IsUnique: row.GetBoolean(2)), cancellationToken);
        var key = keys.Single();
        // A view or foreign table has an index that nobody can see from here.
        IReadOnlyList<string> warnings = key.IsTable && !key.HasIndex ? [refusal.NoKeyIndex($"CREATE UNIQUE INDEX ON {sql} ({FacilityColumns.Key})")] : [];
        return new SourceTable(sql, types, key.IsUnique, warnings);
    }
}
