using System.Security.Cryptography;
using FacilityFeed.Domain;
using FacilityFeed.Domain.Publishing;
using FacilityFeed.Domain.Storing;
using FacilityFeed.Domain.Writing;
using FacilityFeed.Infrastructure.Storing;
using FacilityFeed.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace FacilityFeed.Tests.Publishing;

/// <summary>A feed of three shards with ten records each, published by hand into a folder; then something may be done to it.</summary>
internal sealed class PublishedFeed : IDisposable
{
    public const string Name = "reservewithgoogle.entity";
    public const long Generation = 1_750_000_000;
    public const int RecordsInAShard = 10;

    private readonly TempFolder _folder = new();
    private readonly LocalFeedStore _store;

    private PublishedFeed() => _store = new LocalFeedStore(new LocalStoreOptions { Path = _folder.Path, Section = "Stores:test" }, prefix: "", CrashPoints.None);

    /// <summary>Two hours after the feed was made.</summary>
    public FakeTimeProvider Clock { get; } = new(DateTimeOffset.FromUnixTimeSeconds(Generation + 7200));

    public Manifest Manifest { get; private set; } = null!;

    public RecordedFeed Recorded { get; set; } = null!;

    public IFeedStore Store => _store;

    public static string ManifestName { get; } = ObjectNames.Manifest(Name, Generation);

    public static async Task<PublishedFeed> CreateAsync(Compression compression = Compression.Gzip, int shards = 3, int firstId = 1)
    {
        var feed = new PublishedFeed();
        await feed.PublishAsync(Generation, compression, shards, firstId);
        return feed;
    }

    /// <summary>Publishes a later run into the same folder.</summary>
    public Task PublishLaterAsync() => PublishAsync(Generation + 3600, Compression.Gzip, shards: 2, firstId: 1);

    /// <summary>Verifies with what the ledger would say, or as somebody who has only the store.</summary>
    public Task<FeedVerdict> VerifyAsync(bool isRecorded, string name = ObjectNames.Alias)
    {
        var recorded = isRecorded ? Recorded : null;
        return new FeedVerifier(_store, (manifest, _) => Task.FromResult(manifest.GenerationTimestamp == Generation ? recorded : null), Clock)
            .VerifyAsync(name, CancellationToken.None);
    }

    /// <summary>The file name of a shard, from 1.</summary>
    public string Shard(int number) => Manifest.DataFiles[number - 1];

    public string PathOf(string name) => _folder.File(name);

    public byte[] Read(string name) => File.ReadAllBytes(PathOf(name));

    public void Overwrite(string name, byte[] bytes) => File.WriteAllBytes(PathOf(name), bytes);

    public void Delete(string name) => File.Delete(PathOf(name));

    /// <summary>Changes manifest and alias alike, so that they do not give each other away.</summary>
    public void EditBoth(Func<Manifest, Manifest> edit)
    {
        Overwrite(ManifestName, edit(Manifest).ToBytes());
        Overwrite(ObjectNames.Alias, edit(Manifest).ToBytes());
    }

    public static byte[] Records(Compression compression, int firstId, int count = RecordsInAShard) =>
        Rows.Shard(compression, Enumerable.Range(firstId, count).Select(id => Rows.Full(id)));

    public void Dispose() => _folder.Dispose();

    private async Task PublishAsync(long generation, Compression compression, int shards, int firstId)
    {
        var stored = new List<StoredObject>();
        for (var number = 1; number <= shards; number++)
        {
            var bytes = Records(compression, firstId + ((number - 1) * RecordsInAShard));
            stored.Add(await _store.CreateAsync(ObjectNames.Shard(Name, generation, number, attempt: 1, compression), ObjectContent.Of(bytes), CancellationToken.None));
        }

        var manifest = new Manifest(generation, Name, [.. stored.Select(shard => shard.Name)]);
        await _store.CreateAsync(ObjectNames.Manifest(Name, generation), ObjectContent.Of(manifest.ToBytes()), CancellationToken.None);
        await _store.ReplaceAsync(ObjectNames.Alias, ObjectContent.Of(manifest.ToBytes()), CancellationToken.None);
        if (generation == Generation)
        {
            Manifest = manifest;
            Recorded = new RecordedFeed(12, Convert.ToHexStringLower(SHA256.HashData(manifest.ToBytes())), [.. stored.Select(shard => new RecordedShard(shard, RecordsInAShard))]);
        }
    }
}
