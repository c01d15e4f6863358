using System.Globalization;

namespace FacilityFeed.Tests.Support;

/// <summary>Source tables for tests.</summary>
public static class Facilities
{
    public const string EmptyTable = """
        CREATE TABLE facility (id bigint PRIMARY KEY, name text, phone text, url text, latitude double precision, longitude double precision,
            country text, locality text, region text, postal_code text, street_address text);
        """;

    /// <summary>A table with the keys <paramref name="first"/> to <paramref name="last"/>.</summary>
    public static string Numbered(int first, int last, SqlWords? words = null) => EmptyTable + $"""
        INSERT INTO facility SELECT i, concat('Studio ', i), concat('+4930', 1000000 + i), concat('https://studio', i, '.example'), 52.5 + i * 0.0001, 13.4 - i * 0.0001,
            'DE', 'Berlin', NULL, '10115', concat('Torstraße ', i) FROM {(words ?? SqlWords.Postgres).Series(first, last)};
        """;

    /// <summary>A view with the keys 1 to <paramref name="rows"/> whose chunks are read slowly, by so many seconds a row; planning from it is not slowed.</summary>
    public static string Slow(int rows, double secondsPerRow) => Delayed(rows, string.Create(CultureInfo.InvariantCulture, $"pg_sleep({secondsPerRow})"));

    /// <summary>The same for MariaDB, which evaluates a view's column only where it is asked for.</summary>
    public static string SlowMariaDb(int rows, double secondsPerRow) => string.Create(CultureInfo.InvariantCulture, $"""
        CREATE VIEW facility AS SELECT seq AS id, concat('Studio ', seq, left('', sleep({secondsPerRow}))) AS name, NULL AS phone, NULL AS url, 1.5 AS latitude, 2.5 AS longitude,
            'DE' AS country, 'Berlin' AS locality, NULL AS region, '10115' AS postal_code, concat('Torstraße ', seq) AS street_address FROM seq_1_to_{rows};
        """);

    /// <summary>A view with the keys 1 to <paramref name="rows"/> whose chunks wait for an open <see cref="ReadGate"/>.</summary>
    public static string Gated(int rows) => Delayed(rows, $"pg_advisory_xact_lock_shared({GateLock})");

    /// <summary>The advisory lock of <see cref="ReadGate"/>.</summary>
    public const int GateLock = 7;

    private const string Null = "nullif('', '')";

    private static string Delayed(int rows, string wait) => string.Create(CultureInfo.InvariantCulture, $"""
        CREATE VIEW facility AS SELECT i::bigint AS id, 'Studio ' || i AS name, NULL::text AS phone, NULL::text AS url, 1.5::float8 AS latitude, 2.5::float8 AS longitude,
            'DE' AS country, 'Berlin' AS locality, NULL::text AS region, '10115' AS postal_code, 'Torstraße ' || i AS street_address
        FROM generate_series(1, {rows}) i WHERE current_query() NOT LIKE 'COPY%' OR {wait} IS NOT NULL;
        """);

    /// <summary>For <see cref="ViewOf"/>: these ids.</summary>
    public static string Ids(params long[] ids) => string.Join(" UNION ALL ", ids.Select(id => string.Create(CultureInfo.InvariantCulture, $"SELECT {id} AS id")));

    /// <summary>A view over what <paramref name="ids"/> selects as <c>id</c>; the other columns say little.</summary>
    public static string ViewOf(string ids) => ViewOfNamed($"SELECT id, CASE WHEN id IS NULL THEN 'Studio without id' ELSE concat('Studio ', id) END AS name FROM ({ids}) AS plain");

    /// <summary>A view over what <paramref name="rows"/> selects as <c>id</c> and <c>name</c>; the other columns are NULL.</summary>
    public static string ViewOfNamed(string rows) => $"""
        CREATE VIEW facility AS SELECT id, name, {Null} AS phone, {Null} AS url, nullif(1.5, 1.5) AS latitude, nullif(1.5, 1.5) AS longitude,
            {Null} AS country, {Null} AS locality, {Null} AS region, {Null} AS postal_code, {Null} AS street_address
        FROM ({rows}) AS named;
        """;

    /// <summary>An empty table whose columns are declared otherwise than usual.</summary>
    /// <param name="name">The quoted name.</param>
    /// <param name="id">The key's type and constraints.</param>
    /// <param name="coordinate">The type of both coordinates.</param>
    /// <param name="text">The type of the other columns.</param>
    public static string Table(string name = "facility", string id = "bigint PRIMARY KEY", string coordinate = "double precision", string text = "text") => $"""
        CREATE TABLE {name} (id {id}, name {text}, phone {text}, url {text}, latitude {coordinate}, longitude {coordinate},
            country {text}, locality {text}, region {text}, postal_code {text}, street_address {text});
        """;
}
