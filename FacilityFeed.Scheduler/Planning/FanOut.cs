using FacilityFeed.Domain;
using FacilityFeed.Domain.Feeds;
using FacilityFeed.Domain.Planning;
using FacilityFeed.Infrastructure.Ledger;
using FacilityFeed.Scheduler.Hosting;

namespace FacilityFeed.Scheduler.Planning;

/// <summary>In one transaction: the run from planning to running, one Hangfire job per chunk, all chunk rows. All of it or nothing.</summary>
public sealed class FanOut(RunLedger runs, ChunkLedger chunks, FeedJobs jobs, CrashPoints points)
{
    /// <returns>False when the attempt was overtaken or the run is over; then nothing was written.</returns>
    public async Task<bool> StartAsync(PlanClaim claim, FeedDefinition feed, ChunkPlan plan)
    {
        using var transaction = LedgerTransaction.Begin();
        if (!await runs.TryStartAsync(claim, plan))
        {
            return false;
        }

        var jobIds = plan.Ranges.Select(range => jobs.CreateChunk(feed, claim.RunId, range, plan.Ranges.Count)).ToList();
        points.Pass(CrashPoint.ChunkJobsWritten);
        await chunks.AddAsync(claim.RunId, plan.Ranges, jobIds);
        points.Pass(CrashPoint.ChunksWritten);
        transaction.Complete();
        return true;
    }
}
