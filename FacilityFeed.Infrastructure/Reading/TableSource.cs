using System.Data.Common;
using FacilityFeed.Domain;
using FacilityFeed.Domain.Exporting;
using FacilityFeed.Domain.Planning;
using FacilityFeed.Domain.Reading;

namespace FacilityFeed.Infrastructure.Reading;

/// <summary>A table or view in a database: what reading it has in common whatever the engine. Every read is one session, which is one read-only snapshot.</summary>
internal abstract class TableSource<TSession>(SourceOptions options, string table, SqlDialect dialect) : IFacilitySource
    where TSession : SourceSession
{
    protected SourceOptions Options => options;

    protected string Table => table;

    private string Shown => ForeignText.InOneLine(table);

    protected SourceRefusal Refusal { get; } = new(table, options);

    public async Task CheckAsync(CancellationToken cancellationToken) => await OpenAsync("check", $"looking at {Shown}", Options.OpenLimit, async (session, described, _, stop) =>
    {
        // Reads no row, yet fails as a read would for want of rights, or for a column of an unreadable type.
        await session.NumberAsync($"SELECT {Columns(described)} FROM {described.Sql} t LIMIT 0", stop);
        await session.DisposeAsync();
        return true;
    }, cancellationToken);

    public async Task<IKeySnapshot> OpenKeysAsync(CancellationToken cancellationToken)
    {
        // A view may evaluate its columns for the sake of counting its rows.
        var search = Search(new ChunkRange(0, long.MinValue, long.MaxValue, 0), "plan");
        return await search.RunAsync(
            OpenAsync<IKeySnapshot>("plan", $"planning from {Shown}", Options.PlanLimit, async (session, described, guard, stop) =>
            {
                await RefuseKeysAsync(session, described, stop);
                return await KeySnapshot.TakeAsync(session, described, Refusal, dialect, guard, Options, stop);
            }, cancellationToken), cancellationToken);
    }

    public async Task<IChunkRows> OpenChunkAsync(ChunkRange range, string purpose, CancellationToken cancellationToken)
    {
        var search = Search(range, purpose);
        return new LocatingRows(await search.RunAsync(OpenPartAsync(range, purpose, cancellationToken), cancellationToken), search, rows => SourceTrouble.TooManyRows(Options, What(purpose), rows));
    }

    /// <param name="purpose">Who reads.</param>
    /// <param name="opening">Told of the connection before it is used.</param>
    /// <param name="cancellationToken">Stops it.</param>
    protected abstract Task<TSession> ConnectAsync(string purpose, Action<DbConnection> opening, CancellationToken cancellationToken);

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

    private string What(string purpose) => $"reading {Shown} for {purpose}";

    private BadRowSearch Search(ChunkRange range, string purpose) => new(range, (part, cancellationToken) => OpenPartAsync(part, purpose, cancellationToken), IsOfAValue);

    private Task<IChunkRows> OpenPartAsync(ChunkRange part, string purpose, CancellationToken cancellationToken) =>
        OpenAsync(purpose, What(purpose), Options.OpenLimit, (session, described, guard, stop) => OpenRowsAsync(session, described, part, guard, stop), cancellationToken);

    /// <param name="purpose">Who reads.</param>
    /// <param name="what">What is being done, for messages.</param>
    /// <param name="limit">An end for all of it, whatever the server sends meanwhile.</param>
    /// <param name="open">Does it.</param>
    /// <param name="cancellationToken">Stops it.</param>
    private async Task<T> OpenAsync<T>(string purpose, string what, TimeSpan limit, Func<TSession, SourceTable, FailureGuard, CancellationToken, Task<T>> open, CancellationToken cancellationToken)
    {
        var guard = new FailureGuard(failure => Sort(failure, what));
        DbConnection? connection = null;
        return await guard.RunAsync(async () => await TimeLimit.RunAsync(async stop =>
        {
            TSession session;
            using (Headway.WaitFor($"a session of the {Options.Where}", Options.OpenLimit))
            {
                session = await ConnectAsync(purpose, opened => connection = opened, stop);
            }

            try
            {
                return await open(session, await DescribeAsync(session, stop), guard, stop);
            }
            catch
            {
                await session.DisposeAsync();
                throw;
            }
        }, limit, cancellationToken, () => HangUp.On(connection)));
    }
}
