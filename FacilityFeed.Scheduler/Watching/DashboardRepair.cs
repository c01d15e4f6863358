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
/// Lets the dashboard show what the ledger knows: the job that decides a held or failed run is not among the succeeded or deleted ones, a feed that is healed
/// shows no red, and the recurring entries show the newest runs. Through Hangfire's own client, outside every transaction.
/// </summary>
public sealed class DashboardRepair(RunJobsLedger ledger, KnownFeeds known, LastJobs lastJobs, IBackgroundJobClient client, RepairNotes notes, TimeProvider time) : IRepair
{
    private const int MostMoved = 1000;

    /// <summary>How long one look moves jobs: each takes about ten round trips, and the other repairs wait.</summary>
    private static readonly TimeSpan _longestMoving = TimeSpan.FromSeconds(5);

    private static readonly JobTypes _types = new(typeof(TriggerJob).FullName!, typeof(PlanJob).FullName!, typeof(ChunkJob).FullName!, typeof(ManifestJob).FullName!);

    /// <summary>Jobs that could not be moved: they are tried again after all others.</summary>
    private readonly HashSet<string> _stuck = new(StringComparer.Ordinal);

    public string Subject => "what the dashboard shows";

    public async Task RepairAsync(bool isWakening, CancellationToken cancellationToken)
    {
        foreach (var (run, jobState) in ledger.ListMistaken(known.Recipes.Keys))
        {
            cancellationToken.ThrowIfCancellationRequested();
            await TurnAsync(run, jobState);
        }

        lastJobs.Correct(known.Recipes.Keys);
        RemoveObsolete(cancellationToken);
    }

    private async Task TurnAsync(RunJobs run, string jobState)
    {
        if (DecidingJobs.TruthOf(run) is { } truth && client.ChangeState(run.DecidingJob, truth, jobState))
        {
            var what = $"job {run.DecidingJob} stood as {jobState.ToLowerInvariant()}, and the run is {StateName.Of(run.State)}: it is {truth.Name} now";
            await notes.AddAsync(run.RunId, what);
            notes.Log(run.RunId, run.Feed, what);
        }
    }

    /// <summary>No repair, but what heals a feed: so it is written into the job, and not into the run.</summary>
    private void RemoveObsolete(CancellationToken cancellationToken)
    {
        ExceptionDispatchInfo? first = null;
        var began = time.GetTimestamp();
        foreach (var job in ledger.ListObsolete(known.Recipes.Keys, _types, _stuck, MostMoved).TakeWhile(_ => time.GetElapsedTime(began) < _longestMoving))
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                client.ChangeState(job.JobId, new DeletedState { Reason = job.Why }, job.JobState);
                _stuck.Remove(job.JobId);
            }
            catch (BackgroundJobClientException failure)
            {
                // One that cannot be moved does not keep the others red.
                _stuck.Add(job.JobId);
                first ??= ExceptionDispatchInfo.Capture(failure.InnerException ?? failure);
            }
        }

        first?.Throw();
    }
}
