using FacilityFeed.Infrastructure.Ledger;
using FacilityFeed.Tests.Support;

namespace FacilityFeed.Tests.Ledger;

public sealed class MigrationTests
{
    [Test]
    public async Task Migrate_Works_WhenManyInstancesStartTogether()
    {
        await using var database = await TestDatabase.CreateAsync();
        var installs = 0;
        var together = 0;
        var mostTogether = 0;

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => LedgerMigrator.MigrateAsync(database.Connect, database.ConnectionString, _ =>
        {
            mostTogether = Math.Max(mostTogether, Interlocked.Increment(ref together));
            Interlocked.Increment(ref installs);
            Interlocked.Decrement(ref together);
        }, CancellationToken.None))));

        Assert.That(installs, Is.EqualTo(8));
        Assert.That(mostTogether, Is.EqualTo(1), "installers at the same time");
        Assert.That(await database.ScalarAsync<long>("SELECT count(*) - count(DISTINCT scriptname) FROM feed.schema_version"), Is.Zero, "a script ran twice");
        Assert.That(await database.ScalarAsync<long>("SELECT count(*) FROM feed.installation"), Is.EqualTo(1));
        Assert.That(await database.ScalarAsync<long>("SELECT count(*) FROM feed.run"), Is.Zero);
    }
}
