using FacilityFeed.Domain;
using FacilityFeed.Tests.Support;

namespace FacilityFeed.Tests.Reading;

/// <summary>Another user's functions, operators and types, in a schema that comes first on the reader's search path.</summary>
public sealed class SearchPathTests
{
    private const string Traps = """
        CREATE SCHEMA trap;
        CREATE FUNCTION trap.sprung(text) RETURNS text LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'the trap % was sprung', $1; END $$;
        CREATE FUNCTION trap.to_regclass(text) RETURNS regclass LANGUAGE sql AS $$ SELECT trap.sprung('to_regclass')::regclass $$;
        CREATE FUNCTION trap.version() RETURNS text LANGUAGE sql AS $$ SELECT trap.sprung('version') $$;
        CREATE FUNCTION trap.current_setting(text) RETURNS text LANGUAGE sql AS $$ SELECT trap.sprung('current_setting') $$;
        CREATE FUNCTION trap.set_config(text, text, boolean) RETURNS text LANGUAGE sql AS $$ SELECT trap.sprung('set_config') $$;
        CREATE FUNCTION trap.format_type(oid, integer) RETURNS text LANGUAGE sql AS $$ SELECT trap.sprung('format_type') $$;
        CREATE AGGREGATE trap.count(*) (SFUNC = pg_catalog.int8inc, STYPE = int8, INITCOND = '41');
        CREATE FUNCTION trap.least(integer, integer) RETURNS integer LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'the trap min was sprung'; END $$;
        CREATE AGGREGATE trap.min(integer) (SFUNC = trap.least, STYPE = integer, INITCOND = '0');
        CREATE AGGREGATE trap.max(integer) (SFUNC = trap.least, STYPE = integer, INITCOND = '0');
        CREATE FUNCTION trap.compare(integer, integer) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'the trap of an operator was sprung'; END $$;
        CREATE OPERATOR trap.>= (LEFTARG = integer, RIGHTARG = integer, FUNCTION = trap.compare);
        CREATE OPERATOR trap.<= (LEFTARG = integer, RIGHTARG = integer, FUNCTION = trap.compare);
        CREATE FUNCTION trap.compare(integer, bigint) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'the trap of a mixed operator was sprung'; END $$;
        CREATE OPERATOR trap.>= (LEFTARG = integer, RIGHTARG = bigint, FUNCTION = trap.compare);
        CREATE OPERATOR trap.<= (LEFTARG = integer, RIGHTARG = bigint, FUNCTION = trap.compare);
        CREATE FUNCTION trap.same(oid, oid) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'the trap = was sprung'; END $$;
        CREATE OPERATOR trap.= (LEFTARG = oid, RIGHTARG = oid, FUNCTION = trap.same);
        CREATE FUNCTION trap.left(text, integer) RETURNS text LANGUAGE sql AS $$ SELECT trap.sprung('left') $$;
        CREATE FUNCTION trap.more(bigint, integer) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'the trap > was sprung'; END $$;
        CREATE OPERATOR trap.> (LEFTARG = bigint, RIGHTARG = integer, FUNCTION = trap.more);
        CREATE DOMAIN trap.text AS pg_catalog.text CHECK (trap.sprung('text') IS NULL);
        CREATE DOMAIN trap.int8 AS pg_catalog.int8 CHECK (trap.sprung('int8') IS NULL);
        CREATE TABLE trap.pg_class (oid oid);
        """;

    [Test]
    public async Task NothingOnTheSearchPath_IsRun()
    {
        await using var source = await TestSource.CreateAsync(Facilities.Numbered(1, 5).Replace("bigint", "integer", StringComparison.Ordinal) + ";" + Traps);
        await source.Database.ExecuteAsync($"ALTER DATABASE {source.Database.Name} SET search_path = trap, pg_catalog, public");

        await source.Source.CheckAsync(CancellationToken.None);
        await using var keys = await source.Source.OpenKeysAsync(CancellationToken.None);
        var rows = await source.ReadAsync();

        Assert.That((keys.Count, keys.FirstId, keys.LastId, rows.Count), Is.EqualTo((5L, 1L, 5L, 5)));
        Assert.That(await keys.JumpAsync(1, 2, CancellationToken.None), Is.EqualTo(2));
    }

    [TestCase("NULL", "1 row whose id is NULL (name: Studio X)")]
    [TestCase("2", "more than one row for id 2")]
    public async Task NothingOnTheSearchPath_IsRun_ToSayWhichKeysAreBad(string id, string said)
    {
        await using var source = await TestSource.CreateAsync(Facilities.Numbered(1, 3).Replace(" PRIMARY KEY", "", StringComparison.Ordinal) + $"INSERT INTO facility (id, name) VALUES ({id}, 'Studio X');" + Traps);
        await source.Database.ExecuteAsync($"ALTER DATABASE {source.Database.Name} SET search_path = trap, pg_catalog, public");

        var refused = (await Assert.ThrowsAsync<FeedRejectedException>(() => source.Source.OpenKeysAsync(CancellationToken.None)))!;

        Assert.That(refused.Message, Does.Contain(said));
    }

    [Test]
    public async Task NothingOnTheSearchPath_IsRun_ToSayATypesName()
    {
        await using var source = await TestSource.CreateAsync(Facilities.EmptyTable.Replace("phone text", "phone int4range", StringComparison.Ordinal) + Traps);
        await source.Database.ExecuteAsync($"ALTER DATABASE {source.Database.Name} SET search_path = trap, pg_catalog, public");

        var refused = (await Assert.ThrowsAsync<FeedRejectedException>(() => source.Source.CheckAsync(CancellationToken.None)))!;

        Assert.That(refused.Message, Does.Contain("int4range"));
    }

    [Test]
    public async Task ATableWithoutASchema_IsFoundOnTheUsersPath_AndAViewsFunctionsToo()
    {
        await using var source = await TestSource.CreateAsync("CREATE SCHEMA shop; SET search_path = shop; " + Facilities.Numbered(1, 3)
            + "; CREATE FUNCTION shop.wanted(bigint) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RETURN EXISTS (SELECT FROM facility f WHERE f.id = $1); END $$; CREATE VIEW shop.chosen AS SELECT * FROM facility WHERE wanted(id)", table: "chosen");
        await source.Database.ExecuteAsync($"ALTER DATABASE {source.Database.Name} SET search_path = shop, public");

        Assert.That(await source.ReadAsync(), Has.Count.EqualTo(3));
    }
}
