using System.Globalization;
using CsCheck;
using FacilityFeed.Domain;
using FacilityFeed.Domain.Planning;
using FacilityFeed.Tests.Support;

namespace FacilityFeed.Tests.Reading;

public sealed class PostgresKeySnapshotTests
{
    [Test]
    public async Task JumpAsync_LandsOnEveryNthKey_OfAnyTableWithGaps()
    {
        await using var source = await TestSource.CreateAsync(Facilities.EmptyTable);

        await Gen.Select(Gen.Int[-400, 400].Array[1, 60], Gen.Int[1, 20]).SampleAsync(async (numbers, rows) =>
        {
            var sorted = numbers.Distinct().Order().Select(number => (long)number).ToList();
            await FillAsync(source, sorted);
            await using var keys = await source.Source.OpenKeysAsync(CancellationToken.None);

            Assert.That((keys.Count, keys.FirstId, keys.LastId), Is.EqualTo(((long)sorted.Count, sorted[0], sorted[^1])));
            for (var start = 0; start < sorted.Count; start += rows)
            {
                var landed = await keys.JumpAsync(start == 0 ? keys.FirstId : sorted[start - 1] + 1, rows, CancellationToken.None);
                Assert.That(landed, Is.EqualTo(start + rows <= sorted.Count ? sorted[start + rows - 1] : (long?)null));
            }
        }, iter: 25, threads: 1);
    }

    [Test]
    public async Task OpenKeysAsync_CountsNothing_WhenTheTableIsEmpty()
    {
        await using var source = await TestSource.CreateAsync(Facilities.EmptyTable);

        await using var keys = await source.Source.OpenKeysAsync(CancellationToken.None);

        Assert.That(keys.Count, Is.Zero);
    }

    [Test]
    public async Task OpenKeysAsync_NamesTheRows_WhenIdsAreNull()
    {
        await using var source = await TestSource.CreateAsync(
            "CREATE VIEW facility AS SELECT * FROM (VALUES (1::bigint, 'Sound'), (NULL, 'Nameless Gym'), (NULL, NULL)) AS v (id, name), " +
            "(SELECT NULL::text phone, NULL::text url, NULL::float8 latitude, NULL::float8 longitude, NULL::text country, NULL::text locality, NULL::text region, NULL::text postal_code, NULL::text street_address) AS rest");

        var refusal = await RefusalAsync(source);

        Assert.That(refusal.Message, Does.Contain("2 rows whose id is NULL").And.Contain("Nameless Gym").And.Contain("(no name)").And.Contain("give each row its own id").And.Not.Contain("Sound"));
    }

    [Test]
    public async Task OpenKeysAsync_NamesTheIds_WhenIdsAreDoubled()
    {
        await using var source = await TestSource.CreateAsync(Facilities.ViewOf("SELECT unnest(ARRAY[1, 17, 17, 4, -5, -5, -5, 8]::bigint[]) AS id"));

        var refusal = await RefusalAsync(source);

        Assert.That(refusal.Message, Does.Contain("more than one row for id -5, 17:").And.Contain("facility").And.Contain("give each row its own id"));
    }

    [Test]
    public async Task OpenKeysAsync_NamesTenIdsAtMost_WhenManyAreDoubled()
    {
        await using var source = await TestSource.CreateAsync(Facilities.ViewOf("SELECT i::bigint AS id FROM generate_series(1, 40) i, generate_series(1, 2)"));

        var refusal = await RefusalAsync(source);

        Assert.That(refusal.Message, Does.Contain("id 1, 2, 3, 4, 5, 6, 7, 8, 9, 10:"));
    }

    [TestCase("bigint", Description = "no constraint at all")]
    [TestCase("bigint UNIQUE", Description = "unique, but NULL is allowed")]
    public async Task OpenKeysAsync_IsRejected_WhenATableHasANullKey(string id)
    {
        await using var source = await TestSource.CreateAsync(Facilities.Table(id: id) + "INSERT INTO facility (id, name) VALUES (1, 'Sound'), (NULL, 'Nameless Gym')");

        var refusal = await RefusalAsync(source);

        Assert.That(refusal.Message, Does.Contain("1 row whose id is NULL").And.Contain("Nameless Gym"));
    }

