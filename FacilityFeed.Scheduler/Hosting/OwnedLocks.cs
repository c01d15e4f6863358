using System.Diagnostics;
using System.Security.Cryptography;
using FacilityFeed.Infrastructure.Ledger;
using Hangfire.PostgreSql;
using Hangfire.Storage;
using Npgsql;
using NpgsqlTypes;

namespace FacilityFeed.Scheduler.Hosting;

/// <summary>
/// Hangfire's locks: rows of its own table, as its storage writes them, but each row says whose it is. Of theirs nobody can tell: when the reply to the
/// insert is lost, its taker waits for itself until the lease is over, and a release that does not reach the database leaves the row as long.
/// </summary>
/// <param name="state">The state database.</param>
/// <param name="schema">Hangfire's schema.</param>
/// <param name="lease">After this long a row does not count any more, by the database's clock.</param>
internal sealed class OwnedLocks(NpgsqlDataSource state, string schema, TimeSpan lease)
{
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan _releasePause = TimeSpan.FromSeconds(1);

    private readonly Dictionary<string, (int Owner, int Times)> _held = new(StringComparer.Ordinal);

    /// <summary>Takes a lock, or takes it once more: the same holder may.</summary>
    /// <exception cref="DistributedLockTimeoutException">Another one holds it.</exception>
    /// <exception cref="NpgsqlException">The state database does not answer. Whatever it has done, no row of this call stays.</exception>
    public IDisposable Acquire(string resource, TimeSpan timeout)
    {
        var (owner, times) = _held.GetValueOrDefault(resource);
        if (times == 0)
        {
            owner = RandomNumberGenerator.GetInt32(1, int.MaxValue);
            Take(resource, owner, timeout);
        }

        _held[resource] = (owner, times + 1);
        return new Holding(() => Release(resource));
    }

    private void Take(string resource, int owner, TimeSpan timeout)
    {
        var start = Stopwatch.GetTimestamp();
        try
        {
            while (!TryTakeTwice(resource, owner))
            {
                var left = timeout - Stopwatch.GetElapsedTime(start);
                if (left <= TimeSpan.Zero)
                {
                    throw new PostgreSqlDistributedLockException(resource);
                }

                Thread.Sleep(left < _pause ? left : _pause);
            }
        }
        catch (Exception away) when (StateFailure.IsOne(away))
        {
            _ = ReleaseLaterAsync(resource, owner);
            throw;
        }
    }

    /// <summary>Once more after a reply that did not come: the row may be ours already, and is known by its owner.</summary>
    private bool TryTakeTwice(string resource, int owner)
    {
        try
        {
            return TryTake(resource, owner);
        }
        catch (Exception lost) when (StateFailure.IsOne(lost))
        {
            return TryTake(resource, owner);
        }
    }

    // One statement, so that nothing comes between looking and taking. Hangfire's storage leaves updatecount at 0.
    private bool TryTake(string resource, int owner)
    {
        using var command = state.CreateCommand($"""
            INSERT INTO "{schema}".lock AS l (resource, updatecount, acquired) VALUES ($1, $2, now())
            ON CONFLICT (resource) DO UPDATE SET updatecount = excluded.updatecount, acquired = excluded.acquired WHERE l.updatecount = excluded.updatecount OR l.acquired < now() - $3
            """);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = resource, NpgsqlDbType = NpgsqlDbType.Text });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = owner });
        command.Parameters.Add(new NpgsqlParameter<TimeSpan> { TypedValue = lease });
        return command.ExecuteNonQuery() == 1;
    }

    private void Release(string resource)
    {
        var (owner, times) = _held[resource];
        if (times > 1)
        {
            _held[resource] = (owner, times - 1);
            return;
        }

        _held.Remove(resource);
        try
        {
            Remove(resource, owner);
        }
        catch (Exception away) when (StateFailure.IsOne(away))
        {
            // What was done under the lock is done.
            _ = ReleaseLaterAsync(resource, owner);
        }
    }

    /// <returns>Whether it was there.</returns>
    private bool Remove(string resource, int owner)
    {
        using var command = state.CreateCommand($"""DELETE FROM "{schema}".lock WHERE resource = $1 AND updatecount = $2""");
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = resource });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = owner });
        return command.ExecuteNonQuery() == 1;
    }

    /// <summary>Until the database has heard it, or need not any more.</summary>
    private async Task ReleaseLaterAsync(string resource, int owner)
    {
        var start = Stopwatch.GetTimestamp();
        using var timer = new PeriodicTimer(_releasePause);
        while (Stopwatch.GetElapsedTime(start) < 2 * lease && await timer.WaitForNextTickAsync())
        {
            try
            {
                if (Remove(resource, owner))
                {
                    return;
                }

                // An insert that hung may come yet; what another one has taken over is left alone.
            }
            catch (Exception away) when (StateFailure.IsOne(away))
            {
                // It is asked again.
            }
            catch (ObjectDisposedException)
            {
                // This process ends.
                return;
            }
        }
    }

    private sealed class Holding(Action release) : IDisposable
    {
        private Action? _release = release;

        public void Dispose() => Interlocked.Exchange(ref _release, null)?.Invoke();
    }
}
