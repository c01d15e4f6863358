using FacilityFeed.Domain;
using FacilityFeed.Domain.Planning;
using FacilityFeed.Domain.Reading;

namespace FacilityFeed.Infrastructure.Reading;

/// <summary>The keys of a table at one moment; proves first that they are there and unique.</summary>
internal sealed class KeySnapshot : IKeySnapshot
{
    private const string Key = FacilityColumns.Key;

    private readonly SourceSession _session;
    private readonly FailureGuard _guard;
    private readonly SourceOptions _options;
    private readonly string _jumpSql;
    private readonly long _opened = TimeProvider.System.GetTimestamp();

    private KeySnapshot(SourceSession session, SourceTable described, SqlDialect sql, FailureGuard guard, SourceOptions options)
    {
        _session = session;
        _guard = guard;
        _options = options;
        Warnings = described.Warnings;
        // Ordered by the column itself: a bare name would mean the cast one, which no index of an integer column serves.
        _jumpSql = $"SELECT {sql.Number($"t.{Key}")} FROM {described.Sql} t WHERE t.{Key} {sql.Operator(">=")} {sql.Parameter(1)} AND t.{Key} {sql.Operator("<=")} {sql.Parameter(2)} ORDER BY t.{Key} LIMIT 1 OFFSET {sql.Parameter(3)}";
    }

    public long Count { get; private set; }

    public long FirstId { get; private set; }

    public long LastId { get; private set; }

    public IReadOnlyList<string> Warnings { get; }

    /// <exception cref="FeedRejectedException">Keys that are NULL or doubled.</exception>
    public static async Task<KeySnapshot> TakeAsync(SourceSession session, SourceTable described, SourceRefusal refusal, SqlDialect sql, FailureGuard guard, SourceOptions options, CancellationToken cancellationToken)
    {
        if (!described.HasUniqueKey)
        {
            await RefuseBadKeysAsync(session, described, refusal, sql, cancellationToken);
        }

        async Task<long> AskAsync(string what) => await session.NumberAsync($"SELECT {what} FROM {described.Sql}", cancellationToken) ?? 0;

        var snapshot = new KeySnapshot(session, described, sql, guard, options) { Count = await AskAsync($"{sql.Function("count")}(*)") };
        if (snapshot.Count > 0)
        {
            snapshot.FirstId = await AskAsync(sql.Number($"{sql.Function("min")}({Key})"));
            snapshot.LastId = await AskAsync(sql.Number($"{sql.Function("max")}({Key})"));
        }

        return snapshot;
    }

    // Each has its own end, for many slow ones are an honest plan; and all together one, for two thousand that are dragged out would take days.
    public async Task<long?> JumpAsync(long fromId, int rows, CancellationToken cancellationToken) => await _guard.RunAsync(async () =>
    {
        var left = _options.JumpsLimit - TimeProvider.System.GetElapsedTime(_opened);
        var isLast = left < _options.StatementLimit;
        try
        {
            return await TimeLimit.RunAsync(stop => _session.NumberAsync(_jumpSql, stop, fromId, LastId, rows - 1L), !isLast ? _options.StatementLimit : left > TimeSpan.Zero ? left : TimeSpan.Zero, cancellationToken, _session.HangUp);
        }
        catch (OverdueException) when (isLast)
        {
            throw new OverdueException(_options.JumpsLimit);
        }
    });

    public ValueTask DisposeAsync() => _session.DisposeAsync();

    private static async Task RefuseBadKeysAsync(SourceSession session, SourceTable described, SourceRefusal refusal, SqlDialect sql, CancellationToken cancellationToken)
    {
        var nulls = await session.NumberAsync($"SELECT {sql.Function("count")}(*) FROM {described.Sql} WHERE {Key} IS NULL", cancellationToken) ?? 0;
        if (nulls > 0)
        {
            throw refusal.NullKeys(nulls, await session.ListAsync(
                $"SELECT coalesce({sql.Function("left")}({sql.Text("name")}, {SourceRefusal.Shown}), '(no name)') FROM {described.Sql} WHERE {Key} IS NULL LIMIT {SourceRefusal.Named}", cancellationToken));
        }

        var doubled = await session.ListAsync(
            $"SELECT {sql.Text($"t.{Key}")} FROM {described.Sql} t GROUP BY t.{Key} HAVING {sql.Function("count")}(*) {sql.Operator(">")} 1 ORDER BY t.{Key} LIMIT {SourceRefusal.Named}", cancellationToken);
        if (doubled.Length > 0)
        {
            throw refusal.DoubledKeys(doubled);
        }
    }
}
