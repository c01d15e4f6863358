using DbUp;
using DbUp.Engine.Output;
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

    [Test]
    public async Task ARunThatFailedWhilePublishing_IsKnownToHaveEntered_AfterTheUpgrade()
    {
        await using var database = await TestDatabase.CreateAsync();
        await MigrateToAsync(database, "0004");
        await database.ExecuteAsync("""
            INSERT INTO feed.run (feed, name, recipe, run_key, origin, state) SELECT feed, 'name', 'recipe', 'key', 'test', 'running' FROM unnest(ARRAY['entered', 'not']) feed;
            UPDATE feed.run SET state = 'publishing' WHERE feed = 'entered';
            UPDATE feed.run SET state = 'failed';
            UPDATE feed.run SET state = 'running';
            """);

        await LedgerMigrator.MigrateAsync(database.Connect, database.ConnectionString, _ => { }, CancellationToken.None);

        Assert.That(await database.ScalarAsync<string>("SELECT string_agg(feed, ',') FROM feed.run_overview WHERE entered_at IS NOT NULL"), Is.EqualTo("entered"));
        Assert.That(await database.ScalarAsync<bool>("SELECT entered_at = at FROM feed.run r JOIN feed.run_event e ON e.run_id = r.id WHERE event = 'publishing'"), Is.True);
    }

    /// <summary>The ledger as a release made it whose last script began with <paramref name="last"/>.</summary>
    private static async Task MigrateToAsync(TestDatabase database, string last)
    {
        await database.ExecuteAsync("CREATE SCHEMA feed");
        var result = DeployChanges.To.PostgresqlDatabase(database.ConnectionString)
            .WithScriptsEmbeddedInAssembly(typeof(LedgerMigrator).Assembly, name => char.IsAsciiDigit(name[0]) && string.CompareOrdinal(name[..last.Length], last) <= 0)
            .JournalToPostgresqlTable("feed", "schema_version")
            .LogTo(new NoOpUpgradeLog())
            .Build()
            .PerformUpgrade();
        Assert.That(result.Successful, Is.True, result.Error?.Message);
    }
}
