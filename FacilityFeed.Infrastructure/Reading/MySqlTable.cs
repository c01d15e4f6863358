using FacilityFeed.Domain;
using FacilityFeed.Domain.Reading;
using MySqlConnector;

namespace FacilityFeed.Infrastructure.Reading;

/// <summary>Asks the information schema about the table or view a feed reads.</summary>
internal static class MySqlTable
{
    // Names may differ by case alone, and a comparison here would take them for the same: the very name comes first.
    private const string NameSql = """
        SELECT TABLE_SCHEMA, TABLE_NAME, TABLE_TYPE = 'BASE TABLE', coalesce(ENGINE, '') FROM information_schema.TABLES
        WHERE TABLE_SCHEMA = coalesce(nullif(?, ''), DATABASE()) AND TABLE_NAME = ? ORDER BY CAST(TABLE_NAME AS BINARY) = CAST(? AS BINARY) DESC LIMIT 1
        """;

    private const string ColumnsSql = """
        SELECT COLUMN_NAME, CASE WHEN DATA_TYPE = 'binary' AND CHARACTER_MAXIMUM_LENGTH = 0 THEN 'null'
            WHEN COLUMN_TYPE LIKE '% unsigned%' AND DATA_TYPE NOT IN ('enum', 'set') THEN concat(DATA_TYPE, ' unsigned') ELSE DATA_TYPE END
        FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ?
        """;

    private const string KeySql = """
        SELECT count(*) > 0, coalesce(max(s.NON_UNIQUE = 0 AND s.SUB_PART IS NULL AND c.IS_NULLABLE = 'NO' AND NOT EXISTS (
            SELECT 1 FROM information_schema.STATISTICS more
            WHERE more.TABLE_SCHEMA = s.TABLE_SCHEMA AND more.TABLE_NAME = s.TABLE_NAME AND more.INDEX_NAME = s.INDEX_NAME AND more.SEQ_IN_INDEX = 2)), 0)
        FROM information_schema.STATISTICS s JOIN information_schema.COLUMNS c USING (TABLE_SCHEMA, TABLE_NAME, COLUMN_NAME)
        WHERE s.TABLE_SCHEMA = ? AND s.TABLE_NAME = ? AND s.COLUMN_NAME = ? AND s.SEQ_IN_INDEX = 1
        """;

    /// <exception cref="FeedRejectedException">No such table, a column missing or unreadable, or a key that is no integer.</exception>
    public static async Task<SourceTable> DescribeAsync(MySqlSession session, string table, SourceRefusal refusal, CancellationToken cancellationToken)
    {
        var parts = table.Split('.').Select(part => part.Trim('`', '"')).ToList();
        var tables = await session.RowsAsync(NameSql, [parts.Count > 1 ? parts[0] : "", parts[^1], parts[^1]],
            row => (Schema: row.GetString(0), Name: row.GetString(1), IsTable: row.GetInt64(2) == 1, Engine: row.GetString(3)), cancellationToken);
        if (tables.Count == 0)
        {
            await AskTheTableAsync(session, string.Join('.', parts.Select(Quoted)), refusal, cancellationToken);
            throw refusal.NoTable();
        }

        var (schema, name, isTable, engine) = tables[0];
        var sql = $"{Quoted(schema)}.{Quoted(name)}";
        // Column names have no case here.
        var found = await session.RowsAsync(ColumnsSql, [schema, name], row => (Name: row.GetString(0).ToLowerInvariant(), Type: ForeignText.InOneLine(row.GetString(1))), cancellationToken);
        var json = session.IsMariaDb ? await JsonColumnsAsync(session, sql, isTable, [.. found.Where(column => FacilityColumns.All.Contains(column.Name) && MySqlTypes.IsText(column.Type)).Select(column => column.Name)], cancellationToken) : [];
        var columns = refusal.Readable(found.Select(column => new SourceColumn(column.Name, column.Type, MySqlTypes.FormOf(column.Name, json.Contains(column.Name) ? MySqlTypes.Json : column.Type))));
        var key = await session.RowAsync(KeySql, [schema, name, FacilityColumns.Key], row => (HasIndex: row.GetInt64(0) == 1, IsUnique: row.GetInt64(1) == 1), cancellationToken);
        return new SourceTable(sql, columns, key.IsUnique, isTable ? [.. Warnings(refusal, sql, engine, key.HasIndex)] : []);
    }

    /// <summary>
    /// MariaDB's JSON is text that the server itself knows for JSON, by a check of the table's or as what a function returns; its information
    /// schema does not say so, and shows a check only to who may do more than read. But its functions put JSON into JSON as it is, and
    /// text in quotes, which can be seen of a constant in the column's place: no row is read, nor a view evaluated.
    /// </summary>
    private static async Task<HashSet<string>> JsonColumnsAsync(MySqlSession session, string sql, bool isTable, string[] texts, CancellationToken cancellationToken)
    {
        if (texts.Length == 0)
        {
            return [];
        }

        var asked = string.Join(", ", texts.Select(column => $"""JSON_ARRAY(IF(t.{column} IS NULL, JSON_COMPACT('"x"'), t.{column}))"""));
        try
        {
            // A view that groups would be evaluated without the limit; a table would be copied, empty, for the sake of it.
            var none = isTable ? sql : $"(SELECT {string.Join(", ", texts)} FROM {sql} LIMIT 0)";
            return await session.RowAsync($"SELECT {asked} FROM (SELECT 1) AS one LEFT JOIN {none} AS t ON 1 = 0", [],
                row => texts.Where((_, column) => row.GetString(column) == """["x"]""").ToHashSet(), cancellationToken);
        }
        catch (MySqlException old) when (old.ErrorCode == MySqlErrorCode.StoredProcedureDoesNotExist)
        {
            // A server from before it had JSON.
            return [];
        }
    }

    /// <summary>The information schema hides what the user may not read; the table itself says which it is.</summary>
    private static async Task AskTheTableAsync(MySqlSession session, string sql, SourceRefusal refusal, CancellationToken cancellationToken)
    {
        try
        {
            await session.NumberAsync($"SELECT 1 FROM {sql} LIMIT 0", cancellationToken);
        }
        catch (MySqlException missing) when (missing.ErrorCode is MySqlErrorCode.NoSuchTable or MySqlErrorCode.UnknownDatabase)
        {
            throw refusal.NoTable();
        }
    }

    private static IEnumerable<string> Warnings(SourceRefusal refusal, string sql, string engine, bool hasKeyIndex)
    {
        if (!hasKeyIndex)
        {
            yield return refusal.NoKeyIndex($"ALTER TABLE {ForeignText.InOneLine(sql)} ADD UNIQUE INDEX ({FacilityColumns.Key})");
        }

        if (engine is "MyISAM" or "Aria" or "MEMORY" or "CSV")
        {
            yield return refusal.NoSnapshots(engine);
        }
    }

    private static string Quoted(string name) => $"`{name.Replace("`", "``", StringComparison.Ordinal)}`";
}
