using FacilityFeed.Infrastructure.Ledger;
using FacilityFeed.Scheduler.Exporting;

namespace FacilityFeed.Scheduler.Watching;

/// <summary>Replaces jobs that will never end by themselves, and settles those that have ended without telling the ledger.</summary>
public sealed class JobRepair(WatchLedger ledger, KnownFeeds known, JobReplacement replacement, FanIn fanIn, RepairNotes notes, WatchTimes times, TimeProvider time) : IRepair
{
    /// <summary>A chunk that kills or hangs whatever works on it must end some time. Attempts that could say what they met are not counted.</summary>
    private const int MostLosses = 100;

    /// <summary>
    /// Hangfire gives a job up by itself where it could not write down for 45 seconds what became of it: that says nothing of the job. But what fails
    /// so again and again, with the database there, must end.
    /// </summary>
    private const int MostReplacements = 5;

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
    /// again: only what stays so is settled. A new job does no harm meanwhile, for the ledger heeds one job alone. When a job was fetched does not
    /// tell, for a hung process goes on renewing that.
    /// </summary>
    private bool IsCertain(WatchedJob job) => job.Trouble is JobTrouble.Silent or JobTrouble.Dead or JobTrouble.Lost or JobTrouble.Unscheduled or JobTrouble.Ended || (job.Trouble == JobTrouble.Failed && Verdict(job) is null) || _sightings.AgeOf(NameOf(job)) >= (job.Trouble == JobTrouble.NotBegun ? times.Start : times.Silence);

    private Task MendAsync(WatchedJob job) => Verdict(job) is { } reason ? SettleAsync(job, reason) : replacement.ReplaceAsync(job);

    /// <returns>Why nothing more comes of a chunk, plan or manifest; null: its job is replaced.</returns>
    private static string? Verdict(WatchedJob job) => job switch
    {
        { Trouble: JobTrouble.Deleted } => "the job was deleted in the dashboard",
        { IsRefused: true, RefusedBy: { } before } =>
            $"{JobReplacement.ServerOf(job.Server)} does not know what the job calls, and {JobReplacement.ServerOf(before)} did not before it: they are of another version. Let services of one version alone work on this state database, then redrive the run. {job.GivenUpWhy}",
        { IsRefused: false, Trouble: JobTrouble.Failed, Replacements: >= MostReplacements } =>
            $"its jobs were given up {job.Replacements + 1} times, the last time by {JobReplacement.ServerOf(job.Server)}: {job.GivenUpWhy}",
        { IsLoss: true, Losses: >= MostLosses - 1 } =>
            $"{MostLosses} attempts ended without a word: see the log of the process for what kills or hangs it, for example too little memory",
        _ => null,
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
