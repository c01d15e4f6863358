using Npgsql;

namespace FacilityFeed.Infrastructure.Ledger;

/// <summary>
/// Lets no session into the state database's pool that may only read. A session keeps what the database was at its start, so one that was opened
/// in the seconds of a fail-over would refuse every write for as long as it lives; and Hangfire, which has the same pool, tells nobody of it.
/// </summary>
public static class WritableSessions
{
    private const string AskSql = "SHOW transaction_read_only";

    /// <summary>Seconds: a server that has just answered a login has this one at hand.</summary>
    private const int Patience = 10;

    /// <summary>Opens the pool. Of several hosts (<c>Host=a,b</c>) it takes the one that may be written to.</summary>
    public static NpgsqlDataSource Open(string connectionString) =>
        new NpgsqlDataSourceBuilder(connectionString).UsePhysicalConnectionInitializer(Refuse, session => RefuseAsync(session)).Build();

    /// <summary>Also a standby, and a primary that was demoted, answer so: there every transaction is read-only.</summary>
    /// <exception cref="PostgresException">25006: the session may only read.</exception>
    public static async Task RefuseAsync(NpgsqlConnection session, CancellationToken cancellationToken = default)
    {
        await using var ask = new NpgsqlCommand(AskSql, session) { CommandTimeout = Patience };
        Refuse(await ask.ExecuteScalarAsync(cancellationToken));
    }

    /// <summary>Gives up all sessions of a pool in which one was met that may only read: those that lie idle at once, those at work when they are given back.</summary>
    public static void ClearAfter(Exception failure, NpgsqlDataSource pool)
    {
        if (StateFailure.IsReadOnly(failure))
        {
            pool.Clear();
        }
    }

    private static void Refuse(NpgsqlConnection session)
    {
        using var ask = new NpgsqlCommand(AskSql, session) { CommandTimeout = Patience };
        Refuse(ask.ExecuteScalar());
    }

    private static void Refuse(object? isReadOnly)
    {
        if (isReadOnly is "on")
        {
            throw new PostgresException("every transaction there is read-only", "FATAL", "FATAL", PostgresErrorCodes.ReadOnlySqlTransaction);
        }
    }
}
