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
            WHEN COLUMN_TYPE LIKE '% unsigned%' THEN concat(DATA_TYPE, ' unsigned') ELSE DATA_TYPE END
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
        var found = await session.RowsAsync(NameSql, [parts.Count > 1 ? parts[0] : "", parts[^1], parts[^1]],
            row => (Schema: row.GetString(0), Name: row.GetString(1), IsTable: row.GetInt64(2) == 1, Engine: row.GetString(3)), cancellationToken);
        if (found.Count == 0)
        {
            await AskTheTableAsync(session, string.Join('.', parts.Select(Quoted)), refusal, cancellationToken);
            throw refusal.NoTable();
        }

        var (schema, name, isTable, engine) = found[0];
        var columns = await session.RowsAsync(ColumnsSql, [schema, name], row => KeyValuePair.Create(row.GetString(0), row.GetString(1)), cancellationToken);
        // Column names have no case here.
        var types = new Dictionary<string, string>(columns, StringComparer.OrdinalIgnoreCase);
        refusal.RefuseColumns(types, MySqlTypes.Keys);
        if (FacilityColumns.All.FirstOrDefault(column => !MySqlTypes.IsReadable(column, types[column])) is { } unreadable)
        {
            throw refusal.UnreadableColumn(unreadable, types[unreadable]);
        }

        var keys = await session.RowsAsync(KeySql, [schema, name, FacilityColumns.Key], row => (HasIndex: row.GetInt64(0) == 1, IsUnique: row.GetInt64(1) == 1), cancellationToken);
        var sql = $"{Quoted(schema)}.{Quoted(name)}";
        return new SourceTable(sql, types, keys.Single().IsUnique, isTable ? [.. Warnings(refusal, sql, engine, keys.Single().HasIndex)] : []);
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
            yield return refusal.NoKeyIndex($"ALTER TABLE {sql} ADD UNIQUE INDEX ({FacilityColumns.Key})");
        }

        if (engine is "MyISAM" or "Aria" or "MEMORY" or "CSV")
        {
            yield return refusal.NoSnapshots(engine);
        }
    }

    private static string Quoted(string name) => $"`{name.Replace("`", "``", StringComparison.Ordinal)}`";
}
