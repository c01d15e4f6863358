using System.Collections.Concurrent;
using FacilityFeed.Domain;
using FacilityFeed.Domain.Exporting;
using FacilityFeed.Domain.Planning;
using FacilityFeed.Domain.Storing;
using FacilityFeed.Infrastructure.Feeds;
using FacilityFeed.Infrastructure.Ledger;
using FacilityFeed.Scheduler.Hosting;

namespace FacilityFeed.Scheduler.Publishing;

/// <summary>Proves that the store still holds every shard as the ledger recorded it; what is missing or damaged is made once more.</summary>
public sealed partial class ShardProof(RunLedger runs, ChunkLedger chunks, FeedCatalog feeds, FeedJobs jobs, ILogger<ShardProof> log)
{
    private const int AtATime = 16;

    /// <returns>Null when everything is proven; otherwise what was opened again, and the run waits for it.</returns>
    /// <exception cref="FeedRejectedException">A shard is missing for the second time, or the manifest may be visible already.</exception>
    public async Task<string?> ReopenMissingAsync(ManifestClaim claim, IReadOnlyList<ChunkView> settled, IFeedStore store, CancellationToken cancellationToken)
    {
        var missing = await FindMissingAsync(settled, store, cancellationToken);
        if (missing.Count == 0)
        {
            return null;
        }

        if (claim.HasEntered)
        {
            throw new FeedRejectedException($"Run {claim.RunId} chunk {missing[0].Number}: {store.Locate(missing[0].ObjectName!)} is missing or damaged. The run has entered publishing before, so no shard is made again: its manifest may be visible. See what removes or changes files there, then publish again");
        }

        using var transaction = LedgerTransaction.Begin(missing.Count);
        // The jobs first, for they take the longest: until the first chunk is open the run's row is locked to nobody, so the attempt goes on beating.
        var jobIds = jobs.CreateChunks(feeds.Get(claim.Feed), claim.RunId, [.. missing.Select(chunk => chunk.Range)], settled.Count, cancellationToken);
        var reopened = await chunks.ReopenAsync(claim, missing.Select(chunk => chunk.Number), jobIds);
        if (missing.FirstOrDefault(chunk => !reopened.Contains(chunk.Number)) is { } closed)
        {
            throw new FeedRejectedException($"Run {claim.RunId} chunk {closed.Number}: {store.Locate(closed.ObjectName!)} is missing or damaged, and cannot be made again in this run. See what removes or changes files there, then publish again");
        }

        await runs.AddEventsAsync(claim.RunId, "chunk reopened", missing.Zip(jobIds, (chunk, jobId) => $"chunk {chunk.Number}: {chunk.ObjectName} was missing or damaged; job {jobId} makes it again"));
        transaction.Complete();
        foreach (var chunk in missing)
        {
            LogReopened(claim.RunId, claim.Feed, chunk.Number, chunk.ObjectName!);
        }

        return $"not yet: {ChunkNumbers.Of([.. missing.Select(chunk => chunk.Number)])} missing or damaged in the store, made once more";
    }

    /// <returns>The chunks whose shard the store does not hold as recorded, in order.</returns>
    public static async Task<List<ChunkView>> FindMissingAsync(IReadOnlyList<ChunkView> settled, IFeedStore store, CancellationToken cancellationToken)
    {
        var missing = new ConcurrentBag<ChunkView>();
        var options = new ParallelOptions { MaxDegreeOfParallelism = AtATime, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(settled.Where(chunk => chunk.ObjectName is not null), options, async (chunk, token) =>
        {
            if (!await store.HoldsAsync(chunk.Shard!, token))
            {
                missing.Add(chunk);
            }

            Headway.Moved();
        });
        return [.. missing.OrderBy(chunk => chunk.Number)];
    }

    [LoggerMessage(5003, LogLevel.Warning, "Run {RunId} of feed {Feed}, chunk {Chunk}: {Name} is missing or damaged in the store and is made again")]
    private partial void LogReopened(long runId, string feed, int chunk, string name);
}
