using FacilityFeed.Domain.Storing;

namespace FacilityFeed.Domain.Publishing;

/// <summary>The set of shards that a manifest names, as the store holds it.</summary>
public static class PublishedSet
{
    /// <summary>Counts its records by reading every shard to its last byte.</summary>
    /// <param name="store">The feed's store.</param>
    /// <param name="manifest">Names the shards.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="FeedFormatException">A shard is missing or no whole shard; the message says which and why. Trying again cannot help.</exception>
    /// <exception cref="FeedException">The store did not answer; trying again may help.</exception>
    public static async Task<long> CountAsync(IFeedStore store, Manifest manifest, CancellationToken cancellationToken)
    {
        var records = 0L;
        await using var set = new SetReader(store, manifest.DataFiles);
        while (await set.ReadAsync(cancellationToken))
        {
            records++;
        }

        return records;
    }
}
