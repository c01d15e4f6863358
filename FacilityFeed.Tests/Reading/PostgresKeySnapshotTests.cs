using FacilityFeed.Domain;
using FacilityFeed.Tests.Support;

namespace FacilityFeed.Tests.Reading;

/// <summary>What only PostgreSQL has for keys; the rest is in <see cref="SourceContract"/>.</summary>
public sealed class PostgresKeySnapshotTests
{
    [Test]
    public async Task OpenKeysAsync_IsRejected_WhenAnInheritingTableDoublesAKey()
    {
        await using var source = await TestSource.CreateAsync(
            Facilities.EmptyTable + "CREATE TABLE archive () INHERITS (facility); INSERT INTO facility (id) VALUES (1), (2); INSERT INTO archive (id) VALUES (2)");

        var refusal = (await Assert.ThrowsAsync<FeedRejectedException>(async () => await source.Source.OpenKeysAsync(CancellationToken.None)))!;

        Assert.That(refusal.Message, Does.Contain("more than one row for id 2:"));
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

    [Test]
    public async Task OpenKeysAsync_Warns_WhenTheKeysIndexHasNotAllRows()
    {
        await using var source = await TestSource.CreateAsync(Facilities.Table(id: "bigint NOT NULL") + "CREATE INDEX ON facility (id) WHERE country = 'DE'");

        await using var keys = await source.Source.OpenKeysAsync(CancellationToken.None);

        Assert.That(keys.Warnings, Has.One.Contains("facility.id has no index"));
    }
}
