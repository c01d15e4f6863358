using FacilityFeed.Domain;
using FacilityFeed.Domain.Exporting;
using FacilityFeed.Infrastructure;
using FacilityFeed.Infrastructure.Ledger;

namespace FacilityFeed.Scheduler.Watching;

/// <summary>
/// Says again and again that an attempt lives; cancels it when it was overtaken or its run is over, and gives it up when it hangs:
/// these beats would go on for ever, and Hangfire never gives up a worker of a living process.
/// </summary>
public sealed partial class Pulse : IAsyncDisposable
{
    private static readonly TimeSpan _lookInterval = TimeSpan.FromSeconds(2);

    private readonly CancellationTokenSource _work;
    private readonly CancellationTokenSource _stop = new();
    private readonly string _what;
    private readonly ILogger _log;
    private readonly Func<CancellationToken, Task<bool>>? _look;
    private readonly WatchTimes _times;
    private readonly Headway _headway = new();
    private readonly TaskCompletionSource<string> _hung = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _beating;

    /// <param name="what">Names the attempt, for messages.</param>
    /// <param name="beat">Tells the ledger; answers false when the attempt should stop.</param>
    /// <param name="look">Asks the ledger between two beats, without writing, so that an attempt that is over notices soon; null: nobody asks.</param>
    /// <param name="times">How often it beats, and when it gives up.</param>
    /// <param name="time">The clock of the beats.</param>
    /// <param name="log">Gets what did not reach the ledger.</param>
    /// <param name="cancellationToken">Cancels the attempt.</param>
    public Pulse(string what, Func<CancellationToken, Task<bool>> beat, Func<CancellationToken, Task<bool>>? look, WatchTimes times, TimeProvider time, ILogger log, CancellationToken cancellationToken)
    {
        _times = times;
        _what = what;
        _look = look;
        _log = log;
        _work = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _beating = BeatAsync(beat, time);
    }

    /// <summary>Cancelled with the job, or when the attempt should stop.</summary>
    public CancellationToken Token => _work.Token;

    /// <summary>Whether the attempt was told to stop because it no longer counts.</summary>
    public bool IsOver { get; private set; }

    /// <summary>Does the work of the attempt on another thread than the caller's, which so stays free whatever hangs.</summary>
    /// <exception cref="FeedException">It hangs (<see cref="Headway"/>): the work was left alone. Should it wake up, it counts until the next attempt is taken.</exception>
    public async Task<T> WatchAsync<T>(Func<Task<T>> work)
    {
        var working = Task.Run(() =>
        {
            _headway.Follow();
            return work();
        });
        await Task.WhenAny(working, _hung.Task);
        if (!_hung.Task.IsCompleted || working.IsCompletedSuccessfully)
        {
            return await working;
        }

        _ = LogWakeningAsync(working);
        throw new FeedException($"{_what}: {await _hung.Task}, so this attempt is given up and made again. See what its database, its store or the machine's disks were waiting for");
    }

    private async Task LogWakeningAsync(Task left)
    {
        await left.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        LogWoken(_what, left.Exception?.InnerException is { } failure ? StateFailure.Explain(failure) : "it came to its end");
    }

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
        // A beat may hang as well, and must not hold the worker.
        await Task.WhenAny(_beating, Task.Delay(TimeLimit.Grace));
        if (!_hung.Task.IsCompleted && _beating.IsCompleted)
        {
            _work.Dispose();
            _stop.Dispose();
        }

        // Otherwise the work that was left alone may wake up and still ask for both.
    }

    /// <summary>Tells the ledger that the attempt is at rest. Without that word it is only taken for silent, and replaced.</summary>
    public async Task RestAsync(Func<Task> rest)
    {
        try
        {
            await rest();
        }
        catch (Exception away) when (StateFailure.IsOne(away))
        {
            LogMissed(_what, StateFailure.Explain(away));
        }
    }

    private async Task BeatAsync(Func<CancellationToken, Task<bool>> beat, TimeProvider time)
    {
        var interval = _times.Beat;
        using var timer = new PeriodicTimer(_look is null || interval < _lookInterval ? interval : _lookInterval, time);
        var lastBeat = time.GetTimestamp();
        var asking = Task.CompletedTask;
        try
        {
            while (await timer.WaitForNextTickAsync(_stop.Token))
            {
                // Counted in ticks: a process that was stopped itself has not seen them, and its work is not hung.
                if (_headway.Pass(timer.Period, _times.Stall, _times.Margin) is { } what)
                {
                    _hung.SetResult(what);
                    // Not waited for: what hangs may hang in its cancellation too.
                    _ = _work.CancelAsync();
                    return;
                }

                // Not waited for here: while the ledger does not answer, the work may hang as well.
                if (!IsOver && asking.IsCompleted)
                {
                    // A tick that comes a little early is no reason to miss a beat.
                    var isBeat = _look is null || time.GetElapsedTime(lastBeat) + (timer.Period / 2) >= interval;
                    lastBeat = isBeat ? time.GetTimestamp() : lastBeat;
                    asking = AskAsync(isBeat ? beat : _look!);
                }
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The attempt has ended.
        }
        finally
        {
            await asking;
        }
    }

    private async Task AskAsync(Func<CancellationToken, Task<bool>> ask)
    {
        try
        {
            if (!await TryAskAsync(ask))
            {
                IsOver = true;
                // Not waited for, and the ticks go on: what no longer counts may hang all the same.
                _ = _work.CancelAsync();
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
        catch (Exception away) when (StateFailure.IsOne(away))
        {
            // A missed beat is no verdict: the next one, or the end of the attempt, will tell.
            LogMissed(_what, StateFailure.Explain(away));
            return true;
        }
    }

    [LoggerMessage(4001, LogLevel.Warning, "{What}: a sign of life did not reach the ledger ({Reason})")]
    private partial void LogMissed(string what, string reason);

    [LoggerMessage(4005, LogLevel.Warning, "{What}: an attempt that hung and was given up has ended after all: {How}")]
    private partial void LogWoken(string what, string how);
}
