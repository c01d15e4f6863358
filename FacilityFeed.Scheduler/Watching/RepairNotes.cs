using FacilityFeed.Infrastructure.Ledger;

namespace FacilityFeed.Scheduler.Watching;

/// <summary>Writes a repair down: in the run's audit trail, and as a warning in the log.</summary>
public sealed partial class RepairNotes(RunLedger runs, ILogger<RepairNotes> log)
{
    /// <summary>Inside the transaction of the repair, so that there is neither without the other.</summary>
    public Task AddAsync(long runId, string what) => runs.AddEventAsync(runId, RunLedger.RepairEvent, what);

    /// <summary>After the commit.</summary>
    public void Log(long runId, string feed, string what) => LogRun(runId, feed, what);

    /// <summary>For what belongs to no run.</summary>
    public void Log(string what) => LogOther(what);

    [LoggerMessage(6001, LogLevel.Warning, "Run {RunId} of feed {Feed} repaired: {What}")]
    private partial void LogRun(long runId, string feed, string what);

    [LoggerMessage(6002, LogLevel.Warning, "Repaired: {What}")]
    private partial void LogOther(string what);
}
