using FacilityFeed.Infrastructure.Ledger;
using Npgsql;

namespace FacilityFeed.Scheduler.Hosting;

/// <summary>Keeps in the ledger why a plan or manifest job did not work. The failure itself goes on to Hangfire, whatever happens here.</summary>
public sealed partial class FailureNotes(RunLedger runs, ILogger<FailureNotes> log)
{
    public async Task KeepAsync(long runId, string jobId, Exception failure)
    {
        var reason = StateFailure.Explain(failure);
        LogFailed(runId, reason);
        try
        {
            await runs.NoteAsync(runId, jobId, reason);
        }
        catch (NpgsqlException away)
        {
            LogNotNoted(runId, away.Message);
        }
    }

    [LoggerMessage(4003, LogLevel.Warning, "Run {RunId} did not get on: {Reason}")]
    private partial void LogFailed(long runId, string reason);

    [LoggerMessage(4004, LogLevel.Warning, "Run {RunId}: the failure did not reach the ledger ({Reason})")]
    private partial void LogNotNoted(long runId, string reason);
}
