using FacilityFeed.Domain;
using FacilityFeed.Domain.Planning;
using FacilityFeed.Domain.Reading;

namespace FacilityFeed.Infrastructure.Reading;

/// <summary>A table or view in a database: what reading it has in common whatever the engine. Every read is one session, which is one read-only snapshot.</summary>
internal abstract class TableSource<TSession>(SourceOptions options, string table, SqlDialect dialect) : IFacilitySource
    where TSession : SourceSession
{
    protected SourceOptions Options => options;

    protected string Table => table;

    protected SourceRefusal Refusal { get; } = new(table, options);

    public async Task CheckAsync(CancellationToken cancellationToken) => await OpenAsync("check", $"looking at {table}", async (session, described, _) =>
    {
        // Reads no row, yet fails as a read would for want of rights, or for a column of an unreadable type.
        await session.NumberAsync($"SELECT {Columns(described)} FROM {described.Sql} t LIMIT 0", cancellationToken);
        await session.DisposeAsync();
        return true;
    }, cancellationToken);

    public async Task<IKeySnapshot> OpenKeysAsync(CancellationToken cancellationToken)
    {
        // A view may evaluate its columns for the sake of counting its rows.
        var search = Search(new ChunkRange(0, long.MinValue, long.MaxValue, 0), "plan");
        return await search.RunAsync(
            OpenAsync<IKeySnapshot>("plan", $"planning from {table}", async (session, described, guard) =>
            {
                await RefuseKeysAsync(session, described, cancellationToken);
                return await KeySnapshot.TakeAsync(session, described, Refusal, dialect, guard, cancellationToken);
            }, cancellationToken), cancellationToken);
    }

    public async Task<IChunkRows> OpenChunkAsync(ChunkRange range, string purpose, CancellationToken cancellationToken)
    {
        var search = Search(range, purpose);
        return new LocatingRows(await search.RunAsync(OpenPartAsync(range, purpose, cancellationToken), cancellationToken), search);
    }

    protected abstract Task<TSession> ConnectAsync(string purpose, CancellationToken cancellationToken);

    /// <exception cref="FeedRejectedException">No such table, a column missing, or a key that is no integer.</exception>
    protected abstract Task<SourceTable> DescribeAsync(TSession session, CancellationToken cancellationToken);

    /// <summary>What is selected of each column, in the order of <see cref="FacilityColumns.All"/>.</summary>
    protected abstract string Columns(SourceTable described);

    /// <summary>Refuses keys that only this engine can have.</summary>
    protected virtual Task RefuseKeysAsync(TSession session, SourceTable described, CancellationToken cancellationToken) => Task.CompletedTask;

    protected abstract Task<IChunkRows> OpenRowsAsync(TSession session, SourceTable described, ChunkRange range, FailureGuard guard, CancellationToken cancellationToken);

    /// <summary>Null when <paramref name="failure"/> is none of the database's.</summary>
    protected abstract FeedException? Sort(Exception failure, string what);

    /// <summary>Whether one value may be the reason, so that it is worth looking for its row.</summary>
    protected abstract bool IsOfAValue(Exception failure);

    private BadRowSearch Search(ChunkRange range, string purpose) => new(range, (part, cancellationToken) => OpenPartAsync(part, purpose, cancellationToken), IsOfAValue);

    private Task<IChunkRows> OpenPartAsync(ChunkRange part, string purpose, CancellationToken cancellationToken) =>
        OpenAsync(purpose, $"reading {table} for {purpose}", (session, described, guard) => OpenRowsAsync(session, described, part, guard, cancellationToken), cancellationToken);

    private async Task<T> OpenAsync<T>(string purpose, string what, Func<TSession, SourceTable, FailureGuard, Task<T>> open, CancellationToken cancellationToken)
    {
        var guard = new FailureGuard(failure => Sort(failure, what));
        return await guard.RunAsync(async () =>
        {
            var session = await ConnectAsync(purpose, cancellationToken);
            try
            {
                return await open(session, await DescribeAsync(session, cancellationToken), guard);
            }
            catch
            {
                await session.DisposeAsync();
                throw;
            }
        });
    }
}
