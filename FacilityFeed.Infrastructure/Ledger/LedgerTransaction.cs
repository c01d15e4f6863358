using System.Transactions;
using FacilityFeed.Domain.Feeds;

namespace FacilityFeed.Infrastructure.Ledger;

/// <summary>
/// The transaction that ledger rows and Hangfire jobs share. It stays one PostgreSQL transaction only while both come from
/// the same data source, one connection is closed before the next opens, and nothing else connects inside it.
/// </summary>
public static class LedgerTransaction
{
    /// <summary>Of a transaction that makes few jobs, or none: a few statements, each of which may wait for a lock.</summary>
    private static readonly TimeSpan _least = TimeSpan.FromMinutes(5);

    // Before the first of them begins: .NET cuts every longer limit down to this one, by itself ten minutes, without a word.
    static LedgerTransaction() => TransactionManager.MaximumTimeout = LimitFor(FeedDefinition.MostChunks);

    /// <summary>Begins the transaction, or joins the one that is there.</summary>
    /// <param name="jobs">How many jobs are made in it.</param>
    public static TransactionScope Begin(int jobs = 1) => new(TransactionScopeOption.Required, new TransactionOptions
    {
        // The default, Serializable, would hide other sessions' commits from Hangfire's locks.
        IsolationLevel = IsolationLevel.ReadCommitted,
        Timeout = LimitFor(jobs),
    }, TransactionScopeAsyncFlowOption.Enabled);

    /// <summary>
    /// How long a transaction may take that makes so many jobs, before it is rolled back. Hangfire makes them one by one and asks four times for each,
    /// so a database far away takes its time: half a second a job is enough for answers that come after 120 ms.
    /// </summary>
    public static TimeSpan LimitFor(int jobs) => TimeSpan.FromMinutes(1) + (jobs * TimeSpan.FromSeconds(0.5)) is var limit && limit > _least ? limit : _least;

    /// <summary>Whether something failed because its transaction had taken longer than it may.</summary>
    public static bool IsOverdue(Exception? failure) =>
        failure is TransactionException { InnerException: TimeoutException } || (failure is not null && IsOverdue(failure.InnerException));
}
