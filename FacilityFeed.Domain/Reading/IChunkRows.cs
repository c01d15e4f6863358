namespace FacilityFeed.Domain.Reading;

/// <summary>The rows of one chunk at one moment.</summary>
public interface IChunkRows : IAsyncDisposable
{
    /// <summary>Rows in the range by the database's own count, in the same snapshot as <see cref="ReadAsync"/>.</summary>
    long Count { get; }

    /// <summary>Reads the rows once, in increasing key order. Each row is valid until the next one is asked for.</summary>
    /// <exception cref="FeedException">The connection broke or a statement took too long.</exception>
    /// <exception cref="FeedRejectedException">A value cannot be read as its column's type.</exception>
    IAsyncEnumerable<FacilityRow> ReadAsync(CancellationToken cancellationToken);
}
