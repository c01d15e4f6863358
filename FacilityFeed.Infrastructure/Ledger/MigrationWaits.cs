using System.Globalization;
using FacilityFeed.Domain;
using Npgsql;

namespace FacilityFeed.Infrastructure.Ledger;

/// <summary>Says what the bringing up to date of the state database's tables waits for: it may be long, and nothing else happens meanwhile.</summary>
/// <param name="connection">To that database.</param>
/// <param name="tell">Is told at once, and again each minute; null: nobody is.</param>
internal sealed class MigrationWaits(NpgsqlConnection connection, Action<string>? tell)
{
    private static readonly TimeSpan _pauseBetween = TimeSpan.FromMinutes(1);

    private long? _told;

    /// <summary>For another process that is at it.</summary>
    public Task ForLockAsync(long key, CancellationToken cancellationToken) => SayAsync(
        "The tables of the state database are being brought up to date by {0}; this process waits for it, and a large ledger takes its time", "another process",
        $"""
        SELECT a.pid, a.application_name, extract(epoch FROM clock_timestamp() - a.backend_start)::bigint
        FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
        WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1 AND (l.classid::bigint << 32 | l.objid::bigint) = {key.ToString(CultureInfo.InvariantCulture)} AND a.datname = current_database()
        LIMIT 1
        """, cancellationToken);

    /// <summary>For somebody who uses a table: a change of it needs a moment in which nobody does.</summary>
    public Task ForTablesAsync(CancellationToken cancellationToken) => SayAsync(
        "The tables of the state database cannot be brought up to date while {0} uses them in a long transaction: it is tried again until that ends; end it to go on at once", "another program",
        """
        SELECT a.pid, a.application_name, extract(epoch FROM clock_timestamp() - a.xact_start)::bigint
        FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid JOIN pg_class c ON c.oid = l.relation JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = 'feed' AND l.granted AND l.pid <> pg_backend_pid() AND a.datname = current_database()
        ORDER BY a.xact_start LIMIT 1
        """, cancellationToken);

    private async Task SayAsync(string what, string unknown, string sql, CancellationToken cancellationToken)
    {
        if (tell is null || (_told is { } told && TimeProvider.System.GetElapsedTime(told) < _pauseBetween))
        {
            return;
        }

        _told = TimeProvider.System.GetTimestamp();
        await using var command = new NpgsqlCommand(sql, connection);
        await using var found = await command.ExecuteReaderAsync(cancellationToken);
        tell(string.Format(CultureInfo.InvariantCulture, what, await found.ReadAsync(cancellationToken) ? Session(found) : unknown));
    }

    // Of sessions of other users the server tells no more than their number, unless ours may see all.
    private static string Session(NpgsqlDataReader found) => string.Create(CultureInfo.InvariantCulture,
        $"session {found.GetInt32(0)}{(found.IsDBNull(1) || found.GetString(1).Length == 0 ? "" : $" ({ForeignText.InOneLine(found.GetString(1))})")}{(found.IsDBNull(2) ? "" : $", which is {TimeSpan.FromSeconds(found.GetInt64(2)):c} old,")}");
}
