namespace FacilityFeed.Scheduler.Hosting;

/// <summary>
/// Logs what holds a run up or ends it. A log of its own, for a command that waits for the run says the same itself and leaves this one out.
/// </summary>
public sealed partial class OutcomeLog(ILoggerFactory logs)
{
    /// <summary>The category of what a waiting command leaves out.</summary>
    public const string Category = "FacilityFeed.Outcome";

    private readonly ILogger _log = logs.CreateLogger(Category);
    private readonly ILogger _troubles = logs.CreateLogger<OutcomeLog>();

    public void Held(long runId, string feed, string reason) => LogHeld(_log, runId, feed, reason);

    public void DidNotGetOn(long runId, string reason) => LogDidNotGetOn(_log, runId, reason);

    public void ChunkFailed(long runId, string feed, int chunk, string reason) => LogChunkFailed(_log, runId, feed, chunk, reason);

    public void ChunksFailed(long runId, string feed, int chunk, string others) => LogChunksFailed(_log, runId, feed, chunk, others);

    /// <summary>The ledger does not know of a failure, so neither do those who read it there.</summary>
    public void NotNoted(long runId, string reason) => LogNotNoted(_troubles, runId, reason);

    [LoggerMessage(5002, LogLevel.Warning, "Run {RunId} of feed {Feed} is held: {Reason}")]
    private static partial void LogHeld(ILogger log, long runId, string feed, string reason);

    [LoggerMessage(4003, LogLevel.Warning, "Run {RunId} did not get on: {Reason}")]
    private static partial void LogDidNotGetOn(ILogger log, long runId, string reason);

    [LoggerMessage(3004, LogLevel.Warning, "Run {RunId} of feed {Feed}: chunk {Chunk} failed: {Reason}")]
    private static partial void LogChunkFailed(ILogger log, long runId, string feed, int chunk, string reason);

    [LoggerMessage(3005, LogLevel.Warning, "Run {RunId} of feed {Feed}: as chunk {Chunk} failed, so did {Others}")]
    private static partial void LogChunksFailed(ILogger log, long runId, string feed, int chunk, string others);

    [LoggerMessage(4004, LogLevel.Warning, "Run {RunId}: the failure did not reach the ledger ({Reason})")]
    private static partial void LogNotNoted(ILogger log, long runId, string reason);
}
