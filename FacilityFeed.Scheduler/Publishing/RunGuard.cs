using System.Security.Cryptography;
using FacilityFeed.Domain;
using FacilityFeed.Domain.Feeds;
using FacilityFeed.Domain.Publishing;
using FacilityFeed.Domain.Storing;
using FacilityFeed.Infrastructure.Ledger;

namespace FacilityFeed.Scheduler.Publishing;

/// <summary>Asks the guard about a finished run, which is compared with what is published now.</summary>
public sealed class RunGuard(PublishingLedger publishing, RunLedger runs, ChunkLedger chunks)
{
    /// <param name="claim">The attempt at the manifest.</param>
    /// <param name="feed">The feed, with its limits.</param>
    /// <param name="settled">The run's chunks, all done.</param>
    /// <param name="store">Where the run's shards are, and perhaps a feed that another ledger knows of.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="FeedException">The store did not answer.</exception>
    public async Task<GuardVerdict> JudgeAsync(ManifestClaim claim, FeedDefinition feed, IReadOnlyList<ChunkView> settled, IFeedStore store, CancellationToken cancellationToken)
    {
        var planned = (await runs.FindAsync(claim.RunId, cancellationToken))?.PlannedRows ?? 0;
        var (before, unreadable) = await CountBeforeAsync(claim, store, cancellationToken);
        var verdict = Guard.Judge(feed.Guard, new RunFigures
        {
            PlannedRows = planned,
            RowsRead = settled.Sum(chunk => chunk.RowsRead ?? 0),
            Records = settled.Sum(chunk => chunk.Records ?? 0),
            Rejected = settled.Sum(chunk => chunk.Rejected ?? 0),
            Shards = settled.Count(chunk => chunk.ObjectName is not null),
            LargestShard = settled.Max(chunk => chunk.Bytes) ?? 0,
            LargestJson = settled.Max(chunk => chunk.JsonBytes) ?? 0,
            Before = before,
        });
        return unreadable is null ? verdict : verdict with { Breaches = [unreadable, .. verdict.Breaches] };
    }

    /// <summary>The published run whose shards hold the very bytes of this one's, under the same name in the same place.</summary>
    /// <param name="claim">The attempt at the manifest.</param>
    /// <param name="settled">The run's chunks, all done.</param>
    /// <param name="store">Where the published feed must still be: what a person or a lifecycle rule removed is published again.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>Null when the published feed is another one, is not there as it was published, or there is none.</returns>
    public async Task<long?> FindSameAsync(ManifestClaim claim, IReadOnlyList<ChunkView> settled, IFeedStore store, CancellationToken cancellationToken)
    {
        if (await publishing.FindPublishedAsync(claim.Feed, cancellationToken) is not { } published || published.Recipe != claim.Recipe)
        {
            return null;
        }

        var before = await chunks.ListAsync(published.Id, cancellationToken);
        return Contents(before).SequenceEqual(Contents(settled)) && await IsThereAsync(published, before, store, cancellationToken) ? published.Id : null;
    }

    private static async Task<bool> IsThereAsync(RunView published, IReadOnlyList<ChunkView> shards, IFeedStore store, CancellationToken cancellationToken)
    {
        if (await ReadAliasAsync(store, cancellationToken) is not { } alias || Convert.ToHexStringLower(SHA256.HashData(alias)) != published.ManifestSha256)
        {
            return false;
        }

        try
        {
            return await store.HoldsAsync(new StoredObject(published.Manifest!, alias.Length, published.ManifestSha256), cancellationToken)
                && (await ShardProof.FindMissingAsync(shards, store, cancellationToken)).Count == 0;
        }
        catch (FeedRejectedException)
        {
            // What has these names is not ours any more.
            return false;
        }
    }

    /// <returns>Nothing of one that is too large for any manifest.</returns>
    private static async Task<byte[]?> ReadAliasAsync(IFeedStore store, CancellationToken cancellationToken)
    {
        try
        {
            return await SmallContent.ReadAsync(store, ObjectNames.Alias, cancellationToken);
        }
        catch (FormatException)
        {
            return [];
        }
    }

    private static IEnumerable<(long? Bytes, string? Sha256)> Contents(IReadOnlyList<ChunkView> chunks) =>
        chunks.Where(chunk => chunk.ObjectName is not null).Select(chunk => (chunk.Bytes, chunk.Sha256));

    /// <summary>
    /// The records of the last published run; of the feed that lies in the store where the ledger knows none, or an older one: the ledger was
    /// lost, is new, or was restored.
    /// </summary>
    private async Task<(long? Records, string? Unreadable)> CountBeforeAsync(ManifestClaim claim, IFeedStore store, CancellationToken cancellationToken)
    {
        var published = await publishing.FindPublishedAsync(claim.Feed, cancellationToken);
        if (await ReadAliasAsync(store, cancellationToken) is not { } alias)
        {
            return (published?.Records, null);
        }

        try
        {
            var manifest = Manifest.Parse(alias);
            // Another feed's alias, or one from the future, is refused before anything is written.
            var isUnknown = manifest.Name == claim.Name && (published is null
                || (manifest.GenerationTimestamp > published.GenerationTimestamp && manifest.GenerationTimestamp < claim.GenerationTimestamp));
            return (isUnknown ? await PublishedSet.CountAsync(store, manifest, cancellationToken) : published?.Records, null);
        }
        catch (FormatException wrong) when (published is null || wrong is FeedFormatException)
        {
            var known = published is null ? "no run of this feed is in the ledger" : $"run {published.Id} is the last published one in the ledger";
            return (published?.Records, $"{known}, and what {store.Locate(ObjectNames.Alias)} publishes cannot be read to compare with it ({wrong.Message})");
        }
        catch (FormatException)
        {
            // No manifest: refused before anything is written.
            return (published!.Records, null);
        }
    }
}
