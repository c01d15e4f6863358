using FacilityFeed.Domain;
using FacilityFeed.Tests.Support;

namespace FacilityFeed.Tests.Reading;

/// <summary>What only MySQL and MariaDB have for tables, columns and rights; the rest is in <see cref="SourceContract"/>.</summary>
public sealed class MariaDbTableTests
{
    [TestCase("longblob", "longblob")]
    [TestCase("varbinary(40)", "varbinary")]
    [TestCase("binary(16)", "binary")]
    [TestCase("bit(8)", "bit")]
    [TestCase("point", "point")]
    public async Task CheckAsync_IsRejected_WhenATextIsBinary(string type, string shown)
    {
        await using var source = await TestSource.CreateMariaDbAsync(Facilities.EmptyTable + $"ALTER TABLE facility MODIFY region {type}");

        var refusal = (await Assert.ThrowsAsync<FeedRejectedException>(() => source.Source.CheckAsync(CancellationToken.None)))!;

        Assert.That(refusal.Message, Does.Contain("facility.region").And.Contain($"is {shown}, which cannot be read as text").And.Contain("Table (Feeds:FEED:Table)"));
    }

    [TestCase("date")]
    [TestCase("blob")]
    [TestCase("time")]
    [TestCase("bit(1)")]
    public async Task CheckAsync_IsRejected_WhenACoordinateIsNeitherNumberNorText(string type)
    {
        await using var source = await TestSource.CreateMariaDbAsync(Facilities.EmptyTable + $"ALTER TABLE facility MODIFY longitude {type}");

        var refusal = (await Assert.ThrowsAsync<FeedRejectedException>(() => source.Source.CheckAsync(CancellationToken.None)))!;

        Assert.That(refusal.Message, Does.Contain("facility.longitude").And.Contain($"is {type.Split('(')[0]}, which cannot be read as degrees"));
    }

    [Test]
    public async Task ReadAsync_IsRejected_WhenTheServerMakesNullOfALongText()
    {
        const string Limit = "SET GLOBAL max_allowed_packet = ";
        await using var source = await TestSource.CreateMariaDbAsync(Facilities.EmptyTable.Replace("name text", "name longtext", StringComparison.OrdinalIgnoreCase)
            + "INSERT INTO facility (id, name) VALUES (1, repeat('x', 3000000))");
        var usual = await source.Database.ScalarAsync<ulong>("SELECT @@global.max_allowed_packet");
        await source.Database.ExecuteAsync($"{Limit}1048576");
        try
        {
            // A pool of its own: a session keeps the limit that it began with.
            await using var pool = new FacilityFeed.Infrastructure.Reading.SourcePool(source.Database.SourceOptions);
            await using var rows = await pool.For("facility").OpenChunkAsync(new Domain.Planning.ChunkRange(1, 1, 1, 1), "run 1 chunk 1", CancellationToken.None);

            var refusal = (await Assert.ThrowsAsync<FeedRejectedException>(async () =>
            {
                await foreach (var row in rows.ReadAsync(CancellationToken.None))
                {
                    Assert.That(row.Id, Is.EqualTo(1));
                }
            }))!;

            Assert.That(refusal.Message, Does.Contain("was not read as it is").And.Contain("max_allowed_packet"));
        }
        finally
        {
            await source.Database.ExecuteAsync($"{Limit}{usual}");
        }
    }

    [Test]
    public async Task ReadAsync_WritesOtherTypesAsText()
    {
        await using var source = await TestSource.CreateMariaDbAsync("""
            CREATE TABLE facility (id int PRIMARY KEY, name date, phone bigint unsigned, url datetime(3), latitude int, longitude bigint, country enum('DE', 'FR'),
                locality decimal(6,2), region set('a', 'b'), postal_code int(5) zerofill, street_address json);
            INSERT INTO facility VALUES (1, '2026-02-01', 18446744073709551615, '2026-02-01 03:04:05.678', 52, -13, 'FR', 1.50, 'a,b', 1067, '{"a": "ü"}');
            """);

        var read = await source.ReadAsync();

        Assert.That(read, Is.EqualTo(new[] { new PlainFacility(1, "2026-02-01", "18446744073709551615", "2026-02-01 03:04:05.678", 52, -13, "FR", "1.50", "a,b", "01067", """{"a": "ü"}""") }));
    }

    [Test]
    public async Task ReadAsync_ReadsAFloatAsTheNumberItIs()
    {
        await using var source = await TestSource.CreateMariaDbAsync(Facilities.Table(coordinate: "float") + "INSERT INTO facility (id, latitude, longitude) VALUES (1, 13.4, -0.1)");

        var read = (await source.ReadAsync()).Single();

        Assert.That((read.Latitude, read.Longitude), Is.EqualTo(((double?)13.4f, (double?)-0.1f)));
    }

    [TestCase("latin1", "Café Œuvre – 5 €")]
    [TestCase("utf8mb3", "東京 Café")]
    [TestCase("sjis", "東京体育館")]
    [TestCase("utf8mb4", "🏋️‍♀️")]
    public async Task ReadAsync_MakesUtf8OfEveryCharacterSet(string characterSet, string name)
    {
        await using var source = await TestSource.CreateMariaDbAsync(Facilities.EmptyTable + $"ALTER TABLE facility CONVERT TO CHARACTER SET {characterSet}; INSERT INTO facility (id, name) VALUES (1, '{name}')");

        Assert.That((await source.ReadAsync()).Single().Name, Is.EqualTo(name));
    }

