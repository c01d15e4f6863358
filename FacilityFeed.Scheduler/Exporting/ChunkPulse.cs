using FacilityFeed.Infrastructure.Ledger;
using Npgsql;

namespace FacilityFeed.Scheduler.Exporting;

/// <summary>Says every 10 seconds that an attempt lives, and cancels it when it was overtaken or its run is over.</summary>
internal sealed partial class ChunkPulse : IAsyncDisposable
{
    private static readonly TimeSpan _interval = TimeSpan.FromSeconds(10);

    private readonly CancellationTokenSource _work;
    private readonly CancellationTokenSource _stop = new();
    private readonly ILogger _log;
    private readonly Task _beating;

    public ChunkPulse(ChunkLedger chunks, ChunkClaim claim, TimeProvider time, ILogger log, CancellationToken cancellationToken)
    {
        _log = log;
        _work = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _beating = BeatAsync(chunks, claim, time);
    }

    /// <summary>Cancelled with the job, or when the attempt should stop.</summary>
    public CancellationToken Token => _work.Token;

    /// <summary>Whether the attempt was told to stop because it no longer counts.</summary>
    public bool IsOver { get; private set; }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _beating;
        _work.Dispose();
        _stop.Dispose();
    }

    private async Task BeatAsync(ChunkLedger chunks, ChunkClaim claim, TimeProvider time)
    {
        using var timer = new PeriodicTimer(_interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(_stop.Token))
            {
                if (!await TryBeatAsync(chunks, claim))
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

    private async Task<bool> TryBeatAsync(ChunkLedger chunks, ChunkClaim claim)
    {
        try
        {
            return await chunks.BeatAsync(claim, _stop.Token);
        }
        catch (NpgsqlException away)
        {
            // A missed beat is no verdict: the next one, or the end of the attempt, will tell.
            LogMissed(claim.RunId, claim.Number, away.Message);
            return true;
        }
    }

    [LoggerMessage(4001, LogLevel.Warning, "Run {RunId} chunk {Chunk}: a heartbeat did not reach the ledger ({Reason})")]
    private partial void LogMissed(long runId, int chunk, string reason);
}
