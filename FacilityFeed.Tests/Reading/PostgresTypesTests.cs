using FacilityFeed.Domain;
using FacilityFeed.Domain.Reading;
using FacilityFeed.Infrastructure.Reading;
using FacilityFeed.Tests.Support;

namespace FacilityFeed.Tests.Reading;

/// <summary>What only PostgreSQL has for types, and values that it does not read; the rest is in <see cref="SourceContract"/>.</summary>
public sealed class PostgresTypesTests
{
    private const string Types = """
        CREATE TYPE mood AS ENUM ('calm', 'loud');
        CREATE TYPE place AS (city text, street text);
        CREATE SCHEMA imitation;
        CREATE TYPE imitation.text AS (city text);
        CREATE TYPE imitation.json AS ENUM ('"calm"', 'loud');
        CREATE TYPE imitation.varchar AS RANGE (subtype = float8);
        CREATE DOMAIN short AS varchar(20);
        CREATE DOMAIN shorter AS short CHECK (length(VALUE) < 10);
        CREATE DOMAIN moods AS mood;
        CREATE DOMAIN padded AS char(10);
        CREATE DOMAIN number AS integer;
        CREATE DOMAIN document AS jsonb;
        CREATE DOMAIN documents AS document;
        CREATE DOMAIN list AS text[];
        CREATE DOMAIN lists AS list;
        CREATE DOMAIN places AS place;
        CREATE DOMAIN photo AS bytea;
        CREATE DOMAIN span AS int4range;
        """;

