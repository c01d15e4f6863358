using FacilityFeed.Domain;
using FacilityFeed.Domain.Ledger;
using FacilityFeed.Infrastructure.Ledger;
using FacilityFeed.Scheduler.Exporting;
using FacilityFeed.Scheduler.Planning;
using FacilityFeed.Scheduler.Publishing;
using FacilityFeed.Scheduler.Scheduling;
using Hangfire.States;
using Npgsql;

namespace FacilityFeed.Scheduler.Operating;

/// <summary>
/// Makes Hangfire's own "Requeue" on a failed or deleted job a redrive of its chunk or manifest: without it the job would only
/// find that its chunk has failed. Where the run may not go on, the job stays failed and says why.
/// </summary>
public sealed class RequeueRedrive(RedriveLedger redrives, TriggerLedger triggers, FeedOccurrences occurrences, DataAge age) : IElectStateFilter
{
    public void OnStateElection(ElectStateContext context)
    {
        // Nothing but a person takes a job from these states to a queue.
        var isRequeue = context.CandidateState is EnqueuedState && (context.CurrentState == FailedState.StateName || context.CurrentState == DeletedState.StateName);
        if (!isRequeue || context.BackgroundJob.Job is not { } job)
        {
            return;
        }

        var jobId = context.BackgroundJob.Id;
        var refusal = job.Type == typeof(ChunkJob) ? TryRedrive((long)job.Args[0], run => RedriveChunk(run, (int)job.Args[1], jobId))
            : job.Type == typeof(PlanJob) ? TryRedrive((long)job.Args[0], run => RefusePlan(run, jobId))
            : job.Type == typeof(ManifestJob) ? TryRedrive((long)job.Args[0], run => RedriveManifest(run, jobId))
            : null;
        if (refusal is null)
        {
            // Otherwise a job out of retries would get this one try alone.
            context.SetJobParameter("RetryCount", 0);
            if (job.Type == typeof(TriggerJob))
            {
                triggers.Reopen(jobId);
                if (context.GetJobParameter<long?>("Time") is { } time)
                {
                    occurrences.Reopen((string)job.Args[0], time);
                }
            }
        }
        else
        {
            context.CandidateState = new FailedState(new FeedRejectedException($"not requeued: {refusal}")) { Reason = "Requeue was refused" };
        }
    }

    /// <returns>Why it is refused; null when the job may run, whether or not there is something for it to do.</returns>
    private string? TryRedrive(long runId, Func<RunView, string?> redrive)
    {
        try
        {
            using var transaction = LedgerTransaction.Begin();
            var refusal = redrives.Lock(runId) is { } run ? (IsOver(run.State) ? $"run {run.Id} is {StateName.Of(run.State)}: {Anew(run)}" : redrive(run)) : null;
            if (refusal is null)
            {
                transaction.Complete();
            }

            return refusal;
        }
        catch (PostgresException active) when (active.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            return $"another run of the feed of run {runId} has begun this moment";
        }
    }

    private string? RedriveChunk(RunView run, int number, string jobId)
    {
        if (!redrives.IsFailedChunkOf(run.Id, number, jobId))
        {
            // Done, or given to another job: the job itself will say so.
            return null;
        }

        if (run.State is not (RunState.Failed or RunState.Running))
        {
            return $"run {run.Id} is {StateName.Of(run.State)}";
        }

        if (redrives.FindBlocker(run) is { } blocker)
        {
            return $"run {run.Id} cannot go on: {blocker}";
        }

        if (RefuseOld(run) is { } refusal)
        {
            return refusal;
        }

        redrives.Replan(run.Id, [number], [jobId]);
        redrives.TryRestart(run.Id, manifestJobId: null);
        redrives.Note(run.Id, "redriven", $"by requeue in the dashboard: chunk {number}, job {jobId}, {age.After(run)}");
        return null;
    }

    /// <summary>A click cannot say that old data is meant; a chunk of a run that goes on makes it no older.</summary>
    private string? RefuseOld(RunView run) => run.State == RunState.Failed && age.Excess(run) is { } excess ? $"{excess}. {DataAge.Remedy(run)}" : null;

    /// <summary>What an unplanned run has begun is nothing; the job would only find that its run has failed, and succeed.</summary>
    private static string? RefusePlan(RunView run, string jobId) => run.State == RunState.Failed && run.PlanJobId == jobId && run.ChunkCount is null
        ? $"run {run.Id} failed before its chunks were planned: {Anew(run)}"
        : null;

    /// <summary>Then the job would find nothing to do, and succeed. A held run's would be held again.</summary>
    private static bool IsOver(RunState state) => state is not (RunState.Failed or RunState.Held) && !RunTransitions.IsActive(state);

    private static string Anew(RunView run) => $"Trigger now, or ./run publish {run.Feed}, makes the feed again";

    private string? RedriveManifest(RunView run, string jobId)
    {
        if (run.State != RunState.Failed || run.ManifestJobId != jobId)
        {
            return null;
        }

        if (redrives.FindBlocker(run) is { } blocker)
        {
            return $"run {run.Id} cannot go on: {blocker}";
        }

        if (RefuseOld(run) is { } refusal)
        {
            return refusal;
        }

        redrives.AllowReopening(run.Id);
        redrives.TryRestart(run.Id, jobId);
        redrives.Note(run.Id, "redriven", $"by requeue in the dashboard: its manifest, job {jobId}, {age.After(run)}");
        return null;
    }
}
