using FacilityFeed.Tests.Support;

namespace FacilityFeed.Tests.Reading;

/// <summary>What only PostgreSQL can do to a chunk's rows; the rest is in <see cref="SourceContract"/>.</summary>
public sealed class PostgresChunkRowsTests
{
    [Test]
    public async Task ReadAsync_PassesNaNAndInfinityOn()
    {
        await using var source = await TestSource.CreateAsync(Facilities.EmptyTable + "INSERT INTO facility (id, latitude, longitude) VALUES (1, 'NaN', 'Infinity'), (2, '-Infinity', 0)");

        var read = await source.ReadAsync();

        Assert.That(read.Select(facility => (facility.Latitude, facility.Longitude)), Is.EqualTo(new (double?, double?)[] { (double.NaN, double.PositiveInfinity), (double.NegativeInfinity, 0) }));
    }

    [Test]
    public async Task OpenChunkAsync_MayOnlyRead_AndNotForEver()
    {
        await using var source = await TestSource.CreateAsync("""
            CREATE VIEW facility AS SELECT 1 AS id, current_setting('transaction_read_only') AS name, current_setting('statement_timeout') AS phone, current_setting('transaction_isolation') AS url,
                NULL::float8 AS latitude, NULL::float8 AS longitude, NULL::text AS country, NULL::text AS locality, NULL::text AS region, NULL::text AS postal_code, NULL::text AS street_address
            """, change: options => options with { StatementTimeout = TimeSpan.FromSeconds(77) });

        var session = (await source.ReadAsync()).Single();

        Assert.That((session.Name, session.Phone, session.Url), Is.EqualTo(("on", "77s", "repeatable read")));
    }

    [Test]
    public async Task DisposeAsync_LeavesNothingOfTheChunkInThePool()
    {
        await using var source = await TestSource.CreateAsync(Facilities.Numbered(1, 3));
        await source.ReadAsync();

        await using var command = source.Pool.Database.CreateCommand("SELECT current_setting('application_name') || ' ' || current_setting('statement_timeout') || ' ' || current_setting('transaction_read_only')");
        var settings = await command.ExecuteScalarAsync();

        Assert.That(settings, Is.EqualTo("facilityfeed 0 off"));
    }
}
