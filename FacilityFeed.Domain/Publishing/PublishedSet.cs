using FacilityFeed.Domain.Storing;
using FacilityFeed.Domain.Writing;

namespace FacilityFeed.Domain.Publishing;

/// <summary>The set of shards that a manifest names, as the store holds it.</summary>
public static class PublishedSet
{
    /// <summary>Counts its records by reading every shard to its last byte.</summary>
    /// <param name="store">The feed's store.</param>
    /// <param name="manifest">Names the shards.</param>
    /// <param name="moved">Called at each piece that is read, for whoever must tell slow from hung.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="FeedFormatException">A shard is missing or no whole shard; the message says which and why. Trying again cannot help.</exception>
    /// <exception cref="FeedException">The store did not answer; trying again may help.</exception>
    public static async Task<long> CountAsync(IFeedStore store, Manifest manifest, Action moved, CancellationToken cancellationToken)
    {
        var records = 0L;
        foreach (var file in manifest.DataFiles)
        {
            moved();
            records += await CountAsync(store, file, moved, cancellationToken);
        }

        return records;
    }

    private static async Task<long> CountAsync(IFeedStore store, string file, Action moved, CancellationToken cancellationToken)
    {
        try
        {
            var stored = await store.OpenReadAsync(file, cancellationToken)
                ?? throw new FeedFormatException("shard_missing", "it is listed, but it is not in the store");
            await using var reader = new ShardReader(new WatchedStream(stored, moved), ShardReader.IsGzip(file));
            while (await reader.ReadAsync(cancellationToken))
            {
                // The reader counts.
            }

            return reader.Records;
        }
        catch (FeedFormatException unreadable)
        {
            throw new FeedFormatException(unreadable.Code, $"{store.Locate(file)} cannot be read: {unreadable.Message}", unreadable);
        }
        catch (IOException failed)
        {
            throw new FeedException($"{store.Locate(file)} cannot be read ({failed.Message}). Check the disk; trying again may help", failed);
        }
    }
}
