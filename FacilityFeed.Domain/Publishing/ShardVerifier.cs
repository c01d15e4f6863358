using System.Buffers.Binary;
using System.Globalization;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json;
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
        var unpackedLength = file.EndsWith(".gz", StringComparison.Ordinal) ? await ReadUnpackedLengthAsync(stored, cancellationToken) : null;
        stored.Position = 0;
        await CheckRecordsAsync(file, stored, unpackedLength, cancellationToken);
    }

    /// <summary>What the end of a gzip member says of its length, modulo 2^32 (RFC 1952): GZipStream takes no notice when that end is cut off or something follows it.</summary>
    private static async Task<uint?> ReadUnpackedLengthAsync(Stream stored, CancellationToken cancellationToken)
    {
        var length = new byte[sizeof(uint)];
        stored.Position = Math.Max(0, stored.Length - length.Length);
        var read = await stored.ReadAtLeastAsync(length, length.Length, throwOnEndOfStream: false, cancellationToken);
        return read == length.Length ? BinaryPrimitives.ReadUInt32LittleEndian(length) : null;
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

    private async Task CheckRecordsAsync(string file, Stream stored, uint? unpackedLength, CancellationToken cancellationToken)
    {
        var isReported = false;
        var reader = new ShardReader(id =>
        {
            // One complaint a shard: after the first, every id may look wrong.
            isReported = isReported || Complain(file, id);
        });
        try
        {
            await using var json = file.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(stored, CompressionMode.Decompress) : stored;
            await reader.ReadAsync(json, cancellationToken);
            if (reader.Records == 0)
            {
                throw new FormatException("it has no record, and a chunk without records makes no shard");
            }

            if (unpackedLength is { } length && length != unchecked((uint)reader.Bytes))
            {
                throw new InvalidDataException("its end is cut off, or something follows it");
            }
        }
        catch (Exception broken) when (broken is InvalidDataException or JsonException or FormatException or InvalidOperationException)
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
