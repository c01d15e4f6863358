using System.Collections.Concurrent;
using FacilityFeed.Domain;
using FacilityFeed.Domain.Storing;
using FacilityFeed.Infrastructure.Settings;

namespace FacilityFeed.Infrastructure.Storing;

/// <summary>The stores of this process. Each bucket has one client, made when it is first used and kept to the end.</summary>
/// <param name="installation">The installation that writes there.</param>
/// <param name="spoolFolder">Where objects too large for memory lie while they are read.</param>
/// <param name="points">Told of the moments at which the tests let the process die.</param>
public sealed class FeedStores(Guid installation, string spoolFolder, CrashPoints points) : IDisposable
{
    private readonly ConcurrentDictionary<S3StoreOptions, Lazy<S3Connection>> _connections = new();

    /// <summary>The place of one feed in a store.</summary>
    /// <param name="store">The store.</param>
    /// <param name="prefix">The feed's own prefix.</param>
    /// <param name="feed">The feed's key, for messages about its settings.</param>
    public IFeedStore Open(StoreOptions store, string prefix, string feed = PlainNames.DefaultFeed) => store switch
    {
        LocalStoreOptions local => new LocalFeedStore(local, prefix, points, feed),
        S3StoreOptions s3 => new S3FeedStore(Connect(s3), prefix, installation, spoolFolder, feed),
        _ => throw new ArgumentOutOfRangeException(nameof(store), store, "no such kind of store"),
    };

    /// <summary>The client of a bucket.</summary>
    public S3Connection Connect(S3StoreOptions s3) => _connections.GetOrAdd(s3, options => new Lazy<S3Connection>(() => new S3Connection(options))).Value;

    public void Dispose()
    {
        foreach (var connection in _connections.Values.Where(connection => connection.IsValueCreated))
        {
            connection.Value.Dispose();
        }
    }
}
