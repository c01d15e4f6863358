using System.Diagnostics;
using FacilityFeed.Domain.Exporting;

namespace FacilityFeed.Infrastructure.Reading;

/// <summary>
/// An end for all the waiting for one chunk's rows. What is done with the rows meanwhile counts only until the timer is set the next time; but a server that
/// keeps to its own time-out cannot make us wait longer than that in all.
/// </summary>
internal sealed class WaitLimit : IDisposable
{
    // What is done with the rows of so few waits takes no time that counts.
    private const int WaitsPerTimer = 32;

    private readonly string _what;
    private readonly TimeSpan _limit;
    private readonly CancellationToken _cancelled;
    private readonly CancellationTokenSource _stop;
    private TimeSpan _left;
    private int _waits;

    /// <param name="what">What is waited for, for messages.</param>
    /// <param name="limit">In all.</param>
    /// <param name="hangUp">Closes the connection at the limit.</param>
    /// <param name="cancellationToken">Stops the waiting.</param>
    public WaitLimit(string what, TimeSpan limit, Action hangUp, CancellationToken cancellationToken)
    {
        _what = what;
        _left = _limit = limit;
        _cancelled = cancellationToken;
        _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _stop.Token.UnsafeRegister(_ =>
        {
            if (IsOverdue)
            {
                hangUp();
            }
        }, null);
    }

    /// <summary>Cancelled at the limit too.</summary>
    public CancellationToken Token => _stop.Token;

    private bool IsOverdue => _stop.IsCancellationRequested && !_cancelled.IsCancellationRequested;

    /// <exception cref="OverdueException">The limit is reached.</exception>
    public async ValueTask<T> RunAsync<T>(Func<ValueTask<T>> wait)
    {
        _cancelled.ThrowIfCancellationRequested();
        // Before the wait: what is there already is read at once, and a server that never pauses would not let us come back.
        // Not for each wait, of which there can be one for every row.
        if (_waits++ % WaitsPerTimer == 0)
        {
            _stop.CancelAfter(_left > TimeSpan.Zero ? _left : throw new OverdueException(_limit));
        }

        var start = Stopwatch.GetTimestamp();
        try
        {
            var answer = wait();
            // What has come already is nothing to wait for: most rows are in a buffer.
            using var waiting = answer.IsCompleted ? null : Headway.WaitFor(_what, _left);
            return await answer;
        }
        catch (Exception) when (IsOverdue)
        {
            throw new OverdueException(_limit);
        }
        finally
        {
            _left -= Stopwatch.GetElapsedTime(start);
        }
    }

    public void Dispose() => _stop.Dispose();
}
