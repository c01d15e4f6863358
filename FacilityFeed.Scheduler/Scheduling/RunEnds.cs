using FacilityFeed.Scheduler.Exporting;
using FacilityFeed.Scheduler.Operating;
using FacilityFeed.Scheduler.Planning;
using FacilityFeed.Scheduler.Publishing;
using Hangfire.States;

namespace FacilityFeed.Scheduler.Scheduling;

/// <summary>
/// Corrects the recurring entry at the end of a job that may have ended or begun its run, rather than at the watcher's next look. A trigger that a person
/// deletes before it has run is not made late.
/// </summary>
internal sealed class RunEnds(LastJobs lastJobs, FeedOccurrences occurrences) : IElectStateFilter
{
    public void OnStateElection(ElectStateContext context)
    {
        var isGivenUp = context.CandidateState is FailedState or DeletedState;
        var isOver = isGivenUp || context.CandidateState is SucceededState or HeldState;
        var job = context.BackgroundJob.Job;
        if (isOver && job?.Type == typeof(TriggerJob))
        {
            if (context.CandidateState is DeletedState && context.CurrentState is "Enqueued" or "Scheduled" or "Processing" && context.GetJobParameter<long?>("Time") is { } time)
            {
                occurrences.EndDeleted((string)job.Args[0], time);
            }

            lastJobs.TryCorrect((string)job.Args[0], isGivenUp ? null : context.BackgroundJob.Id);
        }
        else if ((isOver && (job?.Type == typeof(PlanJob) || job?.Type == typeof(ManifestJob))) || (isGivenUp && job?.Type == typeof(ChunkJob)))
        {
            lastJobs.TryCorrectOf((long)job.Args[0]);
        }
    }
}
