using FacilityFeed.Domain.Feeds;
using FacilityFeed.Domain.Planning;
using FacilityFeed.Infrastructure.Ledger;
using FacilityFeed.Scheduler.Hosting;

namespace FacilityFeed.Scheduler.Planning;

/// <summary>In one transaction: the run from planning to running, one Hangfire job per chunk, all chunk rows. All of it or nothing.</summary>
public sealed class FanOut(RunLedger runs, ChunkLedger chunks, FeedJobs jobs)
{
    /// <returns>False when the run is no longer this job's to plan; then nothing was written.</returns>
    public async Task<bool> StartAsync(long runId, string planJobId, FeedDefinition feed, ChunkPlan plan)
    {
        using var transaction = LedgerTransaction.Begin();
        if (!await runs.TryStartAsync(runId, planJobId, plan))
        {
            return false;
        }

        var jobIds = plan.Ranges.Select(range => jobs.CreateChunk(feed, runId, range, plan.Ranges.Count)).ToList();
        await chunks.AddAsync(runId, plan.Ranges, jobIds);
        transaction.Complete();
        return true;
    }
}
