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
            SELECT attname, atttypid AS declared, atttypid AS type FROM pg_attribute WHERE attrelid = $1::oid AND attnum > 0 AND NOT attisdropped
            UNION ALL
            SELECT attname, declared, typbasetype FROM based JOIN pg_type ON oid = type WHERE typtype = 'd')
        SELECT attname::text, declared::text, type::text,
            CASE WHEN typtype = 'e' THEN '{PostgresTypes.Enumeration}'
                WHEN typnamespace = 'pg_catalog'::regnamespace AND typtype = 'b' THEN typname
                WHEN EXISTS (SELECT FROM pg_cast WHERE castsource = type AND casttarget = 'pg_catalog.text'::regtype AND castmethod = 'b' AND castcontext = 'i')
                    THEN '{PostgresTypes.OtherText}'
                ELSE '' END
        FROM based JOIN pg_type ON oid = type WHERE typtype <> 'd'
        """;

    // In the user's own search path, by which a table without a schema is meant.
    private const string FindSql = "SELECT pg_catalog.to_regclass($1)::pg_catalog.oid::pg_catalog.text";

    // A type's name depends on the path too.
    private const string TypeSql = "SELECT pg_catalog.format_type($1::pg_catalog.oid, NULL)";

    private const string NameSql = "SELECT quote_ident(nspname) || '.' || quote_ident(relname) FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace WHERE c.oid = $1::oid";

    private const string KeySql = """
        SELECT c.relkind IN ('r', 'p', 'm'),
               EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indisvalid AND i.indkey[0] = a.attnum AND i.indpred IS NULL),
               a.attnotnull AND NOT c.relhassubclass AND EXISTS (
                   SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indisvalid AND i.indisunique AND i.indnkeyatts = 1
                   AND i.indkey[0] = a.attnum AND i.indpred IS NULL)
        FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = $2
        WHERE c.oid = $1::oid
        """;

    /// <exception cref="FeedRejectedException">No such table, a column missing or unreadable, or a key that is no integer.</exception>
    public static async Task<SourceTable> DescribeAsync(PostgresSession session, string table, SourceRefusal refusal, CancellationToken cancellationToken)
    {
        var asked = string.Join('.', table.Split('.').Select(part => $"\"{part.Trim('"').Replace("\"", "\"\"", StringComparison.Ordinal)}\""));
        var oid = await session.RowAsync(FindSql, [asked], row => row.IsDBNull(0) ? null : row.GetString(0), cancellationToken) ?? throw refusal.NoTable();
        var (found, sql, key) = await session.InCatalogueAsync(() => LookUpAsync(session, oid, cancellationToken), cancellationToken);
        if (found.Count == 0)
        {
            throw refusal.NoTable();
        }

        List<SourceColumn> named = [];
        foreach (var column in found)
        {
            // Only of what is asked for and cannot be read is it shown.
            named.Add(new SourceColumn(column.Name, column.Form is null && FacilityColumns.All.Contains(column.Name) ? await TypeAsync(session, column, cancellationToken) : "", column.Form));
        }

        // A view or foreign table has an index that nobody can see from here.
        IReadOnlyList<string> warnings = key.IsTable && !key.HasIndex ? [refusal.NoKeyIndex($"CREATE UNIQUE INDEX ON {ForeignText.InOneLine(asked)} ({FacilityColumns.Key})")] : [];
        return new SourceTable(sql, refusal.Readable(named), key.IsUnique, warnings);
    }

    private static async Task<(IReadOnlyList<FoundColumn> Columns, string Sql, FoundKey Key)> LookUpAsync(PostgresSession session, string oid, CancellationToken cancellationToken)
    {
        var columns = await session.RowsAsync(ColumnsSql, [oid], row => new FoundColumn(row.GetString(0), row.GetString(1), row.GetString(2), PostgresTypes.FormOf(row.GetString(0), row.GetString(3))), cancellationToken);
        var sql = await session.RowAsync(NameSql, [oid], row => row.GetString(0), cancellationToken);
        var keys = await session.RowsAsync(KeySql, [oid, FacilityColumns.Key], row => new FoundKey(row.GetBoolean(0), row.GetBoolean(1), row.GetBoolean(2)), cancellationToken);
        return (columns, sql, keys is [var key] ? key : new FoundKey(false, false, false));
    }

    private static async Task<string> TypeAsync(PostgresSession session, FoundColumn column, CancellationToken cancellationToken)
    {
        async Task<string> NameAsync(string oid) => ForeignText.InOneLine(await session.RowAsync(TypeSql, [oid], row => row.GetString(0), cancellationToken));

        return column.Type == column.BaseType ? await NameAsync(column.Type) : $"{await NameAsync(column.Type)}, a domain over {await NameAsync(column.BaseType)}";
    }

    private sealed record FoundColumn(string Name, string Type, string BaseType, ColumnForm? Form);

    private sealed record FoundKey(bool IsTable, bool HasIndex, bool IsUnique);
}
