using FacilityFeed.Domain;
using FacilityFeed.Domain.Exporting;
using FacilityFeed.Infrastructure.Ledger;
using FacilityFeed.Scheduler.Hosting;

namespace FacilityFeed.Scheduler.Exporting;

/// <summary>
/// Settles chunks, and at the last one creates the manifest job in the same transaction: nobody else can, nothing waits,
/// and no order of finishes makes two.
/// </summary>
public sealed class FanIn(RunLedger runs, ChunkLedger chunks, RejectLedger rejects, PublishingLedger publishing, Lazy<FeedJobs> jobs, CrashPoints points)
{
    /// <param name="claim">The attempt.</param>
    /// <param name="outcome">What it proved.</param>
    /// <param name="storeRetries">Requests to the store that it sent a second time.</param>
    /// <returns>False when the attempt was overtaken, or has finished already: nothing was counted.</returns>
    public async Task<bool> FinishChunkAsync(ChunkClaim claim, ChunkOutcome outcome, int storeRetries)
    {
        using var transaction = LedgerTransaction.Begin();
        if (await chunks.TryFinishAsync(claim, outcome, storeRetries) is not { } countdown)
        {
            return false;
        }

        await rejects.KeepAsync(claim, outcome.Tally);
        points.Pass(CrashPoint.ChunkCounted, claim.Number);
        if (countdown.IsComplete)
        {
            await CompleteAsync(countdown.RunId, countdown.Feed);
        }

        transaction.Complete();
        return true;
    }

    /// <summary>All chunks of a running run are settled: creates its manifest job, or fails it. Inside the transaction that saw it, with the run's row locked.</summary>
    /// <returns>Whether the manifest job was created.</returns>
    public async Task<bool> CompleteAsync(long runId, string feed)
    {
        if (chunks.FailRunIfAnyChunkFailed(runId))
        {
            return false;
        }

        // The ledger's connections are closed here: Hangfire's then takes over the same one, and the transaction stays one.
        var jobId = jobs.Value.CreateManifest(feed, runId);
        await publishing.SetManifestJobAsync(runId, jobId);
        points.Pass(CrashPoint.ManifestJobWritten);
        return true;
    }

    /// <summary>A chunk's job has failed for good. Does nothing when the chunk is settled already.</summary>
    /// <returns>Whether it was settled now.</returns>
    public bool FailChunk(long runId, int number, string jobId, string error)
    {
        using var transaction = LedgerTransaction.Begin();
        var countdown = chunks.TryFailByJob(runId, number, jobId, error);
        if (countdown is { IsComplete: true })
        {
            chunks.FailRunIfAnyChunkFailed(runId);
        }

        transaction.Complete();
        return countdown is not null;
    }

    /// <summary>A run's plan or manifest job has failed for good. Does nothing when the run is over already.</summary>
    /// <returns>Whether it was settled now.</returns>
    public bool FailRun(long runId, string jobId, string error) => runs.TryFailByJob(runId, jobId, error);
}
