using FacilityFeed.Domain;
using FacilityFeed.Domain.Ledger;
using FacilityFeed.Infrastructure.Ledger;
using FacilityFeed.Scheduler.Planning;
using FacilityFeed.Scheduler.Publishing;
using Hangfire.States;

namespace FacilityFeed.Scheduler.Operating;

/// <summary>
/// Lets no job stand among the succeeded ones whose run is held, has failed or was withdrawn, at a repeated execution either: it becomes what the ledger says. From
/// <see cref="HeldState"/> a person's "Delete" discards the run, and nothing else leads away while the run is held.
/// </summary>
public sealed class DecidingJobs(RunJobsLedger ledger, RunLedger runs) : IElectStateFilter
{
    /// <summary>How the job that decides a run must stand.</summary>
    /// <returns>Null where Hangfire's own word will do.</returns>
    public static IState? TruthOf(RunJobs run) => run.State switch
    {
        RunState.Held => new HeldState(run),
        RunState.Failed => new FailedState(new FeedRejectedException(run.Reason ?? "no reason was recorded")),
        RunState.Cancelled or RunState.Discarded => new DeletedState { Reason = ObsoleteJob.Withdrawn(run.RunId, run.State, run.Reason) },
        _ => null,
    };

    public void OnStateElection(ElectStateContext context)
    {
        var isHeld = context.CurrentState == HeldState.StateName;
        // A manifest holds its run, and a plan that found no rows. Chunks are many, and settle in the filter after this one: the watcher looks after them.
        if (context.BackgroundJob.Job is not { } job || (job.Type != typeof(ManifestJob) && job.Type != typeof(PlanJob)) || !(isHeld || context.CandidateState is SucceededState))
        {
            return;
        }

        var run = ledger.Find((long)job.Args[0]);
        var truth = run?.DecidingJob == context.BackgroundJob.Id ? TruthOf(run) : null;
        if (!isHeld)
        {
            context.CandidateState = truth ?? context.CandidateState;
        }
        else if (truth is HeldState)
        {
            context.CandidateState = Leave(run!, context.CandidateState);
        }
        else if (context.CandidateState is not DeletedState)
        {
            // Its run was decided on a moment ago, and the watcher has not come to it yet.
            context.CandidateState = new DeletedState { Reason = $"{NameOf(context.CandidateState)} was refused: run {job.Args[0]} is {(run is null ? "not in the ledger" : StateName.Of(run.State))}" };
        }
    }

    private IState Leave(RunJobs run, IState candidate) => candidate switch
    {
        HeldState => candidate,
        DeletedState => runs.TryEnd(run.RunId, RunState.Discarded, "discarded by delete in the dashboard")
            ? candidate
            : new HeldState(run, "Delete was refused: the run can no longer be discarded, for its manifest may be visible already. Run"),
        _ => new HeldState(run, $"{NameOf(candidate)} was refused: run"),
    };

    private static string NameOf(IState candidate) => candidate is EnqueuedState ? "Requeue" : candidate.Name;
}
