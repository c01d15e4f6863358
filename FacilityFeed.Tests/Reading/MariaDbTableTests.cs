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
    [TestCase("datetime(3)", "datetime")]
    [TestCase("year", "year")]
    [TestCase("set('a', 'b')", "set")]
    [TestCase("inet6", "inet6")]
    public async Task CheckAsync_IsRejected_WhenATextIsNone(string type, string shown)
    {
        await using var source = await TestSource.CreateMariaDbAsync(Facilities.EmptyTable + $"ALTER TABLE facility MODIFY region {type}");

        var refusal = (await Assert.ThrowsAsync<FeedRejectedException>(() => source.Source.CheckAsync(CancellationToken.None)))!;

        Assert.That(refusal.Message, Does.Contain("facility.region").And.Contain($"is {shown}, which cannot be read as text").And.Contain("Feeds:facility:Table"));
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
            CREATE TABLE facility (id int PRIMARY KEY, name tinyint(1), phone bigint unsigned, url mediumint, latitude int, longitude bigint, country enum('DE', 'FR unsigned x'),
                locality decimal(6,2), region float, postal_code int(5) zerofill, street_address json);
            INSERT INTO facility VALUES (1, 1, 18446744073709551615, -3, 52, -13, 'FR unsigned x', 1.50, 1.5, 1067, '"Markt \\u0031"');
            """);

        var read = await source.ReadAsync();

        Assert.That(read, Is.EqualTo(new[] { new PlainFacility(1, "1", "18446744073709551615", "-3", 52, -13, "FR unsigned x", "1.50", "1.5", "01067", "Markt 1") }));
    }

    [TestCase("longtext CHECK (json_valid(`name`))")]
    [TestCase("varchar(200) COMMENT 'x' CHECK (JSON_VALID(NAME))")]
    public async Task ReadAsync_TakesTextForJson_WhenACheckSaysSo(string type)
    {
        await using var role = await TestRole.CreateMariaDbAsync();
        await using var source = await TestSource.CreateMariaDbAsync(
            Facilities.EmptyTable + $"ALTER TABLE facility MODIFY name {type}; INSERT INTO facility (id, name) VALUES (1, '\"Gym\"'), (2, 'null'); GRANT SELECT ON facility TO {role.Name}",
            change: options => options with { User = role.Name, Password = role.Password });

        Assert.That((await source.ReadAsync()).Select(row => row.Name), Is.EqualTo(new[] { "Gym", "" }));
    }

    [TestCase("data", "{}")]
    [TestCase("json_extract(data, '$.name')", "Gym")]
    [TestCase("json_query(data, '$.place')", "{}")]
    [TestCase("json_value(data, '$.name')", "Gym")]
    [TestCase("json_unquote(json_extract(data, '$.name'))", "Gym")]
    [TestCase("json_extract(data, '$.code')", "2139")]
    [TestCase("json_extract(data, '$.nothing')", "")]
    [TestCase("json_extract(data, '$.none')", "")]
    [TestCase("max(data)", "{}")]
    public async Task ReadAsync_TakesAScalarOutOfJson_OfAViewToo(string expression, string expected)
    {
        await using var role = await TestRole.CreateMariaDbAsync();
        await using var source = await TestSource.CreateMariaDbAsync("CREATE TABLE studio (number int PRIMARY KEY, data json, secret int);" + """
            INSERT INTO studio VALUES (1, '{"name": "Gym", "code": 2139, "place": {"city": "Köln"}, "nothing": null}', 1);
            """ + $"CREATE VIEW facility AS SELECT number AS id, {expression} AS name, NULL AS phone, '\"quoted\"' AS url, json_extract(data, '$.code') AS latitude, 1.5 AS longitude, 'DE' AS country, '' AS locality, '' AS region, '' AS postal_code, '' AS street_address FROM studio GROUP BY number;"
            + $"GRANT SELECT (id, name, phone, url, latitude, longitude, country, locality, region, postal_code, street_address) ON facility TO {role.Name}",
            change: options => options with { User = role.Name, Password = role.Password });

        var (_, noted) = await source.ShapedAsync();
        var read = (await source.ReadAsync()).Single();

        Assert.That((read.Url, read.Latitude), Is.EqualTo(("\"quoted\"", (double?)2139)));
        Assert.That(read.Name, Is.EqualTo(expected == "{}" ? "" : expected));
        Assert.That(noted.Single().Reason, Is.EqualTo(expected == "{}" ? "name_unusable" : expected.Length == 0 ? "name_missing" : "locality_missing"));
    }

    [Test]
    public async Task EveryRead_EvaluatesNoView_ToKnowItsColumns()
    {
        await using var source = await TestSource.CreateMariaDbAsync(
            "CREATE VIEW facility AS SELECT max(seq) AS id, concat(max(seq), sleep(600)) AS name, NULL AS phone, NULL AS url, 1.5 AS latitude, 2.5 AS longitude, 'DE' AS country, '' AS locality, '' AS region, '' AS postal_code, '' AS street_address FROM seq_1_to_3 GROUP BY seq",
            change: options => options with { StatementTimeout = TimeSpan.FromSeconds(5) });

        await Assert.ThatAsync(() => source.Source.CheckAsync(CancellationToken.None), Throws.Nothing);
    }

    [TestCase("longtext")]
    [TestCase("longtext DEFAULT 'json_valid(`name`)' COMMENT 'json_valid(`name`)'")]
    [TestCase("text, ADD CONSTRAINT is_json CHECK (json_valid(name))", Description = "one that the server does not go by")]
    [TestCase("longtext CHECK (json_valid(`name`) OR name LIKE '\"%')")]
    public async Task ReadAsync_LeavesTextAlone_WhenNoCheckSaysThatItIsJson(string type)
    {
        await using var source = await TestSource.CreateMariaDbAsync(Facilities.EmptyTable + $"ALTER TABLE facility MODIFY name {type}; INSERT INTO facility (id, name) VALUES (1, '\"Gym\"')");

        Assert.That((await source.ReadAsync()).Single().Name, Is.EqualTo("\"Gym\""));
    }

    [TestCase("1 / (CAST(seq AS SIGNED) - 617)", "Division by 0")]
    [TestCase("CAST(IF(seq = 617, 'x', '1') AS int)", "Truncated incorrect INTEGER value: 'x'")]
    [TestCase("check_row(seq)", "this row is bad")]
    public async Task ReadAsync_NamesTheRow_WhenTheServerFailsOverAValue(string expression, string reason)
    {
        await using var source = await TestSource.CreateMariaDbAsync("CREATE FUNCTION check_row(i int) RETURNS int BEGIN IF i = 617 THEN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'this row is bad'; END IF; RETURN i; END;"
            + $"CREATE VIEW facility AS SELECT seq AS id, {expression} AS name, NULL AS phone, NULL AS url, 1.5 AS latitude, 2.5 AS longitude, 'DE' AS country, '' AS locality, '' AS region, '' AS postal_code, '' AS street_address FROM seq_1_to_1000");

        var failure = (await Assert.CatchAsync<FeedException>(async () => await source.ReadAsync()))!;

        Assert.That(failure.Message, Does.Contain(reason).And.Contain(". It is the row with id 617"));
        Assert.That(await source.ReadAsync(618), Has.Count.EqualTo(383));
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