    [Test]
    public async Task OpenKeysAsync_IsRejected_WhenAnInheritingTableDoublesAKey()
    {
        await using var source = await TestSource.CreateAsync(
            Facilities.EmptyTable + "CREATE TABLE archive () INHERITS (facility); INSERT INTO facility (id) VALUES (1), (2); INSERT INTO archive (id) VALUES (2)");

        var refusal = await RefusalAsync(source);

        Assert.That(refusal.Message, Does.Contain("more than one row for id 2:"));
    }

    [TestCase("", Description = "no index at all")]
    [TestCase("CREATE INDEX ON facility (name, id)", Description = "not first")]
    [TestCase("CREATE INDEX ON facility (id) WHERE country = 'DE'", Description = "not all rows")]
    public async Task OpenKeysAsync_Warns_WhenNoIndexBeginsWithTheKey(string index)
    {
        await using var source = await TestSource.CreateAsync(Facilities.Table(id: "bigint NOT NULL") + index);

        await using var keys = await source.Source.OpenKeysAsync(CancellationToken.None);

        Assert.That(keys.Warnings, Has.One.Contains("facility.id has no index").And.One.Contains("CREATE UNIQUE INDEX ON \"facility\" (id)"));
    }

    [TestCase("bigint PRIMARY KEY", "")]
    [TestCase("bigint NOT NULL", "CREATE INDEX ON facility (id)")]
    public async Task OpenKeysAsync_WarnsOfNothing_WhenTheKeyHasAnIndex(string id, string index)
    {
        await using var source = await TestSource.CreateAsync(Facilities.Table(id: id) + index);

        await using var keys = await source.Source.OpenKeysAsync(CancellationToken.None);

        Assert.That(keys.Warnings, Is.Empty);
    }

    [TestCase("smallint", short.MinValue, short.MaxValue)]
    [TestCase("integer", int.MinValue, int.MaxValue)]
    [TestCase("bigint", long.MinValue, long.MaxValue)]
    public async Task OpenKeysAsync_TakesEveryIntegerKey_ToItsLimits(string type, long least, long most)
    {
        await using var source = await TestSource.CreateAsync(Facilities.Table(id: $"{type} PRIMARY KEY"));
        long[] expected = [least, least + 1, -1, 0, 7, most - 1, most];
        await FillAsync(source, expected);

        await using var keys = await source.Source.OpenKeysAsync(CancellationToken.None);

        Assert.That(await TestSource.KeysAsync(keys), Is.EqualTo(expected));
        Assert.That((keys.FirstId, keys.LastId), Is.EqualTo((least, most)));
        Assert.That((await source.ReadAsync(least, most)).Select(facility => facility.Id), Is.EqualTo(expected));
    }

    [Test]
    public async Task OpenKeysAsync_DoesNotSeeLaterRows()
    {
        await using var source = await TestSource.CreateAsync(Facilities.EmptyTable);
        await FillAsync(source, [10, 20, 30]);
        await using var keys = await source.Source.OpenKeysAsync(CancellationToken.None);

        await source.Database.ExecuteAsync("INSERT INTO facility (id) VALUES (5), (15), (25), (40); DELETE FROM facility WHERE id = 20");

        Assert.That(await TestSource.KeysAsync(keys), Is.EqualTo(new long[] { 10, 20, 30 }));
        Assert.That(await source.KeysAsync(), Is.EqualTo(new long[] { 5, 10, 15, 25, 30, 40 }));
    }

