using System.IO.Compression;
using FacilityFeed.Domain;
using FacilityFeed.Domain.Planning;
using FacilityFeed.Domain.Storing;
using FacilityFeed.Domain.Writing;
using FacilityFeed.Tests.Support;

namespace FacilityFeed.Tests.Exporting;

public sealed class ExportFromPostgresTests
{
    private const string NastyRows = """
        INSERT INTO facility VALUES
            (-3, 'Not a number', NULL, NULL, 'NaN', 'NaN', 'DE', 'Berlin', NULL, '10115', 'Torstraße 1'),
            (1, 'Nowhere', NULL, NULL, 'Infinity', '-Infinity', NULL, NULL, NULL, NULL, NULL),
            (2, repeat('ü', 512 * 1024) || '"', NULL, NULL, 52.5, 13.4, 'DE', NULL, NULL, NULL, NULL),
            (3, E'\x01\x08\x1f\x7f\t\r\n"\\/<&>''', '+49 30 1', E'https://a.example/\u2028', 0, -0.1, 'JP', '東京', '', '100-0001', '🏋️‍♀️'),
            (4, '', '', '', NULL, 1e-300, '', '', '', '', ''),
            (5, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
            (9007199254740993, E'\uFFFD\u200F مركز \U0010FFFD', NULL, NULL, 89.99999999999999, 179.99999999999997, 'EG', NULL, NULL, NULL, NULL);
        """;

    [TestCase(Compression.Gzip)]
    [TestCase(Compression.None)]
    public async Task ExportAsync_StoresTheTableFieldByField_WhateverIsInIt(Compression compression)
    {
        await using var source = await TestSource.CreateAsync(Facilities.EmptyTable + NastyRows);
        using var folder = new TempFolder();

        var outcome = await ChunkExport.RunAsync(source, folder, new ChunkRange(1, -3, 9007199254740993, 7), compression);

        var table = await PlainFacility.ReadTableAsync(source.Database);
        Assert.That(ReadShard(folder, outcome.Shard!.Name), Is.EqualTo(table.Select(WithoutWhatJsonHasNoNumberFor)));
        Assert.That((outcome.RowsRead, outcome.Records, outcome.Tally.Rejected), Is.EqualTo((7, 7, 0)));
        Assert.That(new FileInfo(folder.File("feeds/" + outcome.Shard.Name)).Length, Is.EqualTo(outcome.Shard.Bytes));
    }

    [Test]
    public async Task ExportAsync_StoresTheSame_WhenTheShardIsTooLargeForMemory()
    {
        await using var source = await TestSource.CreateAsync(Facilities.EmptyTable + "INSERT INTO facility (id, name) SELECT i, repeat(md5(i::text), 4000) FROM generate_series(1, 50) i");
        using var folder = new TempFolder();

        var outcome = await ChunkExport.RunAsync(source, folder, new ChunkRange(1, 1, 50, 50), Compression.None);

        Assert.That(outcome.Shard!.Bytes, Is.GreaterThan(SpoolStream.DefaultMemoryBytes));
        Assert.That(ReadShard(folder, outcome.Shard.Name), Is.EqualTo(await PlainFacility.ReadTableAsync(source.Database)));
        Assert.That(Directory.GetFiles(folder.File("spool")), Is.Empty);
    }

    [Test]
    public async Task ExportAsync_MakesNoShard_WhenTheRangeIsEmpty()
    {
        await using var source = await TestSource.CreateAsync(Facilities.Numbered(1, 5));
        using var folder = new TempFolder();

        var outcome = await ChunkExport.RunAsync(source, folder, new ChunkRange(2, 6, 10, 5), Compression.Gzip);

        Assert.That((outcome.RowsRead, outcome.Records, outcome.JsonBytes, outcome.Shard), Is.EqualTo((0L, 0L, 0L, (StoredObject?)null)));
        Assert.That(Directory.Exists(folder.File("feeds")), Is.False);
    }

    [Test]
    public async Task ExportAsync_StoresNothing_WhenAKeyIsDoubledSinceThePlan()
    {
        await using var source = await TestSource.CreateAsync(Facilities.ViewOf("SELECT unnest(ARRAY[1, 2, 2, 3]::bigint[]) AS id"));
        using var folder = new TempFolder();

        var failure = (await Assert.CatchAsync<FeedException>(() => ChunkExport.RunAsync(source, folder, new ChunkRange(1, 1, 3, 3), Compression.Gzip)))!;

        Assert.That(failure.Message, Does.Contain("id 2 came after 2").And.Contain("chunk 1"));
        Assert.That(Directory.Exists(folder.File("feeds")), Is.False);
    }

    private static IReadOnlyList<PlainFacility> ReadShard(TempFolder folder, string name)
    {
        using var stored = File.OpenRead(folder.File("feeds/" + name));
        using var json = name.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(stored, CompressionMode.Decompress) : (Stream)stored;
        return PlainFacility.Parse(json);
    }

    private static PlainFacility WithoutWhatJsonHasNoNumberFor(PlainFacility row) => row with
    {
        Latitude = row.Latitude is { } latitude && double.IsFinite(latitude) ? latitude : null,
        Longitude = row.Longitude is { } longitude && double.IsFinite(longitude) ? longitude : null,
    };
}
