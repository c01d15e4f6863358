using FacilityFeed.Domain;
using FacilityFeed.Domain.Reading;
using Npgsql;

namespace FacilityFeed.Infrastructure.Reading;

/// <summary>What the catalogue says about the table or view a feed reads.</summary>
/// <param name="Sql">The quoted name.</param>
/// <param name="HasUniqueKey">A unique index and NOT NULL vouch for the key, so that it need not be counted.</param>
/// <param name="HasKeyIndex">Some index begins with the key, so that key jumps are cheap.</param>
/// <param name="IsTable">A table, as opposed to a view or foreign table, whose index nobody can see.</param>
internal sealed record PostgresTable(string Sql, bool HasUniqueKey, bool HasKeyIndex, bool IsTable)
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
    public static async Task<PostgresTable> DescribeAsync(NpgsqlConnection connection, string table, SourceOptions source, CancellationToken cancellationToken)
    {
        var sql = string.Join('.', table.Split('.').Select(part => $"\"{part.Trim('"').Replace("\"", "\"\"", StringComparison.Ordinal)}\""));
        var types = await ReadColumnsAsync(connection, sql, cancellationToken);
        if (types.Count == 0)
        {
            throw new FeedRejectedException($"{source.Where} has no table or view {table}, or user '{source.User}' may not see it: Table (Feeds:FEED:Table) is '{table}': check it, DB_NAME (Source:Database) and the rights");
        }

        var missing = FacilityColumns.All.Where(column => !types.ContainsKey(column)).ToList();
        if (missing.Count > 0)
        {
            throw new FeedRejectedException($"{table} in {source.Where} lacks the column{(missing.Count > 1 ? "s" : "")} {string.Join(", ", missing)}: add {(missing.Count > 1 ? "them" : "it")}, or let Table (Feeds:FEED:Table) name a view that has them");
        }

        if (!_integers.Contains(types[FacilityColumns.Key]))
        {
            throw new FeedRejectedException($"{table}.{FacilityColumns.Key} in {source.Where} is {types[FacilityColumns.Key]}: it must be integer or bigint, so that the table can be cut into key ranges");
        }

        await using var command = new NpgsqlCommand(KeySql, connection) { Parameters = { new() { Value = sql }, new() { Value = FacilityColumns.Key } } };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return new PostgresTable(sql, IsTable: reader.GetBoolean(0), HasKeyIndex: reader.GetBoolean(1), HasUniqueKey: reader.GetBoolean(2));
    }

    private static async Task<Dictionary<string, string>> ReadColumnsAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(ColumnsSql, connection) { Parameters = { new() { Value = sql } } };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var types = new Dictionary<string, string>(StringComparer.Ordinal);
        while (await reader.ReadAsync(cancellationToken))
        {
            types[reader.GetString(0)] = reader.GetString(1);
        }

        return types;
    }
}