    [TestCase("shop.facility", "shop.facility")]
    [TestCase("\"Shop\".\"Facility List\"", "Shop.Facility List")]
    [TestCase("\"Shop\".\"Facility List\"", "\"Shop\".\"Facility List\"")]
    [TestCase("\"it's \"\"our\"\" table\"", "it's \"our\" table")]
    public async Task OpenKeysAsync_FindsTables_OfAnyName(string quoted, string setting)
    {
        await using var source = await TestSource.CreateAsync(
            $"CREATE SCHEMA shop; CREATE SCHEMA \"Shop\"; {Facilities.Table(quoted)} INSERT INTO {quoted} (id) VALUES (3), (4)", table: setting);

        var keys = await source.KeysAsync();

        Assert.That(keys, Is.EqualTo(new long[] { 3, 4 }));
        Assert.That((await source.ReadAsync()).Select(facility => facility.Id), Is.EqualTo(keys));
    }

    [Test]
    public async Task OpenKeysAsync_ReadsAllPartitions()
    {
        await using var source = await TestSource.CreateAsync("""
            CREATE TABLE facility (id bigint PRIMARY KEY, name text, phone text, url text, latitude float8, longitude float8,
                country text, locality text, region text, postal_code text, street_address text) PARTITION BY RANGE (id);
            CREATE TABLE low PARTITION OF facility FOR VALUES FROM (MINVALUE) TO (100);
            CREATE TABLE high PARTITION OF facility FOR VALUES FROM (100) TO (MAXVALUE);
            INSERT INTO facility (id) VALUES (1), (99), (100), (250);
            """);

        await using var keys = await source.Source.OpenKeysAsync(CancellationToken.None);

        Assert.That(await TestSource.KeysAsync(keys), Is.EqualTo(new long[] { 1, 99, 100, 250 }));
        Assert.That(keys.Warnings, Is.Empty);
    }

    [Test]
    public async Task OpenKeysAsync_ReadsAMaterializedView()
    {
        await using var source = await TestSource.CreateAsync("CREATE SCHEMA base; CREATE TABLE base.facility (id int); INSERT INTO base.facility VALUES (2), (6);" +
            Facilities.ViewOf("SELECT id FROM base.facility").Replace("CREATE VIEW", "CREATE MATERIALIZED VIEW", StringComparison.Ordinal) + "CREATE UNIQUE INDEX ON facility (id)");

        await using var keys = await source.Source.OpenKeysAsync(CancellationToken.None);

        Assert.That(await TestSource.KeysAsync(keys), Is.EqualTo(new long[] { 2, 6 }));
        Assert.That(keys.Warnings, Is.Empty);
    }

    [TestCase("smallint", 30_000)]
    [TestCase("integer", 40_000)]
    [TestCase("bigint", 40_000)]
    public async Task JumpAsync_ReadsOnlyWhatItJumpsOver(string type, int rows)
    {
        await using var source = await TestSource.CreateAsync(
            Facilities.Table(id: $"{type} PRIMARY KEY") + $"INSERT INTO facility (id) SELECT i FROM generate_series(1, {rows}) i; ANALYZE facility");

        await using (var keys = await source.Source.OpenKeysAsync(CancellationToken.None))
        {
            await ChunkPlanner.PlanAsync(keys, chunkSize: 100, maxChunks: 1000, CancellationToken.None);
        }

        // Statistics arrive a moment after the session is done. The count may read each key once, and the jumps once more.
        const string KeysRead = "SELECT coalesce(sum(idx_tup_read), 0)::bigint FROM pg_stat_user_indexes WHERE relname = 'facility'";
        await Until.TrueAsync(async () => await source.Database.ScalarAsync<long>(KeysRead) >= rows, TimeSpan.FromSeconds(20), "the statistics");
        Assert.That(await source.Database.ScalarAsync<long>(KeysRead), Is.LessThan(3 * rows));
    }

    private static async Task FillAsync(TestSource source, IReadOnlyCollection<long> ids)
    {
        var values = string.Join(", ", ids.Select(id => string.Create(CultureInfo.InvariantCulture, $"({id})")));
        await source.Database.ExecuteAsync($"TRUNCATE facility; INSERT INTO facility (id) VALUES {values}");
    }

    private static async Task<FeedRejectedException> RefusalAsync(TestSource source) =>
        (await Assert.ThrowsAsync<FeedRejectedException>(async () => await source.Source.OpenKeysAsync(CancellationToken.None)))!;
}
