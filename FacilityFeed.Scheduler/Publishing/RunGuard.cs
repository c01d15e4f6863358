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
    /// <param name="moved">Called while a feed is read.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="FeedException">The store did not answer.</exception>
    public async Task<GuardVerdict> JudgeAsync(ManifestClaim claim, FeedDefinition feed, IReadOnlyList<ChunkView> settled, IFeedStore store, Action moved, CancellationToken cancellationToken)
    {
        var planned = (await runs.FindAsync(claim.RunId, cancellationToken))?.PlannedRows ?? 0;
        var (before, unreadable) = await CountBeforeAsync(claim, store, moved, cancellationToken);
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
    /// <returns>Null when the published feed is another one, or there is none.</returns>
    public async Task<long?> FindSameAsync(ManifestClaim claim, IReadOnlyList<ChunkView> settled, CancellationToken cancellationToken)
    {
        if (await publishing.FindPublishedAsync(claim.Feed, cancellationToken) is not { } published || published.Recipe != claim.Recipe)
        {
            return null;
        }

        var before = await chunks.ListAsync(published.Id, cancellationToken);
        return Contents(before).SequenceEqual(Contents(settled)) ? published.Id : null;
    }

    private static IEnumerable<(long? Bytes, string? Sha256)> Contents(IReadOnlyList<ChunkView> chunks) =>
        chunks.Where(chunk => chunk.ObjectName is not null).Select(chunk => (chunk.Bytes, chunk.Sha256));

    /// <summary>The records of the last published run; with a ledger that knows none, of the feed that lies in the store: its ledger was lost, or is new.</summary>
    private async Task<(long? Records, string? Unreadable)> CountBeforeAsync(ManifestClaim claim, IFeedStore store, Action moved, CancellationToken cancellationToken)
    {
        if (await publishing.FindPublishedAsync(claim.Feed, cancellationToken) is { } published)
        {
            return (published.Records, null);
        }

        await using var alias = await store.OpenReadAsync(ObjectNames.Alias, cancellationToken);
        if (alias is null)
        {
            return (null, null);
        }

        try
        {
            using var bytes = new MemoryStream();
            await alias.CopyToAsync(bytes, cancellationToken);
            var manifest = Manifest.Parse(bytes.ToArray());
            // Another feed's alias is refused before anything is written.
            return manifest.Name == claim.Name ? (await PublishedSet.CountAsync(store, manifest, moved, cancellationToken), null) : (null, null);
        }
        catch (FormatException wrong)
        {
            return (null, $"no run of this feed is in the ledger, and what {store.Locate(ObjectNames.Alias)} publishes cannot be read to compare with it ({wrong.Message})");
        }
    }
}
