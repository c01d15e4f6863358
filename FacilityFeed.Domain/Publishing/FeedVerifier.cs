using System.Security.Cryptography;
using FacilityFeed.Domain.Storing;

namespace FacilityFeed.Domain.Publishing;

/// <summary>
/// Reads a published feed back from its store and checks every promise that can be seen from outside; and, where the ledger
/// knows the run, that manifest and shards are the very bytes it recorded.
/// </summary>
/// <param name="store">The store that holds the feed.</param>
/// <param name="findRecorded">Asks the ledger for the run that published a manifest; null when it does not know it.</param>
/// <param name="time">The clock, by which a manifest of the future is told.</param>
public sealed class FeedVerifier(IFeedStore store, Func<Manifest, CancellationToken, Task<RecordedFeed?>> findRecorded, TimeProvider time)
{
    /// <summary>Verifies the feed of a manifest, or of the alias.</summary>
    /// <exception cref="FeedException">The store could not be read.</exception>
    public async Task<FeedVerdict> VerifyAsync(string name, CancellationToken cancellationToken)
    {
        var verdict = new FeedVerdict();
        if (await ReadManifestAsync(name, verdict, cancellationToken) is var (manifest, bytes))
        {
            await VerifyAsync(name, manifest, bytes, verdict, cancellationToken);
        }

        verdict.Close();
        return verdict;
    }

    private async Task VerifyAsync(string name, Manifest manifest, byte[] bytes, FeedVerdict verdict, CancellationToken cancellationToken)
    {
        // Names are made of it, and looked for: a path out of the folder must not be one of them.
        var isFit = ObjectNames.IsFeedName(manifest.Name);
        if (isFit)
        {
            await CheckTwinAsync(name, manifest, bytes, verdict, cancellationToken);
        }

        CheckNames(manifest, verdict);
        var recorded = isFit ? await findRecorded(manifest, cancellationToken) : null;
        var shards = new ShardVerifier(store, recorded, new RecordVerifier(manifest.Name, verdict), verdict);
        foreach (var file in manifest.DataFiles)
        {
            await shards.VerifyAsync(file, cancellationToken);
        }

        if (recorded is null)
        {
            verdict.Note("ledger_unknown", name, "the ledger does not know this feed, so only what can be seen from outside was checked");
            if (isFit)
            {
                await CheckUnlistedAsync(manifest, verdict, cancellationToken);
            }
        }
        else
        {
            CheckRecorded(name, manifest, bytes, recorded, verdict);
        }
    }

    private async Task<(Manifest Manifest, byte[] Bytes)?> ReadManifestAsync(string name, FeedVerdict verdict, CancellationToken cancellationToken)
    {
        if (name != ObjectNames.Alias && !name.EndsWith(ObjectNames.ManifestEnding, StringComparison.Ordinal))
        {
            verdict.Problem("manifest_extension_wrong", name, $"{name} must be called {ObjectNames.Alias} or end in {ObjectNames.ManifestEnding}");
        }

        try
        {
            if (await SmallContent.ReadAsync(store, name, cancellationToken) is not { } bytes)
            {
                verdict.Problem("manifest_missing", name, $"{store.Locate(name)} does not exist");
                return null;
            }

            return Examine(bytes);
        }
        catch (FormatException tooLarge)
        {
            verdict.Problem("manifest_too_large", name, $"{name} is not a manifest: {tooLarge.Message}");
            return null;
        }

        (Manifest, byte[])? Examine(byte[] bytes) => new ManifestExam(name, time.GetUtcNow(), verdict).Read(bytes) is { } manifest ? (manifest, bytes) : null;
    }

