using Npgsql;

namespace FacilityFeed.Scheduler.Watching;

/// <summary>Says again and again that an attempt lives, and cancels it when it was overtaken or its run is over.</summary>
internal sealed partial class Pulse : IAsyncDisposable
{
    private static readonly TimeSpan _lookInterval = TimeSpan.FromSeconds(2);

    private readonly CancellationTokenSource _work;
    private readonly CancellationTokenSource _stop = new();
    private readonly string _what;
    private readonly ILogger _log;
    private readonly Func<CancellationToken, Task<bool>>? _look;
    private readonly Task _beating;

    /// <param name="what">Names the attempt, for messages.</param>
    /// <param name="beat">Tells the ledger; answers false when the attempt should stop.</param>
    /// <param name="look">Asks the ledger between two beats, without writing, so that an attempt that is over notices soon; null: nobody asks.</param>
    /// <param name="interval">Between two beats.</param>
    /// <param name="time">The clock of the interval.</param>
    /// <param name="log">Gets what did not reach the ledger.</param>
    /// <param name="cancellationToken">Cancels the attempt.</param>
    public Pulse(string what, Func<CancellationToken, Task<bool>> beat, Func<CancellationToken, Task<bool>>? look, TimeSpan interval, TimeProvider time, ILogger log, CancellationToken cancellationToken)
    {
        _what = what;
        _look = look;
        _log = log;
        _work = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _beating = BeatAsync(beat, interval, time);
    }

    /// <summary>Cancelled with the job, or when the attempt should stop.</summary>
    public CancellationToken Token => _work.Token;

    /// <summary>Whether the attempt was told to stop because it no longer counts.</summary>
    public bool IsOver { get; private set; }

    /// <summary>The last look, before an object becomes visible.</summary>
    /// <exception cref="OperationCanceledException">The attempt no longer counts, or was told to stop.</exception>
    public async Task CheckAsync()
    {
        Token.ThrowIfCancellationRequested();
        if (_look is not null && !await TryAskAsync(_look))
        {
            IsOver = true;
            throw new OperationCanceledException();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _beating;
        _work.Dispose();
        _stop.Dispose();
    }

    /// <summary>Tells the ledger that the attempt is at rest. Without that word it is only taken for silent, and replaced.</summary>
    public async Task RestAsync(Func<Task> rest)
    {
        try
        {
            await rest();
        }
        catch (NpgsqlException away)
        {
            LogMissed(_what, away.Message);
        }
    }

    private async Task BeatAsync(Func<CancellationToken, Task<bool>> beat, TimeSpan interval, TimeProvider time)
    {
        using var timer = new PeriodicTimer(_look is null || interval < _lookInterval ? interval : _lookInterval, time);
        var lastBeat = time.GetTimestamp();
        try
        {
            while (await timer.WaitForNextTickAsync(_stop.Token))
            {
                // A tick that comes a little early is no reason to miss a beat.
                var isBeat = _look is null || time.GetElapsedTime(lastBeat) + (timer.Period / 2) >= interval;
                lastBeat = isBeat ? time.GetTimestamp() : lastBeat;
                if (!await TryAskAsync(isBeat ? beat : _look!))
                {
                    IsOver = true;
                    await _work.CancelAsync();
                    return;
                }
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The attempt has ended.
        }
    }

    private async Task<bool> TryAskAsync(Func<CancellationToken, Task<bool>> ask)
    {
        try
        {
            return await ask(_stop.Token);
        }
        catch (NpgsqlException away)
        {
            // A missed beat is no verdict: the next one, or the end of the attempt, will tell.
            LogMissed(_what, away.Message);
            return true;
        }
    }

    [LoggerMessage(4001, LogLevel.Warning, "{What}: a sign of life did not reach the ledger ({Reason})")]
    private partial void LogMissed(string what, string reason);
}
