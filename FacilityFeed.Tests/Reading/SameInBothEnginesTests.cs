using System.Security.Cryptography;
using FacilityFeed.Domain.Planning;
using FacilityFeed.Domain.Writing;
using FacilityFeed.Tests.Support;

namespace FacilityFeed.Tests.Reading;

/// <summary>The engine is no part of the data: the same rows make the same plan and the same bytes.</summary>
public sealed class SameInBothEnginesTests
{
    private const string Insert = "INSERT INTO facility VALUES (@p0, @p1, @p2, @p3, @p4, @p5, @p6, @p7, @p8, @p9, @p10)";

    private static readonly object?[][] _nasty =
    [
        [-3L, "\u0001\b\u001f\u007f\t\r\n\"\\/<&>'", "+49 30 1", "https://a.example/\u2028", 0.0, -0.1, "JP", "東京", "", "100-0001", "🏋️‍♀️"],
        [1L, "", "", "", null, 1e-300, "", "", "", "", ""],
        [2L, null, null, null, null, null, null, null, null, null, null],
        [5L, new string('ü', 512 * 1024) + "\"", null, null, 52.5, 13.4, "DE", null, null, null, null],
        [9007199254740993L, "\uFFFD\u200F مركز \U0010FFFD", null, null, 89.99999999999999, 179.99999999999997, "EG", null, null, null, null],
    ];

    [Test]
    public async Task Sample_IsTheSame_FieldByField()
    {
        await using var postgres = await TestDatabase.CreateAsync(await File.ReadAllTextAsync(Repository.File("db-init.sql")));
        await using var mariaDb = await MariaDbDatabase.CreateAsync(await File.ReadAllTextAsync(Repository.File("deploy/db-init.mysql.sql")));

        var rows = await PlainFacility.ReadTableAsync(mariaDb);

        Assert.That(rows, Has.Count.EqualTo(1000));
        Assert.That(rows, Is.EqualTo(await PlainFacility.ReadTableAsync(postgres)));
        await mariaDb.ExecuteAsync("INSERT INTO facility (name) VALUES ('next')");
        Assert.That(await mariaDb.ScalarAsync<long>("SELECT max(id) FROM facility"), Is.EqualTo(1001));
    }

    [Test]
    public async Task ExportAsync_StoresTheSameBytes_OfTheSample()
    {
        await using var postgres = await TestSource.CreateAsync(await File.ReadAllTextAsync(Repository.File("db-init.sql")));
        await using var mariaDb = await TestSource.CreateMariaDbAsync(await File.ReadAllTextAsync(Repository.File("deploy/db-init.mysql.sql")));

        await AssertSameShardsAsync(postgres, mariaDb, chunkSize: 130);
    }

    [Test]
    public async Task ExportAsync_StoresTheSameBytes_OfNastyRows()
    {
        await using var postgres = await TestSource.CreateAsync(Facilities.Table(text: SqlWords.Postgres.LongText));
        await using var mariaDb = await TestSource.CreateMariaDbAsync(Facilities.Table(text: SqlWords.MariaDb.LongText));
        foreach (var row in _nasty)
        {
            await postgres.Database.ExecuteAsync(Insert, row);
            await mariaDb.Database.ExecuteAsync(Insert, row);
        }

        await AssertSameShardsAsync(postgres, mariaDb, chunkSize: 2);
    }

    private static async Task AssertSameShardsAsync(TestSource postgres, TestSource mariaDb, int chunkSize)
    {
        using var folder = new TempFolder();
        var ranges = await PlanAsync(postgres, chunkSize);
        Assert.That(await PlanAsync(mariaDb, chunkSize), Is.EqualTo(ranges));
        Assert.That(ranges, Has.Count.GreaterThan(2));
        foreach (var range in ranges)
        {
            var shard = await ExportAsync(postgres, folder, "postgres", range);
            Assert.That(await ExportAsync(mariaDb, folder, "mariadb", range), Is.EqualTo(shard), $"chunk {range.Number}");
        }
    }

    private static async Task<IReadOnlyList<ChunkRange>> PlanAsync(TestSource source, int chunkSize)
    {
        await using var keys = await source.Source.OpenKeysAsync(CancellationToken.None);
        return (await ChunkPlanner.PlanAsync(keys, chunkSize, maxChunks: 1000, CancellationToken.None)).Ranges;
    }

    private static async Task<string> ExportAsync(TestSource source, TempFolder folder, string store, ChunkRange range)
    {
        var outcome = await ChunkExport.RunAsync(source, folder, range, Compression.Gzip, store);
        return $"{outcome.RowsRead} rows, {Convert.ToHexStringLower(SHA256.HashData(await File.ReadAllBytesAsync(folder.File($"{store}/{outcome.Shard!.Name}"))))}";
    }
}
