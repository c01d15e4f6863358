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

    /// <summary>The store's clock less ours, at its last answer; null when it has none of its own, or has not answered yet.</summary>
    TimeSpan? ClockSkew { get; }

    /// <summary>Fails unless objects can be written here. Leaves nothing behind.</summary>
    Task CheckAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Claims all names that begin so for this installation, before the first of them is written. Of two installations that
    /// claim the same, at least one is refused, also where a store cannot create an object exclusively.
    /// </summary>
    /// <exception cref="FeedRejectedException">Another installation claims them.</exception>
    Task ClaimAsync(string start, CancellationToken cancellationToken);

    /// <summary>Takes a claim back, once the objects themselves hold the names.</summary>
    Task ReleaseAsync(string start, CancellationToken cancellationToken);

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

    /// <summary>Opens an object from its start, seekable; null when there is none.</summary>
    Task<Stream?> OpenReadAsync(string name, CancellationToken cancellationToken);

    /// <summary>The same for an object whose length is known, or has a bound.</summary>
    /// <exception cref="ObjectTooLongException">It has more than <paramref name="most"/> bytes.</exception>
    Task<Stream?> OpenReadAsync(string name, long most, CancellationToken cancellationToken);

    /// <summary>The names that begin with <paramref name="start"/>, in no order.</summary>
    IAsyncEnumerable<string> ListAsync(string start, CancellationToken cancellationToken);

    /// <summary>Removes an object; nothing happens when there is none.</summary>
    Task DeleteAsync(string name, CancellationToken cancellationToken);
}
