using System.Globalization;
using DbUp;
using DbUp.Engine.Output;
using FacilityFeed.Infrastructure.Ledger;
using FacilityFeed.Tests.Support;

namespace FacilityFeed.Tests.Ledger;

public sealed class MigrationTests
{
    /// <summary>The last script of the version before.</summary>
    internal const string Before = "0006";

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
    public async Task Migrate_RewritesNothing_AndLooksThroughNoChunks_OfALedgerAsItWas()
    {
        await using var database = await TestDatabase.CreateAsync();
        await MigrateToAsync(database, Before);
        await database.ExecuteAsync("""
            INSERT INTO feed.run (feed, name, recipe, run_key, origin, state) VALUES ('facility', 'name', 'recipe', 'key', 'test', 'published');
            INSERT INTO feed.chunk (run_id, number, first_id, last_id, planned_rows, state, job_id) SELECT id, 1, 1, 2, 2, 'done', '1' FROM feed.run;
            """);
        // A table written anew has another file. An index, or a constraint that is checked, has every row read while nobody may write.
        const string Files = "SELECT string_agg(format('%s %s', oid::regclass, pg_relation_filenode(oid)), ', ' ORDER BY oid) FROM pg_class WHERE relnamespace = 'feed'::regnamespace AND relkind IN ('r', 'i') AND oid < {0}";
        const string Rows = "SELECT format('%s %s', (SELECT xmin FROM feed.run), (SELECT xmin FROM feed.chunk))";
        const string OfChunks = """
            SELECT string_agg(name, ', ' ORDER BY name) FROM (
                SELECT indexrelid::regclass::text FROM pg_index WHERE indrelid = 'feed.chunk'::regclass
                UNION ALL SELECT conname FROM pg_constraint WHERE conrelid = 'feed.chunk'::regclass AND convalidated
                UNION ALL SELECT format('%I NOT NULL', attname) FROM pg_attribute WHERE attrelid = 'feed.chunk'::regclass AND attnum > 0 AND attnotnull AND NOT attisdropped AND NOT atthasmissing) checked (name)
            """;
        var last = await database.ScalarAsync<long>("SELECT max(oid::bigint) + 1 FROM pg_class");
        var files = string.Format(CultureInfo.InvariantCulture, Files, last);
        var before = (await database.ScalarAsync<string>(files), await database.ScalarAsync<string>(Rows), await database.ScalarAsync<string>(OfChunks));

        await LedgerMigrator.MigrateAsync(database.Connect, database.ConnectionString, _ => { }, CancellationToken.None);

        Assert.That((await database.ScalarAsync<string>(files), await database.ScalarAsync<string>(Rows), await database.ScalarAsync<string>(OfChunks)), Is.EqualTo(before));
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
    internal static async Task MigrateToAsync(TestDatabase database, string last)
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
