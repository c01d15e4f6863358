using FacilityFeed.Domain.Writing;

namespace FacilityFeed.Domain.Storing;

/// <summary>Where one feed's shards and manifests are written. Names are relative to the feed's prefix.</summary>
/// <remarks>
/// Every method throws <see cref="FeedException"/> when the store did not answer (trying again may help) and
/// <see cref="FeedRejectedException"/> when it refused (it cannot).
/// </remarks>
public interface IFeedStore
{
    /// <summary>The full address of an object, for messages: a path or an <c>s3://</c> address.</summary>
    string Locate(string name);

    /// <summary>Fails unless objects can be written here. Leaves nothing behind.</summary>
    Task CheckAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Stores an object under a new name, all or nothing, and proves that the store holds exactly these bytes.
    /// Safe to repeat: the same name with the same bytes is a success.
    /// </summary>
    /// <exception cref="FeedRejectedException">The name is there with other bytes: another installation publishes here.</exception>
    Task<StoredObject> CreateAsync(string name, ObjectContent content, CancellationToken cancellationToken);

    /// <summary>Writes an object, replacing what has that name, all or nothing. Only ever used for the alias.</summary>
    Task ReplaceAsync(string name, ObjectContent content, CancellationToken cancellationToken);

    /// <summary>Whether the store still holds these very bytes under that name.</summary>
    Task<bool> HoldsAsync(StoredObject expected, CancellationToken cancellationToken);

    /// <summary>Opens an object from its start; null when there is none.</summary>
    Task<Stream?> OpenReadAsync(string name, CancellationToken cancellationToken);

    /// <summary>The names that begin with <paramref name="start"/>, in no order.</summary>
    IAsyncEnumerable<string> ListAsync(string start, CancellationToken cancellationToken);
}
