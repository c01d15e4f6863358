using FacilityFeed.Infrastructure.Ledger;
using FacilityFeed.Scheduler.Planning;
using FacilityFeed.Scheduler.Publishing;
using FacilityFeed.Scheduler.Scheduling;
using Hangfire.Common;
using Hangfire.States;

namespace FacilityFeed.Scheduler.Exporting;

/// <summary>
/// Tells the ledger when Hangfire gives a job up, or a person deletes it: Hangfire itself tells nobody, and a run would
/// wait for ever. Repeating it changes nothing.
/// </summary>
internal sealed class FailureSettlement(FanIn fanIn, TriggerLedger triggers) : IElectStateFilter
{
    public void OnStateElection(ElectStateContext context)
    {
        if (ReasonOf(context.CandidateState) is { } reason && context.BackgroundJob.Job is { } job)
        {
            Settle(job, context.BackgroundJob.Id, reason);
        }
    }

    private static string? ReasonOf(IState candidate) => candidate switch
    {
        FailedState failed => StateFailure.Explain(failed.Exception),
        DeletedState => "the job was deleted in the dashboard",
        _ => null,
    };

    private void Settle(Job job, string jobId, string reason)
    {
        if (job.Type == typeof(ChunkJob))
        {
            fanIn.FailChunk((long)job.Args[0], (int)job.Args[1], jobId, reason);
        }
        else if (job.Type == typeof(PlanJob) || job.Type == typeof(ManifestJob))
        {
            fanIn.FailRun((long)job.Args[0], jobId, reason);
        }
        else if (job.Type == typeof(TriggerJob))
        {
            triggers.TryFailByJob(jobId, reason);
        }
    }
}
