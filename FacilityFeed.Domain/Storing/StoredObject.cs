namespace FacilityFeed.Domain.Storing;

/// <summary>An object that a store is proven to hold.</summary>
/// <param name="Name">Name within the feed's place in the store, without prefix.</param>
/// <param name="Bytes">Stored length.</param>
/// <param name="Sha256">SHA-256 of the stored bytes, lower-case hex.</param>
/// <param name="ETag">The store's own tag of these bytes, which changes with them; null where the store has none.</param>
public sealed record StoredObject(string Name, long Bytes, string Sha256, string? ETag = null);
