using FacilityFeed.Infrastructure.Ledger;
using Npgsql;

namespace FacilityFeed.Scheduler.Exporting;

/// <summary>Says every 10 seconds that an attempt lives, and cancels it within two when it was overtaken or its run is over.</summary>
internal sealed partial class ChunkPulse : IAsyncDisposable
{
    private static readonly TimeSpan _interval = TimeSpan.FromSeconds(2);

    /// <summary>Of so many looks one is a beat, which writes.</summary>
    private const int LooksPerBeat = 5;

    private readonly ChunkLedger _chunks;
    private readonly ChunkClaim _claim;
    private readonly CancellationTokenSource _work;
    private readonly CancellationTokenSource _stop = new();
    private readonly ILogger _log;
    private readonly Task _beating;

    public ChunkPulse(ChunkLedger chunks, ChunkClaim claim, TimeProvider time, ILogger log, CancellationToken cancellationToken)
    {
        _chunks = chunks;
        _claim = claim;
        _log = log;
        _work = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _beating = BeatAsync(time);
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
        if (!await TryAskAsync(_chunks.IsCurrentAsync))
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

    private async Task BeatAsync(TimeProvider time)
    {
        using var timer = new PeriodicTimer(_interval, time);
        try
        {
            for (var look = 1; await timer.WaitForNextTickAsync(_stop.Token); look++)
            {
                if (!await TryAskAsync(look % LooksPerBeat == 0 ? _chunks.BeatAsync : _chunks.IsCurrentAsync))
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

    private async Task<bool> TryAskAsync(Func<ChunkClaim, CancellationToken, Task<bool>> ask)
    {
        try
        {
            return await ask(_claim, _stop.Token);
        }
        catch (NpgsqlException away)
        {
            // A missed beat is no verdict: the next one, or the end of the attempt, will tell.
            LogMissed(_claim.RunId, _claim.Number, away.Message);
            return true;
        }
    }

    [LoggerMessage(4001, LogLevel.Warning, "Run {RunId} chunk {Chunk}: a heartbeat did not reach the ledger ({Reason})")]
    private partial void LogMissed(long runId, int chunk, string reason);
}
