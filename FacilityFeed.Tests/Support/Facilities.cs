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
    public static string Numbered(int first, int last) => EmptyTable + string.Create(CultureInfo.InvariantCulture, $"""
        INSERT INTO facility SELECT i, 'Studio ' || i, '+4930' || (1000000 + i), 'https://studio' || i || '.example', 52.5 + i * 0.0001, 13.4 - i * 0.0001,
            'DE', 'Berlin', NULL, '10115', 'Torstraße ' || i FROM generate_series({first}, {last}) i;
        """);

    /// <summary>A view with the keys 1 to <paramref name="rows"/> whose chunks are read slowly, by so many seconds a row; planning from it is not slowed.</summary>
    public static string Slow(int rows, double secondsPerRow) => Delayed(rows, string.Create(CultureInfo.InvariantCulture, $"pg_sleep({secondsPerRow})"));

    /// <summary>A view with the keys 1 to <paramref name="rows"/> whose chunks wait for an open <see cref="ReadGate"/>.</summary>
    public static string Gated(int rows) => Delayed(rows, $"pg_advisory_xact_lock_shared({GateLock})");

    /// <summary>The advisory lock of <see cref="ReadGate"/>.</summary>
    public const int GateLock = 7;

    private static string Delayed(int rows, string wait) => string.Create(CultureInfo.InvariantCulture, $"""
        CREATE VIEW facility AS SELECT i::bigint AS id, 'Studio ' || i AS name, NULL::text AS phone, NULL::text AS url, 1.5::float8 AS latitude, 2.5::float8 AS longitude,
            'DE' AS country, 'Berlin' AS locality, NULL::text AS region, '10115' AS postal_code, 'Torstraße ' || i AS street_address
        FROM generate_series(1, {rows}) i WHERE current_query() NOT LIKE 'COPY%' OR {wait} IS NOT NULL;
        """);

    /// <summary>A view over what <paramref name="ids"/> selects as <c>id</c>; the other columns say little.</summary>
    public static string ViewOf(string ids) => $"""
        CREATE VIEW facility AS SELECT id, 'Studio ' || coalesce(id::text, 'without id') AS name, NULL::text AS phone, NULL::text AS url, NULL::float8 AS latitude,
            NULL::float8 AS longitude, NULL::text AS country, NULL::text AS locality, NULL::text AS region, NULL::text AS postal_code, NULL::text AS street_address
        FROM ({ids}) AS keys;
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
