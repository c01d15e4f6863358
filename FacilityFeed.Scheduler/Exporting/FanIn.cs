using FacilityFeed.Domain.Exporting;
using FacilityFeed.Infrastructure.Ledger;
using FacilityFeed.Scheduler.Hosting;

namespace FacilityFeed.Scheduler.Exporting;

/// <summary>
/// Settles chunks, and at the last one creates the manifest job in the same transaction: nobody else can, nothing waits,
/// and no order of finishes makes two.
/// </summary>
public sealed class FanIn(RunLedger runs, ChunkLedger chunks, PublishingLedger publishing, Lazy<FeedJobs> jobs)
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

        if (countdown.IsComplete && !chunks.FailRunIfAnyChunkFailed(countdown.RunId))
        {
            // The ledger's connections are closed here: Hangfire's then takes over the same one, and the transaction stays one.
            var jobId = jobs.Value.CreateManifest(countdown.Feed, countdown.RunId);
            await publishing.SetManifestJobAsync(countdown.RunId, jobId);
        }

        transaction.Complete();
        return true;
    }

    /// <summary>A chunk's job has failed for good. Does nothing when the chunk is settled already.</summary>
    public void FailChunk(long runId, int number, string jobId, string error)
    {
        using var transaction = LedgerTransaction.Begin();
        if (chunks.TryFailByJob(runId, number, jobId, error) is { IsComplete: true })
        {
            chunks.FailRunIfAnyChunkFailed(runId);
        }

        transaction.Complete();
    }

    /// <summary>A run's plan or manifest job has failed for good. Does nothing when the run is over already.</summary>
    public void FailRun(long runId, string jobId, string error) => runs.TryFailByJob(runId, jobId, error);
}
