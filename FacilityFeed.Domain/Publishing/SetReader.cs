using FacilityFeed.Domain.Exporting;
using FacilityFeed.Domain.Storing;
using FacilityFeed.Domain.Writing;

namespace FacilityFeed.Domain.Publishing;

/// <summary>Reads shard after shard of a store as if they were one. What is wrong with one is said with its address.</summary>
/// <param name="store">The feed's store.</param>
/// <param name="shards">Their names, in order.</param>
internal sealed class SetReader(IFeedStore store, IReadOnlyList<string> shards) : IAsyncDisposable
{
    private ShardReader? _reader;
    private int _next;

    /// <summary>The record that was read last; only good until the next one is read.</summary>
    public ReadOnlyMemory<byte> Record => _reader!.Record;

    /// <summary>Its <c>entity_id</c>; null when it has none that is a string.</summary>
    public string? EntityId => _reader!.EntityId;

    /// <summary>Address of the shard it is in.</summary>
    public string Address => store.Locate(shards[_next - 1]);

    /// <summary>Reads the next record.</summary>
    /// <returns>False when there is none, and all shards were right to their last byte.</returns>
    /// <exception cref="FeedFormatException">A shard is missing or no whole shard. Trying again cannot help.</exception>
    /// <exception cref="FeedException">The store did not answer; trying again may help.</exception>
    public async ValueTask<bool> ReadAsync(CancellationToken cancellationToken)
    {
        while (_reader is not null || _next < shards.Count)
        {
            try
            {
                _reader ??= await OpenNextAsync(cancellationToken);
                if (await _reader.ReadAsync(cancellationToken))
                {
                    return true;
                }
            }
            catch (FeedFormatException unreadable)
            {
                throw new FeedFormatException(unreadable.Code, $"{Address} cannot be read: {unreadable.Message}", unreadable);
            }
            catch (IOException failed)
            {
                throw new FeedException($"{Address} cannot be read ({failed.Message}). Check the disk; trying again may help", failed);
            }

            await _reader.DisposeAsync();
            _reader = null;
        }

        return false;
    }

    public ValueTask DisposeAsync() => _reader?.DisposeAsync() ?? ValueTask.CompletedTask;

    private async Task<ShardReader> OpenNextAsync(CancellationToken cancellationToken)
    {
        Headway.Moved();
        var name = shards[_next++];
        var stored = await store.OpenReadAsync(name, cancellationToken) ?? throw new FeedFormatException("shard_missing", "it is not in the store");
        return new ShardReader(new WatchedStream(stored), ShardReader.IsGzip(name));
    }
}
