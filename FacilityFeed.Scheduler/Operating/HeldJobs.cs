using FacilityFeed.Domain.Ledger;
using FacilityFeed.Infrastructure.Ledger;
using FacilityFeed.Scheduler.Planning;
using FacilityFeed.Scheduler.Publishing;
using Hangfire.States;

namespace FacilityFeed.Scheduler.Operating;

/// <summary>
/// Lets no job stand among the succeeded ones whose run is held: it becomes <see cref="HeldState"/>, at a repeated execution too. From there
/// a person's "Delete" discards the run, and nothing else leads away while the run is held.
/// </summary>
public sealed class HeldJobs(RunJobsLedger ledger, RunLedger runs) : IElectStateFilter
{
    public void OnStateElection(ElectStateContext context)
    {
        var isHeld = context.CurrentState == HeldState.StateName;
        // A manifest holds its run, and a plan that found no rows.
        if (context.BackgroundJob.Job is not { } job || (job.Type != typeof(ManifestJob) && job.Type != typeof(PlanJob)) || !(isHeld || context.CandidateState is SucceededState))
        {
            return;
        }

        var run = ledger.Find((long)job.Args[0]);
        if (run is { State: RunState.Held } && run.DecidingJob == context.BackgroundJob.Id)
        {
            Keep(context, run);
        }
        else if (isHeld && context.CandidateState is not DeletedState)
        {
            // Its run was decided on a moment ago, and the watcher has not come to it yet.
            context.CandidateState = new DeletedState { Reason = $"{context.CandidateState.Name} was refused: run {job.Args[0]} is {(run is null ? "not in the ledger" : StateName.Of(run.State))}" };
        }
    }

    private void Keep(ElectStateContext context, RunJobs run)
    {
        switch (context.CandidateState)
        {
            case HeldState:
                break;
            case SucceededState:
                context.CandidateState = new HeldState(run);
                break;
            case DeletedState when runs.TryEnd(run.RunId, RunState.Discarded, "discarded by delete in the dashboard"):
                break;
            case DeletedState:
                context.CandidateState = new HeldState(run, "Delete was refused: the run can no longer be discarded, for its manifest may be visible already");
                break;
            default:
                context.CandidateState = new HeldState(run, $"{(context.CandidateState is EnqueuedState ? "Requeue" : context.CandidateState.Name)} was refused: {HeldState.Remedy(run)}");
                break;
        }
    }
}
