using FacilityFeed.Domain.Storing;

namespace FacilityFeed.Domain.Publishing;

/// <summary>The records of a feed with their keys, which must rise.</summary>
/// <param name="store">The feed's store.</param>
/// <param name="prefix">Comes before the key in each <c>entity_id</c>.</param>
/// <param name="shards">The names of its shards, in order.</param>
internal sealed class KeyedRecords(IFeedStore store, string prefix, IReadOnlyList<string> shards) : IAsyncDisposable
{
    private readonly SetReader _set = new(store, shards);

    /// <summary>Whether there is a record; not before the first was read, nor after the last.</summary>
    public bool HasRecord { get; private set; }

    /// <summary>Its key.</summary>
    public long Key { get; private set; }

    /// <summary>Its id.</summary>
    public string EntityId => _set.EntityId!;

    /// <summary>Its bytes; only good until the next one is read.</summary>
    public ReadOnlyMemory<byte> Record => _set.Record;

    /// <exception cref="FeedFormatException">A shard cannot be read, or its ids are not these.</exception>
    public async ValueTask ReadAsync(CancellationToken cancellationToken)
    {
        var (before, hadOne) = (Key, HasRecord);
        HasRecord = await _set.ReadAsync(cancellationToken);
        if (!HasRecord)
        {
            return;
        }

        Key = _set.EntityId is { } id && id.StartsWith(prefix, StringComparison.Ordinal) && EntityKey.TryParse(id.AsSpan(prefix.Length), out var key)
            ? key
            : throw new FeedFormatException("entity_id_no_key", $"{_set.Address} has entity_id '{ShownValue.Of(_set.EntityId ?? "")}', which is not {(prefix.Length == 0 ? "a key" : $"'{prefix}' and a key")}");
        if (hadOne && Key <= before)
        {
            throw new FeedFormatException("entity_id_late", $"{_set.Address} has entity_id '{ShownValue.Of(EntityId)}' after key {before}: it was changed, for ids rise in a feed");
        }
    }

    public ValueTask DisposeAsync() => _set.DisposeAsync();
}
