using FacilityFeed.Domain;
using FacilityFeed.Domain.Reading;

namespace FacilityFeed.Infrastructure.Reading;

/// <summary>Asks PostgreSQL's catalogue about the table or view a feed reads.</summary>
internal static class PostgresTable
{
    // A type's kind is what PostgresTypes goes by. Only a type that is no more than text can have a cast to it without a function, and
    // only a superuser can make one.
    private const string ColumnsSql = $"""
        WITH RECURSIVE based AS (
            SELECT attname, atttypid AS declared, atttypid AS type FROM pg_attribute WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped
            UNION ALL
            SELECT attname, declared, typbasetype FROM based JOIN pg_type ON oid = type WHERE typtype = 'd')
        SELECT attname::text, format_type(declared, NULL) || CASE WHEN type <> declared THEN ', a domain over ' || format_type(type, NULL) ELSE '' END,
            CASE WHEN typtype = 'e' THEN '{PostgresTypes.Enumeration}'
                WHEN typnamespace = 'pg_catalog'::regnamespace AND typtype = 'b' THEN typname
                WHEN EXISTS (SELECT FROM pg_cast WHERE castsource = type AND casttarget = 'pg_catalog.text'::regtype AND castmethod = 'b' AND castcontext = 'i')
                    THEN '{PostgresTypes.OtherText}'
                ELSE '' END
        FROM based JOIN pg_type ON oid = type WHERE typtype <> 'd'
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

    /// <exception cref="FeedRejectedException">No such table, a column missing or unreadable, or a key that is no integer.</exception>
    public static async Task<SourceTable> DescribeAsync(PostgresSession session, string table, SourceRefusal refusal, CancellationToken cancellationToken)
    {
        var sql = string.Join('.', table.Split('.').Select(part => $"\"{part.Trim('"').Replace("\"", "\"\"", StringComparison.Ordinal)}\""));
        var found = await session.RowsAsync(ColumnsSql, [sql],
            row => new SourceColumn(row.GetString(0), row.GetString(1), PostgresTypes.FormOf(row.GetString(0), row.GetString(2))), cancellationToken);
        if (found.Count == 0)
        {
            throw refusal.NoTable();
        }

        var columns = refusal.Readable(found);
        var keys = await session.RowsAsync(KeySql, [sql, FacilityColumns.Key], row => (IsTable: row.GetBoolean(0), HasIndex: row.GetBoolean(1), IsUnique: row.GetBoolean(2)), cancellationToken);
        var key = keys.Single();
        // A view or foreign table has an index that nobody can see from here.
        IReadOnlyList<string> warnings = key.IsTable && !key.HasIndex ? [refusal.NoKeyIndex($"CREATE UNIQUE INDEX ON {sql} ({FacilityColumns.Key})")] : [];
        return new SourceTable(sql, columns, key.IsUnique, warnings);
    }
}
