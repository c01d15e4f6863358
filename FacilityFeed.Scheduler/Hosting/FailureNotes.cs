using FacilityFeed.Infrastructure.Ledger;

namespace FacilityFeed.Scheduler.Hosting;

/// <summary>Keeps in the ledger why a plan or manifest job did not work. The failure itself goes on to Hangfire, whatever happens here.</summary>
public sealed class FailureNotes(RunLedger runs, OutcomeLog outcomes)
{
    public async Task KeepAsync(long runId, string jobId, Exception failure)
    {
        var reason = StateFailure.Explain(failure);
        outcomes.DidNotGetOn(runId, reason);
        try
        {
            await runs.NoteAsync(runId, jobId, reason);
        }
        catch (Exception away) when (StateFailure.IsOne(away))
        {
            outcomes.NotNoted(runId, StateFailure.Explain(away));
        }
    }
}
