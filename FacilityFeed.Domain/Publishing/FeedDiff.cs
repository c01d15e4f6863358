using FacilityFeed.Domain.Storing;

namespace FacilityFeed.Domain.Publishing;

/// <summary>Compares two feeds by walking through both in the order of their keys. Memory is one record of each, whatever their size.</summary>
/// <param name="store">The store that holds both.</param>
/// <param name="entityIdPrefix">Comes before the key in each <c>entity_id</c>.</param>
public sealed class FeedDiff(IFeedStore store, string entityIdPrefix)
{
    /// <summary>What became of the records; two are the same when their bytes are.</summary>
    /// <param name="earlier">The shards of the one feed, in order.</param>
    /// <param name="later">The shards of the other; however either is cut does not matter.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="FeedFormatException">A shard is missing, is no whole shard or has other ids; the message says which.</exception>
    /// <exception cref="FeedException">The store did not answer; trying again may help.</exception>
    public async Task<FeedDifference> CompareAsync(IReadOnlyList<string> earlier, IReadOnlyList<string> later, CancellationToken cancellationToken)
    {
        var difference = new FeedDifference();
        await using var old = new KeyedRecords(store, entityIdPrefix, earlier);
        await using var @new = new KeyedRecords(store, entityIdPrefix, later);
        await old.ReadAsync(cancellationToken);
        await @new.ReadAsync(cancellationToken);
        while (old.HasRecord || @new.HasRecord)
        {
            var (isOld, isNew) = Next(old, @new);
            Count(difference, old, @new, isOld, isNew);
            await (isOld ? old.ReadAsync(cancellationToken) : ValueTask.CompletedTask);
            await (isNew ? @new.ReadAsync(cancellationToken) : ValueTask.CompletedTask);
        }

        return difference;
    }

    /// <summary>Which of the two has the smallest key, or both.</summary>
    private static (bool IsOld, bool IsNew) Next(KeyedRecords old, KeyedRecords @new) =>
        (old.HasRecord && (!@new.HasRecord || old.Key <= @new.Key), @new.HasRecord && (!old.HasRecord || @new.Key <= old.Key));

    private static void Count(FeedDifference difference, KeyedRecords old, KeyedRecords @new, bool isOld, bool isNew)
    {
        if (!isOld)
        {
            difference.Add(@new);
        }
        else if (!isNew)
        {
            difference.Remove(old);
        }
        else if (old.Record.Span.SequenceEqual(@new.Record.Span))
        {
            difference.Same++;
        }
        else
        {
            difference.Change(old, @new);
        }
    }
}
