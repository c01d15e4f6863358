using FacilityFeed.Domain;
using FacilityFeed.Domain.Planning;
using FacilityFeed.Infrastructure.Feeds;
using FacilityFeed.Infrastructure.Ledger;
using FacilityFeed.Scheduler.Hosting;

namespace FacilityFeed.Scheduler.Watching;

/// <summary>Gives a chunk, a plan or a manifest to a new job, created in the same transaction. The old one, should it live, no longer counts.</summary>
public sealed class JobReplacement(WatchLedger ledger, FeedCatalog feeds, FeedJobs jobs, RepairNotes notes, WatchTimes times)
{
    /// <summary>Does nothing when the job got on meanwhile.</summary>
    public async Task ReplaceAsync(WatchedJob job)
    {
        string what;
        using (var transaction = LedgerTransaction.Begin())
        {
            var newJobId = Create(job);
            if (!await TryReplaceAsync(job, newJobId))
            {
                return;
            }

            what = $"{job.What}: job {job.JobId ?? "(none)"} {Explain(job)}; job {newJobId} takes over";
            await notes.AddAsync(job.RunId, what);
            transaction.Complete();
        }

        notes.Log(job.RunId, job.Feed, what);
    }

    /// <summary>Names the server that gave a job up; for people.</summary>
    internal static string ServerOf(string? server) => server is null ? "Hangfire" : ForeignText.InOneLine(LivingServers.PlaceOf(server));

    private string Create(WatchedJob job) => job.Kind switch
    {
        WatchedKind.Chunk => jobs.CreateChunkAgain(feeds.Get(job.Feed), job.RunId, new ChunkRange(job.Number, job.FirstId, job.LastId, job.PlannedRows), job.ChunkCount),
        WatchedKind.Plan => jobs.CreatePlan(feeds.Get(job.Feed), job.RunId),
        _ => jobs.CreateManifest(job.Feed, job.RunId),
    };

    private Task<bool> TryReplaceAsync(WatchedJob job, string newJobId) => job.Kind switch
    {
        WatchedKind.Chunk => ledger.TryReplaceChunkAsync(job, newJobId),
        WatchedKind.Plan => ledger.TryReplacePlanAsync(job, newJobId),
        _ => ledger.TryReplaceManifestAsync(job, newJobId),
    };

    private string Explain(WatchedJob job) => job.Trouble switch
    {
        JobTrouble.Failed => $"was given up by {ServerOf(job.Server)}, and the ledger had not been told: {job.GivenUpWhy}",
        JobTrouble.Silent => $"has shown no sign of life for {times.Silence.TotalSeconds:0} s",
        JobTrouble.Dead => "was in the hands of a process that is gone",
        JobTrouble.NotBegun => $"left its queue and has not begun for {times.Start.TotalSeconds:0} s",
        JobTrouble.Lost => "is not in Hangfire any more",
        JobTrouble.Unscheduled => "should have been tried again, and is not in Hangfire's schedule any more",
        _ => "ended without an effect on the ledger",
    };
}