    /// <summary>A manifest has its alias and the alias its manifest, with the same bytes.</summary>
    private async Task CheckTwinAsync(string name, Manifest manifest, byte[] bytes, FeedVerdict verdict, CancellationToken cancellationToken)
    {
        var properName = ObjectNames.Manifest(manifest.Name, manifest.GenerationTimestamp);
        if (name != ObjectNames.Alias && name != properName)
        {
            verdict.Problem("manifest_name_wrong", name, $"{name} says name '{ShownValue.Of(manifest.Name)}' and generation_timestamp {manifest.GenerationTimestamp}, so it should be called {ShownValue.Of(properName)}");
        }

        var twin = name == ObjectNames.Alias ? properName : ObjectNames.Alias;
        var twinBytes = await ReadOtherAsync(twin, cancellationToken);
        if (twinBytes is null)
        {
            verdict.Problem(twin == ObjectNames.Alias ? "alias_missing" : "manifest_missing", twin, $"{ShownValue.Of(twin)} is missing beside {name}");
        }
        else if (!twinBytes.AsSpan().SequenceEqual(bytes))
        {
            CheckOtherTwin(name, twin, manifest, twinBytes, verdict);
        }
    }

    private static void CheckOtherTwin(string name, string twin, Manifest manifest, byte[] twinBytes, FeedVerdict verdict)
    {
        var other = TryParse(twinBytes);
        if (twin == ObjectNames.Alias && other is not null && other.GenerationTimestamp > manifest.GenerationTimestamp)
        {
            verdict.Note("alias_newer", name, $"{name} is not the current feed: {twin} is newer ({other.GenerationTimestamp})");
        }
        else
        {
            verdict.Problem("alias_differs", name, $"{ShownValue.Of(twin)} and {name} differ: one of them was changed after it was published");
        }
    }

    private static void CheckNames(Manifest manifest, FeedVerdict verdict)
    {
        var previous = 0;
        foreach (var file in manifest.DataFiles)
        {
            var chunk = ObjectNames.ChunkOf(file, manifest.Name, manifest.GenerationTimestamp);
            if (chunk is null)
            {
                verdict.Problem("shard_name_wrong", file, $"{file} is listed, but it is not the name of a shard of {ShownValue.Of(ObjectNames.Generation(manifest.Name, manifest.GenerationTimestamp))} (which ends in .json.gz or .json)");
            }
            else if (chunk <= previous)
            {
                verdict.Problem("shard_order_wrong", file, $"{file} is listed after chunk {previous}: shards must be in chunk order, each chunk once");
            }

            previous = chunk ?? previous;
        }
    }

    private async Task CheckUnlistedAsync(Manifest manifest, FeedVerdict verdict, CancellationToken cancellationToken)
    {
        var listed = manifest.DataFiles.Select(file => ObjectNames.ChunkOf(file, manifest.Name, manifest.GenerationTimestamp)).ToHashSet();
        var start = ObjectNames.Generation(manifest.Name, manifest.GenerationTimestamp) + "_";
        await foreach (var stored in store.ListAsync(start, cancellationToken))
        {
            if (ObjectNames.ChunkOf(stored, manifest.Name, manifest.GenerationTimestamp) is { } chunk && !listed.Contains(chunk))
            {
                verdict.Problem("shard_unlisted", stored, $"{stored} is in the store, but no shard of chunk {chunk} is listed");
            }
        }
    }

    private static void CheckRecorded(string name, Manifest manifest, byte[] bytes, RecordedFeed recorded, FeedVerdict verdict)
    {
        verdict.Note("ledger_compared", name, $"compared with run {recorded.RunId} in the ledger");
        if (Convert.ToHexStringLower(SHA256.HashData(bytes)) != recorded.ManifestSha256)
        {
            verdict.Problem("manifest_changed", name, $"{name} is not the manifest that run {recorded.RunId} published: it was changed afterwards");
        }

        foreach (var shard in recorded.Shards.Select(shard => shard.Stored.Name).Except(manifest.DataFiles))
        {
            verdict.Problem("shard_unlisted", shard, $"{shard} belongs to run {recorded.RunId}, but it is not listed");
        }
    }

    private static Manifest? TryParse(byte[] bytes)
    {
        try
        {
            return Manifest.Parse(bytes);
        }
        catch (FormatException)
        {
            return null;
        }
    }

    /// <returns>Nothing of one that is too large for any manifest.</returns>
    private async Task<byte[]?> ReadOtherAsync(string name, CancellationToken cancellationToken)
    {
        try
        {
            return await SmallContent.ReadAsync(store, name, cancellationToken);
        }
        catch (FormatException)
        {
            return [];
        }
    }
}
