using FacilityFeed.Domain;
using FacilityFeed.Domain.Planning;
using FacilityFeed.Domain.Reading;
using Npgsql;

namespace FacilityFeed.Infrastructure.Reading;

/// <summary>The keys of a PostgreSQL table at one moment; proves first that they are there and unique.</summary>
internal sealed class PostgresKeySnapshot : IKeySnapshot
{
    private const string Key = FacilityColumns.Key;

    /// <summary>How many bad keys a message names.</summary>
    private const int Named = 10;

    private readonly PostgresSession _session;
    private readonly SourceOptions _options;
    private readonly string _table;
    private readonly string _jumpSql;

    private PostgresKeySnapshot(PostgresSession session, PostgresTable described, string table, SourceOptions options)
    {
        _session = session;
        _options = options;
        _table = table;
        // Ordered by the column itself: a bare name would mean the cast one, which no index of an integer column serves.
        _jumpSql = $"SELECT t.{Key}::bigint FROM {described.Sql} t WHERE t.{Key} >= $1 AND t.{Key} <= $2 ORDER BY t.{Key} OFFSET $3 LIMIT 1";
    }

    public long Count { get; private set; }

    public long FirstId { get; private set; }

    public long LastId { get; private set; }

    public IReadOnlyList<string> Warnings { get; private set; } = [];

    public static async Task<PostgresKeySnapshot> TakeAsync(PostgresSession session, PostgresTable described, string table, SourceOptions options, CancellationToken cancellationToken)
    {
        if (!described.HasUniqueKey)
        {
            await RefuseBadKeysAsync(session, described, table, options, cancellationToken);
        }

        var snapshot = new PostgresKeySnapshot(session, described, table, options);
        snapshot.Count = await session.ScalarAsync<long>($"SELECT count(*) FROM {described.Sql}", cancellationToken);
        if (snapshot.Count > 0)
        {
            snapshot.FirstId = await session.ScalarAsync<long>($"SELECT min({Key})::bigint FROM {described.Sql}", cancellationToken);
            snapshot.LastId = await session.ScalarAsync<long>($"SELECT max({Key})::bigint FROM {described.Sql}", cancellationToken);
        }

        if (described.IsTable && !described.HasKeyIndex)
        {
            snapshot.Warnings = [$"{table}.{Key} has no index, so every chunk reads the whole table: CREATE UNIQUE INDEX ON {described.Sql} ({Key})"];
        }

        return snapshot;
    }

    public async Task<long?> JumpAsync(long fromId, int rows, CancellationToken cancellationToken)
    {
        try
        {
            return await _session.ScalarAsync<long?>(_jumpSql, cancellationToken, fromId, LastId, rows - 1L);
        }
        catch (Exception failure) when (PostgresFailure.IsOne(failure))
        {
            throw PostgresFailure.Sort(failure, _options, $"planning from {_table}");
        }
    }

    public ValueTask DisposeAsync() => _session.DisposeAsync();

    private static async Task RefuseBadKeysAsync(PostgresSession session, PostgresTable described, string table, SourceOptions options, CancellationToken cancellationToken)
    {
        var nulls = await session.ScalarAsync<long>($"SELECT count(*) FROM {described.Sql} WHERE {Key} IS NULL", cancellationToken);
        if (nulls > 0)
        {
            var names = await ListAsync(session, $"SELECT coalesce(left(name::text, 40), '(no name)') FROM {described.Sql} WHERE {Key} IS NULL LIMIT {Named}", cancellationToken);
            throw new FeedRejectedException($"{table} in {options.Where} has {nulls} row{(nulls > 1 ? "s" : "")} whose {Key} is NULL (name: {names}): give each row its own {Key}");
        }

        var doubled = await ListAsync(session, $"SELECT t.{Key}::text FROM {described.Sql} t GROUP BY t.{Key} HAVING count(*) > 1 ORDER BY t.{Key} LIMIT {Named}", cancellationToken);
        if (doubled.Length > 0)
        {
            throw new FeedRejectedException($"{table} in {options.Where} has more than one row for {Key} {doubled}: give each row its own {Key}");
        }
    }

    private static async Task<string> ListAsync(PostgresSession session, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, session.Connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var values = new List<string>();
        while (await reader.ReadAsync(cancellationToken))
        {
            values.Add(reader.GetString(0));
        }

        return string.Join(", ", values);
    }
}
