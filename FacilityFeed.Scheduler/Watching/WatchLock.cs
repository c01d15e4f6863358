using FacilityFeed.Infrastructure.Ledger;
using Npgsql;

namespace FacilityFeed.Scheduler.Watching;

/// <summary>Lets one process at a time watch. Held by a connection of its own, so that a process that dies lets go.</summary>
public sealed class WatchLock : IAsyncDisposable
{
    /// <summary>Any number of ours; the same for all instances.</summary>
    private const long Number = 0x0FAC_FEED_0002;

    private readonly NpgsqlConnection _holder;

    private WatchLock(NpgsqlConnection holder) => _holder = holder;

    /// <returns>Null when another process watches right now.</returns>
    public static async Task<WatchLock?> TryTakeAsync(Databases databases, CancellationToken cancellationToken)
    {
        var own = new NpgsqlConnectionStringBuilder(databases.StateConnectionString) { Pooling = false, Enlist = false, ApplicationName = "facilityfeed watcher" };
        var holder = new NpgsqlConnection(own.ConnectionString);
        try
        {
            await holder.OpenAsync(cancellationToken);
            // Of a database that may only be read nothing is judged: it may be the one before the fail-over, and behind.
            await WritableSessions.RefuseAsync(holder, cancellationToken);
            // A process that is stopped in the middle of a look must not keep the others from looking: its session ends by itself
            // (PostgreSQL 14 or later). The driver's own sign of life keeps the session of a living one.
            await using var take = new NpgsqlCommand($"SELECT set_config(name, '60s', false) FROM pg_settings WHERE name = 'idle_session_timeout'; SELECT pg_try_advisory_lock({Number})", holder);
            await using var answer = await take.ExecuteReaderAsync(cancellationToken);
            await answer.NextResultAsync(cancellationToken);
            await answer.ReadAsync(cancellationToken);
            if (answer.GetBoolean(0))
            {
                return new WatchLock(holder);
            }
        }
        catch
        {
            await holder.DisposeAsync();
            throw;
        }

        await holder.DisposeAsync();
        return null;
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await using var release = new NpgsqlCommand($"SELECT pg_advisory_unlock({Number})", _holder);
            await release.ExecuteNonQueryAsync();
        }
        catch (Exception away) when (StateFailure.IsOne(away))
        {
            // The session is gone, and the lock with it.
        }

        await _holder.DisposeAsync();
    }
}
