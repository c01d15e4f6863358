using System.Transactions;

namespace FacilityFeed.Infrastructure.Ledger;

/// <summary>
/// The transaction that ledger rows and Hangfire jobs share. It stays one PostgreSQL transaction only while both come from
/// the same data source, one connection is closed before the next opens, and nothing else connects inside it.
/// </summary>
public static class LedgerTransaction
{
    private static readonly TransactionOptions _options = new()
    {
        // The default, Serializable, would hide other sessions' commits from Hangfire's locks.
        IsolationLevel = IsolationLevel.ReadCommitted,
        Timeout = TimeSpan.FromMinutes(5),
    };

    public static TransactionScope Begin() => new(TransactionScopeOption.Required, _options, TransactionScopeAsyncFlowOption.Enabled);
}