    [TestCase("name", "Gym", "Gym")]
    [TestCase("mood", "calm", "calm")]
    [TestCase("moods", "calm", "calm")]
    [TestCase("shorter", "Gym", "Gym")]
    [TestCase("padded", "Gym", "Gym")]
    [TestCase("number", "2139", "2139")]
    [TestCase("numeric", "98101.0", "98101.0")]
    [TestCase("numeric", "1e5", "100000")]
    [TestCase("real", "1.5", "1.5")]
    [TestCase("double precision", "98101.0", "98101")]
    [TestCase("documents", "\"Joe's Gym\"", "Joe's Gym")]
    [TestCase("documents", "null", "")]
    [TestCase("jsonb", "\"Joe's Gym\"", "Joe's Gym")]
    [TestCase("jsonb", "1e5", "100000")]
    [TestCase("imitation.json", "\"calm\"", "\"calm\"")]
    public async Task ReadAsync_ReadsText_OfTypesAndDomains(string type, string value, string expected)
    {
        await using var source = await TestSource.CreateAsync(Types + Facilities.EmptyTable + $"ALTER TABLE facility ALTER name TYPE {type} USING '{value.Replace("'", "''", StringComparison.Ordinal)}'; INSERT INTO facility (id, name) VALUES (1, '{value.Replace("'", "''", StringComparison.Ordinal)}'), (2, NULL)");

        Assert.That((await source.ReadAsync()).Select(row => row.Name), Is.EqualTo(new[] { expected, "" }));
    }

    [TestCase("bytea", "bytea")]
    [TestCase("text[]", "text[]")]
    [TestCase("shorter[]", "shorter[]")]
    [TestCase("mood[]", "mood[]")]
    [TestCase("jsonb[]", "jsonb[]")]
    [TestCase("place", "place")]
    [TestCase("imitation.text", "imitation.text")]
    [TestCase("imitation.varchar", "imitation.\"varchar\"")]
    [TestCase("lists", "lists, a domain over text[]")]
    [TestCase("places", "places, a domain over place")]
    [TestCase("photo", "photo, a domain over bytea")]
    [TestCase("span", "span, a domain over int4range")]
    [TestCase("int4multirange", "int4multirange")]
    [TestCase("tsvector", "tsvector")]
    [TestCase("tsquery", "tsquery")]
    [TestCase("xml", "xml")]
    [TestCase("boolean", "boolean")]
    [TestCase("timestamptz", "timestamp with time zone")]
    [TestCase("interval", "interval")]
    [TestCase("money", "money")]
    [TestCase("inet", "inet")]
    [TestCase("macaddr", "macaddr")]
    [TestCase("bit(3)", "bit")]
    [TestCase("varbit", "bit varying")]
    [TestCase("point", "point")]
    [TestCase("polygon", "polygon")]
    [TestCase("oid", "oid")]
    [TestCase("regclass", "regclass")]
    [TestCase("\"char\"", "\"char\"")]
    [TestCase("refcursor", "refcursor")]
    [TestCase("jsonpath", "jsonpath")]
    [TestCase("pg_lsn", "pg_lsn")]
    public async Task EveryRead_IsRejected_WhenAColumnIsNoText(string type, string shown)
    {
        foreach (var (column, kind) in new[] { ("street_address", "text"), ("latitude", "degrees") })
        {
            await using var source = await TestSource.CreateAsync(Types + Facilities.EmptyTable + $"ALTER TABLE facility DROP COLUMN {column}; ALTER TABLE facility ADD COLUMN {column} {type}");

            await AssertRefusedAsync(source, $"is {shown}, which cannot be read as {kind}: change the column's type, or let Feeds:facility:Table name a view that converts it");
        }
    }

    [Test]
    public async Task Citext_IsText_InWhateverSchemaItIs_AndHstoreIsNot()
    {
        await using var source = await TestSource.CreateAsync("CREATE SCHEMA \"Add Ons\"; CREATE EXTENSION citext SCHEMA \"Add Ons\"; CREATE EXTENSION hstore SCHEMA \"Add Ons\"; CREATE DOMAIN folded AS \"Add Ons\".citext;"
            + Facilities.Table(text: "\"Add Ons\".citext", coordinate: "folded") + "INSERT INTO facility (id, name, latitude) VALUES (1, 'Café', '52.5')");

        Assert.That((await source.ReadAsync()).Select(row => (row.Name, row.Latitude)), Is.EqualTo(new[] { ("Café", (double?)52.5) }));

        await source.Database.ExecuteAsync("ALTER TABLE facility DROP COLUMN name; ALTER TABLE facility ADD COLUMN name \"Add Ons\".hstore");
        await AssertRefusedAsync(source, "is \"Add Ons\".hstore, which cannot be read as text");
    }

    [TestCase("CREATE VIEW facility AS SELECT * FROM studio", "VIEW")]
    [TestCase("CREATE MATERIALIZED VIEW facility AS SELECT * FROM studio", "MATERIALIZED VIEW")]
    [TestCase("CREATE TABLE facility (LIKE studio) PARTITION BY RANGE (id); CREATE TABLE low PARTITION OF facility DEFAULT; INSERT INTO facility SELECT * FROM studio", "TABLE")]
    [TestCase("DO $$ BEGIN EXECUTE (SELECT format('CREATE FOREIGN TABLE facility (%s) SERVER here OPTIONS (table_name ''studio'')', string_agg(format('%I %s', attname, atttypid::regtype), ', ' ORDER BY attnum)) FROM pg_attribute WHERE attrelid = 'studio'::regclass AND attnum > 0 AND NOT attisdropped); END $$", "FOREIGN TABLE")]
    public async Task EveryKindOfRelation_IsReadAlike(string create, string kind)
    {
        await using var source = await TestSource.CreateAsync(Types + Facilities.Table("studio") +
            "ALTER TABLE studio ALTER name TYPE jsonb USING NULL, ALTER latitude TYPE shorter; INSERT INTO studio (id, name, latitude) VALUES (1, '\"Gym\"', '52.5'), (2, '{}', 'N/A')");
        var options = source.Database.SourceOptions;
        await TestDatabase.ExecuteOnServerAsync($"CREATE EXTENSION postgres_fdw; GRANT USAGE ON FOREIGN DATA WRAPPER postgres_fdw TO {options.User}", options.Database);
        await source.Database.ExecuteAsync($"CREATE SERVER here FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host '{options.Host}', port '{options.Port}', dbname '{options.Database}');"
            + $"CREATE USER MAPPING FOR CURRENT_USER SERVER here OPTIONS (user '{options.User}', password '{options.Password}'); {create}");

        Assert.That((await source.ReadAsync()).Select(row => (row.Name, row.Latitude)), Is.EqualTo(new[] { ("Gym", (double?)52.5), ("", null) }));

        await source.Database.ExecuteAsync($"DROP {kind} facility; ALTER TABLE studio ADD COLUMN photo bytea; ALTER TABLE studio DROP COLUMN url; ALTER TABLE studio RENAME COLUMN photo TO url; {create}");
        await AssertRefusedAsync(source, "is bytea, which cannot be read as text");
    }

    [TestCase("number")]
    [TestCase("numbers")]
    public async Task OpenKeysAsync_TakesADomainOverAnInteger_OfAnyDepth(string type)
    {
        await using var source = await TestSource.CreateAsync("CREATE DOMAIN number AS bigint; CREATE DOMAIN numbers AS number;" + Facilities.Table(id: $"{type} PRIMARY KEY") + "INSERT INTO facility (id) VALUES (4), (9)");

        Assert.That(await source.KeysAsync(), Is.EqualTo(new long[] { 4, 9 }));
        Assert.That((await source.ReadAsync()).Select(row => row.Id), Is.EqualTo(new long[] { 4, 9 }));
    }

    [TestCase("1e400", "'1000000")]
    [TestCase("-1e400", "'-1000000")]
    [TestCase("NaN", "NaN, 13.5")]
    [TestCase("Infinity", "Infinity, 13.5")]
    [TestCase("52.515625", null)]
    [TestCase("1e-400", null)]
    public async Task ReadAsync_GoesOn_WhateverANumericHolds(string latitude, string? shown)
    {
        await using var source = await TestSource.CreateAsync(Facilities.Table(coordinate: "numeric")
            + $"INSERT INTO facility (id, name, country, locality, postal_code, street_address, latitude, longitude) SELECT i, 'Gym', 'DE', 'Köln', '50667', 'Torstraße 1', CASE i WHEN 2 THEN '{latitude}'::numeric ELSE 48.25 END, 13.5 FROM generate_series(1, 3) i");

        var (rows, noted) = await source.ShapedAsync();

        Assert.That(rows.Select(row => row.Id), Is.EqualTo(new long[] { 1, 2, 3 }));
        Assert.That(noted.Select(note => note.Id), Is.EqualTo(shown is null ? Array.Empty<long>() : [2]));
        Assert.That(noted.All(note => note.Value.StartsWith(shown!, StringComparison.Ordinal)));
    }

    [Test]
    public async Task ReadAsync_MendsIllFormedText_OfADatabaseWithoutAnEncoding() => await InEncodingAsync("SQL_ASCII", @"E'Caf\xE9'", async source =>
    {
        // The second one in the pool's session of the first.
        for (var round = 0; round < 2; round++)
        {
            var (rows, noted) = await TestSource.ShapedAsync(source);

            Assert.That(rows.Select(row => row.Name), Is.EqualTo(new[] { "Gym", "Caf", "Gym" }));
            Assert.That(noted.Select(note => (note.Id, note.Reason)), Is.EqualTo(new[] { (2L, "name_characters_removed") }));
        }
    });

    [Test]
    public async Task ReadAsync_KeepsUtf8_OfADatabaseWithoutAnEncoding() => await InEncodingAsync("SQL_ASCII", @"E'Caf\xC3\xA9'", async source =>
        Assert.That((await TestSource.ShapedAsync(source)).Rows.Select(row => row.Name), Is.EqualTo(new[] { "Gym", "Café", "Gym" })));

    [Test]
    public async Task ReadAsync_MakesUtf8_OfAnotherEncoding() => await InEncodingAsync("WIN1252", @"convert_from('\x436166e980', 'WIN1252')", async source =>
        Assert.That((await TestSource.ShapedAsync(source)).Rows.Select(row => row.Name), Is.EqualTo(new[] { "Gym", "Café€", "Gym" })));

    [Test]
    public async Task ReadAsync_NamesTheRow_WhoseTextHasNoPlaceInUtf8() => await InEncodingAsync("WIN1252", @"convert_from('\x81', 'WIN1252')", async source =>
    {
        var refusal = (await Assert.ThrowsAsync<FeedRejectedException>(() => TestSource.ShapedAsync(source)))!;

        Assert.That(refusal.Message, Does.Contain("has no equivalent in encoding \"UTF8\"").And.Contain(". It is the row with id 2"));
    });

    [TestCase("1 / (i - 617)", "division by zero")]
    [TestCase("CASE i WHEN 617 THEN 'x' ELSE '1' END::int", "invalid input syntax for type integer: \"x\"")]
    [TestCase("check_row(i)", "this row is bad")]
    public async Task ReadAsync_NamesTheRow_WhenTheServerFailsOverAValue(string expression, string reason)
    {
        await using var source = await TestSource.CreateAsync("CREATE FUNCTION check_row(i int) RETURNS int LANGUAGE plpgsql AS $$ BEGIN IF i = 617 THEN RAISE EXCEPTION 'this row is bad'; END IF; RETURN i; END $$;"
            + $"CREATE VIEW facility AS SELECT i AS id, ({expression})::text AS name, NULL AS phone, NULL AS url, 1.5 AS latitude, 2.5 AS longitude, 'DE' AS country, '' AS locality, '' AS region, '' AS postal_code, '' AS street_address FROM generate_series(1, 1000) i");

        var failure = (await Assert.CatchAsync<FeedException>(async () => await source.ReadAsync()))!;

        Assert.That(failure.Message, Does.Contain(reason).And.Contain(". It is the row with id 617"));
        Assert.That(await source.ReadAsync(618), Has.Count.EqualTo(383));
    }

    [Test]
    public async Task EveryRead_NamesNoRow_WhenItFailsOfItselfOverAll()
    {
        await using var source = await TestSource.CreateAsync(Facilities.EmptyTable.Replace("TABLE facility", "TABLE studio", StringComparison.Ordinal) + "INSERT INTO studio (id) VALUES (1), (2); CREATE VIEW facility AS SELECT * FROM (SELECT *, sum(1) OVER (), 1 / (id - 2) AS half FROM studio OFFSET 0) AS halves WHERE half IS NOT NULL");

        foreach (var read in new Func<Task>[] { () => source.KeysAsync(), () => source.ReadAsync() })
        {
            Assert.That((await Assert.ThrowsAsync<FeedRejectedException>(() => read()))!.Message, Does.EndWith("division by zero. Correct that value in the source"));
        }
    }

    [Test]
    public async Task OpenKeysAsync_NamesTheRow_WhenCountingFailsOverAValue()
    {
        await using var source = await TestSource.CreateAsync(Facilities.EmptyTable.Replace("TABLE facility", "TABLE studio", StringComparison.Ordinal) + "INSERT INTO studio (id, region) SELECT i, i FROM generate_series(-500, 500) i; UPDATE studio SET region = 'x' WHERE id = -3; CREATE VIEW facility AS SELECT * FROM studio WHERE region::int IS NOT NULL");

        var refusal = (await Assert.ThrowsAsync<FeedRejectedException>(() => source.KeysAsync()))!;

        Assert.That(refusal.Message, Does.Contain("invalid input syntax for type integer: \"x\"").And.Contain(". It is the row with id -3"));
    }

    /// <summary>Three rows in a database of that encoding, the second one with that name.</summary>
    private static async Task InEncodingAsync(string encoding, string name, Func<IFacilitySource, Task> test)
    {
        await using var other = await TestDatabase.CreateAsync();
        var database = $"test_{Guid.NewGuid():N}";
        await TestDatabase.ExecuteOnServerAsync($"CREATE DATABASE {database} OWNER {other.SourceOptions.User} ENCODING '{encoding}' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0");
        try
        {
            await using var pool = new SourcePool(other.SourceOptions with { Database = database });
            await using (var setup = pool.Database.CreateCommand(Facilities.EmptyTable + $"""
                INSERT INTO facility (id, name, country, locality, postal_code, street_address) SELECT i, CASE i WHEN 2 THEN {name} ELSE 'Gym' END, 'DE', 'Bonn', '53111', 'Markt 1' FROM generate_series(1, 3) i
                """))
            {
                await setup.ExecuteNonQueryAsync();
            }

            await test(pool.For("facility"));
        }
        finally
        {
            await TestDatabase.ExecuteOnServerAsync($"DROP DATABASE {database} WITH (FORCE)");
        }
    }

    private static async Task AssertRefusedAsync(TestSource source, string words)
    {
        Func<Task>[] reads = [() => source.Source.CheckAsync(CancellationToken.None), () => source.KeysAsync(), () => source.ReadAsync()];
        foreach (var read in reads)
        {
            var refusal = (await Assert.ThrowsAsync<FeedRejectedException>(() => read()))!;
            Assert.That(refusal.Message, Does.Contain(words).And.Not.Contain("\n"));
        }
    }
}
