using FacilityFeed.Domain;
using FacilityFeed.Infrastructure.Ledger;
using FacilityFeed.Scheduler.Exporting;

namespace FacilityFeed.Scheduler.Watching;

/// <summary>Replaces jobs that will never end by themselves, and settles those that have ended without telling the ledger.</summary>
public sealed class JobRepair(WatchLedger ledger, KnownFeeds known, JobReplacement replacement, FanIn fanIn, RepairNotes notes, WatchTimes times, TimeProvider time) : IRepair
{
    /// <summary>A chunk that kills or hangs whatever works on it must end some time.</summary>
    private const int MostAttempts = 100;

    private readonly Sightings _sightings = new(time);

    public string Subject => "the jobs of the runs";

    public async Task RepairAsync(bool isWakening, CancellationToken cancellationToken)
    {
        var troubled = await ledger.FindTroubledAsync(known.Recipes, times.Silence, cancellationToken);
        if (isWakening)
        {
            _sightings.Forget();
        }

        _sightings.See(troubled.Select(NameOf));
        foreach (var job in troubled.Where(job => !(isWakening && job.Trouble == JobTrouble.Silent) && IsCertain(job)))
        {
            cancellationToken.ThrowIfCancellationRequested();
            await MendAsync(job);
        }
    }

    private static string NameOf(WatchedJob job) => $"{job.Trouble} {job.JobId} {job.Attempt}";

    /// <summary>
    /// A job is fetched a moment before it begins, and one that a person requeues is failed for a moment after its chunk is open
    /// again: only what stays so is trouble. When it was fetched does not tell, for a hung process goes on renewing that.
    /// </summary>
    private bool IsCertain(WatchedJob job) => job.Trouble is JobTrouble.Silent or JobTrouble.Lost or JobTrouble.Ended || _sightings.AgeOf(NameOf(job)) >= times.Silence;

    private Task MendAsync(WatchedJob job) => job switch
    {
        { Trouble: JobTrouble.Failed } => SettleAsync(job, job.Reason ?? "Hangfire gave the job up and kept no reason"),
        { Trouble: JobTrouble.Deleted } => SettleAsync(job, "the job was deleted in the dashboard"),
        { Attempt: >= MostAttempts } => SettleAsync(job, $"{Counted.Of(job.Attempt, "attempt was", "attempts were")} made, and the last one too ended without a word: see the log of the process for what kills or hangs it, for example too little memory"),
        _ => replacement.ReplaceAsync(job),
    };

    private async Task SettleAsync(WatchedJob job, string reason)
    {
        var what = $"{job.What}: job {job.JobId} is given up, and the ledger had not been told: {reason}";
        // Asked again: mending the jobs before this one took its time, and a person may have requeued it meanwhile.
        if (!(await ledger.FindTroubledAsync(known.Recipes, times.Silence, CancellationToken.None)).Any(again => NameOf(again) == NameOf(job)))
        {
            return;
        }

        using (var transaction = LedgerTransaction.Begin())
        {
            var isSettled = job.Kind == WatchedKind.Chunk ? fanIn.FailChunk(job.RunId, job.Number, job.JobId!, reason) : fanIn.FailRun(job.RunId, job.JobId!, reason);
            if (!isSettled)
            {
                return;
            }

            await notes.AddAsync(job.RunId, what);
            transaction.Complete();
        }

        notes.Log(job.RunId, job.Feed, what);
    }
}
