using System.Security.Cryptography;
using FacilityFeed.Domain.Storing;

namespace FacilityFeed.Domain.Publishing;

/// <summary>Reads the shards of one feed in their order: each there, the bytes that were recorded, whole, and every record by the rules.</summary>
internal sealed class ShardVerifier(IFeedStore store, RecordedFeed? recorded, RecordVerifier records, FeedVerdict verdict)
{
    public async Task VerifyAsync(string file, CancellationToken cancellationToken)
    {
        try
        {
            await VerifyStoredAsync(file, cancellationToken);
        }
        catch (ObjectTooLongException longer) when (Find(file) is { } known)
        {
            verdict.Problem("shard_length_differs", file, $"{file} has {Counted.Of(longer.Bytes, "byte")}, but {Counted.Of(known.Stored.Bytes, "was", "were")} stored");
        }
        catch (Exception unreadable) when (unreadable is FeedException or IOException)
        {
            verdict.Problem("shard_unreadable", file, $"{file} cannot be read: {unreadable.Message}");
        }

        verdict.Close();
    }

    private async Task VerifyStoredAsync(string file, CancellationToken cancellationToken)
    {
        await using var stored = await OpenAsync(file, cancellationToken);
        if (stored is null)
        {
            verdict.Problem("shard_missing", file, $"{file} is listed, but it is not in the store");
            return;
        }

        verdict.Shards++;
        verdict.Bytes += stored.Length;
        var known = await CheckBytesAsync(file, stored, cancellationToken);
        stored.Position = 0;
        var (count, isWhole) = await CheckRecordsAsync(file, stored, cancellationToken);
        verdict.Records += count;
        if (known is not null && isWhole && count != known.Records)
        {
            verdict.Problem("shard_records_differ", file, $"{file} holds {Counted.Of(count, "record")}, but run {recorded!.RunId} recorded {known.Records:N0}");
        }
    }

    /// <summary>What is known to be shorter is not read to its end: a store may send for ever.</summary>
    private Task<Stream?> OpenAsync(string file, CancellationToken cancellationToken) => Find(file) is { } known
        ? store.OpenReadAsync(file, known.Stored.Bytes, cancellationToken)
        : store.OpenReadAsync(file, cancellationToken);

    private RecordedShard? Find(string file) => recorded?.Shards.FirstOrDefault(shard => shard.Stored.Name == file);

    private async Task<RecordedShard?> CheckBytesAsync(string file, Stream stored, CancellationToken cancellationToken)
    {
        if (recorded is null)
        {
            return null;
        }

        var known = Find(file);
        if (known is null)
        {
            verdict.Problem("shard_unknown", file, $"{file} is listed, but run {recorded.RunId} made no such shard");
        }
        else if (known.Stored.Bytes != stored.Length)
        {
            verdict.Problem("shard_length_differs", file, $"{file} has {Counted.Of(stored.Length, "byte")}, but {Counted.Of(known.Stored.Bytes, "was", "were")} stored");
        }
        else if (Convert.ToHexStringLower(await SHA256.HashDataAsync(stored, cancellationToken)) != known.Stored.Sha256)
        {
            verdict.Problem("shard_hash_differs", file, $"{file} holds other bytes than were stored (SHA-256 differs)");
        }

        return known;
    }

    private async Task<(long Records, bool IsWhole)> CheckRecordsAsync(string file, Stream stored, CancellationToken cancellationToken)
    {
        await using var reader = new ShardReader(stored, ShardReader.IsGzip(file));
        try
        {
            while (await reader.ReadAsync(cancellationToken))
            {
                records.Verify(file, reader);
            }
        }
        catch (FeedFormatException broken)
        {
            verdict.Problem(broken.Code, file, $"{file} cannot be read after {Counted.Of(reader.Records, "record")}: {broken.Message}");
            return (reader.Records, false);
        }

        if (reader.Records == 0)
        {
            verdict.Problem("shard_empty", file, $"{file} has no record, and a chunk without records makes no shard");
        }

        return (reader.Records, true);
    }
}
