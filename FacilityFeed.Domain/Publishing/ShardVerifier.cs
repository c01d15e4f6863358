using System.Globalization;
using System.Security.Cryptography;
using FacilityFeed.Domain.Storing;

namespace FacilityFeed.Domain.Publishing;

/// <summary>
/// Reads the shards of one feed in their order: each whole, each readable, ids strictly rising over all of them, which is
/// also what shows a record twice or two shards swapped.
/// </summary>
internal sealed class ShardVerifier(IFeedStore store, RecordedFeed? recorded, FeedVerdict verdict)
{
    private long? _previousId;
    private string _previousFile = "";

    public async Task VerifyAsync(string file, CancellationToken cancellationToken)
    {
        try
        {
            await VerifyStoredAsync(file, cancellationToken);
        }
        catch (Exception unreadable) when (unreadable is FeedException or IOException)
        {
            verdict.Problem($"{file} cannot be read: {unreadable.Message}");
        }
    }

    private async Task VerifyStoredAsync(string file, CancellationToken cancellationToken)
    {
        await using var stored = await store.OpenReadAsync(file, cancellationToken);
        if (stored is null)
        {
            verdict.Problem($"{file} is listed, but it is not in the store");
            return;
        }

        verdict.Shards++;
        verdict.Bytes += stored.Length;
        await CheckBytesAsync(file, stored, cancellationToken);
        stored.Position = 0;
        await CheckRecordsAsync(file, stored, cancellationToken);
    }

    private async Task CheckBytesAsync(string file, Stream stored, CancellationToken cancellationToken)
    {
        if (recorded is null)
        {
            return;
        }

        if (recorded.Shards.FirstOrDefault(shard => shard.Name == file) is not { } shard)
        {
            verdict.Problem($"{file} is listed, but run {recorded.RunId} made no such shard");
        }
        else if (shard.Bytes != stored.Length)
        {
            verdict.Problem($"{file} has {stored.Length} bytes, but {shard.Bytes} were stored");
        }
        else if (Convert.ToHexStringLower(await SHA256.HashDataAsync(stored, cancellationToken)) != shard.Sha256)
        {
            verdict.Problem($"{file} holds other bytes than were stored (SHA-256 differs)");
        }
    }

    private async Task CheckRecordsAsync(string file, Stream stored, CancellationToken cancellationToken)
    {
        var isReported = false;
        await using var reader = new ShardReader(stored, ShardReader.IsGzip(file));
        try
        {
            while (await reader.ReadAsync(cancellationToken))
            {
                // One complaint a shard: after the first, every id may look wrong.
                isReported = isReported || Complain(file, reader.EntityId ?? throw new FormatException($"record {reader.Records} has no entity_id that is a string"));
            }

            if (reader.Records == 0)
            {
                throw new FormatException("it has no record, and a chunk without records makes no shard");
            }
        }
        catch (FormatException broken)
        {
            verdict.Problem($"{file} cannot be read after {reader.Records} records: {broken.Message}");
        }

        verdict.Records += reader.Records;
    }

    private bool Complain(string file, string id)
    {
        if (!long.TryParse(id, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
        {
            verdict.Problem($"{file} has entity_id '{id}', which is not a key");
            return true;
        }

        if (number > _previousId || _previousId is null)
        {
            _previousId = number;
            _previousFile = file;
            return false;
        }

        verdict.Problem(number == _previousId
            ? $"{file} has entity_id {number}, which is in the feed already (in {_previousFile})"
            : $"{file} has entity_id {number} after {_previousId} (in {_previousFile}): a record is there twice, or shards were swapped");
        return true;
    }
}
