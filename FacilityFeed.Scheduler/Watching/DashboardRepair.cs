using System.Runtime.ExceptionServices;
using FacilityFeed.Domain.Ledger;
using FacilityFeed.Infrastructure.Ledger;
using FacilityFeed.Scheduler.Exporting;
using FacilityFeed.Scheduler.Operating;
using FacilityFeed.Scheduler.Planning;
using FacilityFeed.Scheduler.Publishing;
using FacilityFeed.Scheduler.Scheduling;
using Hangfire;
using Hangfire.States;

namespace FacilityFeed.Scheduler.Watching;

/// <summary>
/// Lets the dashboard show what the ledger knows: the job that decides a held or failed run is not among the succeeded ones, a feed that is healed
/// shows no red, and the recurring entries show the newest runs. Through Hangfire's own client, outside every transaction.
/// </summary>
public sealed class DashboardRepair(RunJobsLedger ledger, KnownFeeds known, LastJobs lastJobs, IBackgroundJobClient client, RepairNotes notes) : IRepair
{
    /// <summary>Moved at one look: each takes about ten round trips, and the other repairs wait.</summary>
    private const int MostMoved = 100;

    private static readonly JobTypes _types = new(typeof(TriggerJob).FullName!, typeof(PlanJob).FullName!, typeof(ChunkJob).FullName!, typeof(ManifestJob).FullName!);

    public string Subject => "what the dashboard shows";

    public async Task RepairAsync(bool isWakening, CancellationToken cancellationToken)
    {
        foreach (var run in ledger.ListGreenInVain(known.Recipes.Keys))
        {
            cancellationToken.ThrowIfCancellationRequested();
            await TurnAsync(run);
        }

        lastJobs.Correct(known.Recipes.Keys);
        RemoveObsolete(cancellationToken);
    }

    private async Task TurnAsync(RunJobs run)
    {
        if (DecidingJobs.TruthOf(run) is { } truth && client.ChangeState(run.DecidingJob, truth, SucceededState.StateName))
        {
            var what = $"job {run.DecidingJob} stood as succeeded, and the run is {StateName.Of(run.State)}: it is {truth.Name} now";
            await notes.AddAsync(run.RunId, what);
            notes.Log(run.RunId, run.Feed, what);
        }
    }

    /// <summary>No repair, but what heals a feed: so it is written into the job, and not into the run.</summary>
    private void RemoveObsolete(CancellationToken cancellationToken)
    {
        ExceptionDispatchInfo? first = null;
        foreach (var job in ledger.ListObsolete(known.Recipes.Keys, _types, MostMoved))
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                client.ChangeState(job.JobId, new DeletedState { Reason = job.Why }, job.JobState);
            }
            catch (BackgroundJobClientException failure)
            {
                // One that cannot be moved does not keep the others red.
                first ??= ExceptionDispatchInfo.Capture(failure.InnerException ?? failure);
            }
        }

        first?.Throw();
    }
}
