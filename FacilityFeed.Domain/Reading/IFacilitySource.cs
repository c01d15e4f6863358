using FacilityFeed.Domain.Planning;

namespace FacilityFeed.Domain.Reading;

/// <summary>The table or view that a feed is made from. Only ever read.</summary>
public interface IFacilitySource
{
    /// <summary>Fails unless the table is there and may be read, with all its columns and an integer key.</summary>
    /// <exception cref="FeedException">The database did not answer; trying again may help.</exception>
    /// <exception cref="FeedRejectedException">Wrong credentials, no such table or column, or a key of the wrong type.</exception>
    Task CheckAsync(CancellationToken cancellationToken);

    /// <summary>Opens the keys for planning.</summary>
    /// <exception cref="FeedException">The database did not answer; trying again may help.</exception>
    /// <exception cref="FeedRejectedException">As for <see cref="CheckAsync"/>; or keys that are NULL or doubled, which are named.</exception>
    Task<IKeySnapshot> OpenKeysAsync(CancellationToken cancellationToken);

    /// <summary>Opens the rows of one chunk, in one read-only snapshot.</summary>
    /// <param name="range">The keys to read.</param>
    /// <param name="purpose">Who reads, for the database's own lists of sessions: <c>run 12 chunk 7</c>.</param>
    /// <param name="cancellationToken">Stops the opening.</param>
    /// <exception cref="FeedException">The database did not answer; trying again may help.</exception>
    /// <exception cref="FeedRejectedException">The table or a column is gone, or the credentials are refused.</exception>
    Task<IChunkRows> OpenChunkAsync(ChunkRange range, string purpose, CancellationToken cancellationToken);
}