    [Test]
    public async Task ReadAsync_TakesWordsForWhatIsNoNumber_AsPostgresDoes()
    {
        await using var source = await TestSource.CreateMariaDbAsync(Facilities.Table(coordinate: "varchar(20)") + "INSERT INTO facility (id, latitude, longitude) VALUES (1, 'NaN', ' -Infinity'), (2, '+1.5e1', NULL)");

        var read = await source.ReadAsync();

        Assert.That(read.Select(facility => (facility.Latitude, facility.Longitude)), Is.EqualTo(new (double?, double?)[] { (double.NaN, double.NegativeInfinity), (15, null) }));
    }

    [Test]
    public async Task ReadAsync_ShowsNoMoreOfAValueThanItMust()
    {
        await using var source = await TestSource.CreateMariaDbAsync(Facilities.Table(coordinate: "text") + $"INSERT INTO facility (id, longitude) VALUES (7, '{new string('x', 39)}\\nyz')");

        var refusal = (await Assert.ThrowsAsync<FeedRejectedException>(async () => await source.ReadAsync()))!;

        Assert.That(refusal.Message, Does.Contain($"longitude that is no number at id 7: '{new string('x', 39)} '. "));
    }

    [Test]
    public async Task ReadAsync_ReadsAView_WithColumnsThatAreAlwaysNull()
    {
        await using var source = await TestSource.CreateMariaDbAsync("""
            CREATE TABLE studio (number int unsigned PRIMARY KEY, title varchar(200)); INSERT INTO studio VALUES (4, 'Vier'), (2, 'Zwei');
            CREATE VIEW facility AS SELECT number AS ID, title AS Name, NULL AS phone, NULL AS url, NULL AS latitude, 1.5 AS longitude, 'DE' AS country,
                NULL AS locality, NULL AS region, NULL AS postal_code, '' AS street_address FROM studio;
            """);

        Assert.That(await source.ReadAsync(), Is.EqualTo(new[] { new PlainFacility(2, "Zwei", "", "", null, 1.5, "DE", "", "", "", ""), new PlainFacility(4, "Vier", "", "", null, 1.5, "DE", "", "", "", "") }));
        Assert.That(await source.KeysAsync(), Is.EqualTo(new long[] { 2, 4 }));
    }

    [Test]
    public async Task CheckAsync_IsRejected_WhenAViewHasLostItsTable()
    {
        await using var source = await TestSource.CreateMariaDbAsync(Facilities.EmptyTable + "RENAME TABLE facility TO studio; CREATE VIEW facility AS SELECT * FROM studio; DROP TABLE studio");

        var refusal = (await Assert.ThrowsAsync<FeedRejectedException>(() => source.Source.CheckAsync(CancellationToken.None)))!;

        Assert.That(refusal.Message, Does.Contain("facility"));
    }

    [Test]
    public async Task OpenKeysAsync_NamesTheIds_WhenTheyAreTooLarge()
    {
        await using var source = await TestSource.CreateMariaDbAsync(
            Facilities.Table(id: "bigint unsigned PRIMARY KEY") + "INSERT INTO facility (id) VALUES (1), (9223372036854775807), (9223372036854775808), (18446744073709551615)");

        var refusal = (await Assert.ThrowsAsync<FeedRejectedException>(async () => await source.Source.OpenKeysAsync(CancellationToken.None)))!;

        Assert.That(refusal.Message, Does.Contain("id 9223372036854775808, 18446744073709551615: an id above 9223372036854775807 cannot be read"));
    }

    [Test]
    public async Task OpenKeysAsync_TellsTablesApart_ThatDifferByCaseAlone()
    {
        await using var source = await TestSource.CreateMariaDbAsync(Facilities.Table("Facility", id: "varchar(20) PRIMARY KEY", text: "blob") + Facilities.Table("FACILITY", id: "int NOT NULL") + Facilities.Numbered(1, 3, SqlWords.MariaDb));

        await using var keys = await source.Source.OpenKeysAsync(CancellationToken.None);

        Assert.That(await TestSource.KeysAsync(keys), Is.EqualTo(new long[] { 1, 2, 3 }));
        Assert.That(keys.Warnings, Is.Empty);
    }

    [Test]
    public async Task OpenKeysAsync_ReadsATableOfAnotherDatabase()
    {
        await using var other = await MariaDbDatabase.CreateAsync(Facilities.Numbered(4, 6, SqlWords.MariaDb));
        await using var source = await TestSource.CreateMariaDbAsync("", table: $"{other.Name}.facility");

        Assert.That(await source.KeysAsync(), Is.EqualTo(new long[] { 4, 5, 6 }));
        Assert.That((await source.ReadAsync()).Select(facility => facility.Name), Is.EqualTo(new[] { "Studio 4", "Studio 5", "Studio 6" }));
    }

    [Test]
    public async Task OpenKeysAsync_ReadsAllPartitions()
    {
        await using var source = await TestSource.CreateMariaDbAsync(
            Facilities.EmptyTable + "ALTER TABLE facility PARTITION BY RANGE (id) (PARTITION low VALUES LESS THAN (100), PARTITION high VALUES LESS THAN MAXVALUE); INSERT INTO facility (id) VALUES (1), (99), (100), (250)");

        Assert.That(await source.KeysAsync(), Is.EqualTo(new long[] { 1, 99, 100, 250 }));
    }

    [TestCase("MyISAM")]
    [TestCase("Aria")]
    public async Task OpenKeysAsync_Warns_WhenTheTableHasNoSnapshots(string engine)
    {
        await using var source = await TestSource.CreateMariaDbAsync(Facilities.EmptyTable + $"ALTER TABLE facility ENGINE = {engine}");

        await using var keys = await source.Source.OpenKeysAsync(CancellationToken.None);

        Assert.That(keys.Warnings, Has.Count.EqualTo(1).And.One.Contains($"facility is a table of {engine}, which keeps no snapshots"));
    }
}
