using FacilityFeed.Domain;
using FacilityFeed.Domain.Feeds;
using FacilityFeed.Domain.Planning;
using FacilityFeed.Infrastructure.Ledger;
using FacilityFeed.Scheduler.Hosting;

namespace FacilityFeed.Scheduler.Planning;

/// <summary>In one transaction: the run from planning to running, one Hangfire job per chunk, all chunk rows in one statement. All of it or nothing.</summary>
public sealed class FanOut(RunLedger runs, ChunkLedger chunks, FeedJobs jobs, CrashPoints points)
{
    /// <param name="claim">The attempt.</param>
    /// <param name="feed">The feed.</param>
    /// <param name="plan">How the run is cut.</param>
    /// <param name="cancellationToken">Stops it before the run is touched; nothing is left of it then.</param>
    /// <returns>False when the attempt was overtaken or the run is over; then nothing was written.</returns>
    /// <exception cref="FeedException">The state database was too slow for so many.</exception>
    public async Task<bool> StartAsync(PlanClaim claim, FeedDefinition feed, ChunkPlan plan, CancellationToken cancellationToken)
    {
        try
        {
            return await WriteAsync(claim, feed, plan, cancellationToken);
        }
        catch (Exception late) when (LedgerTransaction.IsOverdue(late))
        {
            var most = TimeText.Of(LedgerTransaction.LimitFor(plan.Ranges.Count));
            throw new FeedException($"Run {claim.RunId}: the state database did not take the jobs of its {Counted.Of(plan.Ranges.Count, "chunk")} within the {most} that they may need, so nothing of them is left. Each needs four answers: see how long they are under way, and what the database waits for; or raise ChunkSize, for fewer chunks", late);
        }
    }

    private async Task<bool> WriteAsync(PlanClaim claim, FeedDefinition feed, ChunkPlan plan, CancellationToken cancellationToken)
    {
        using var transaction = LedgerTransaction.Begin(plan.Ranges.Count);
        // The jobs first, for they take the longest: until the run's row is changed it is locked to nobody, so the attempt goes on beating, and a person may cancel.
        var jobIds = jobs.CreateChunks(feed, claim.RunId, plan.Ranges, plan.Ranges.Count, cancellationToken);
        points.Pass(CrashPoint.ChunkJobsWritten);
        if (!await runs.TryStartAsync(claim, plan))
        {
            return false;
        }

        await chunks.AddAsync(claim.RunId, plan.Ranges, jobIds);
        points.Pass(CrashPoint.ChunksWritten);
        transaction.Complete();
        return true;
    }
}
