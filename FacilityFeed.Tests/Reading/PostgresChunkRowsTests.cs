using FacilityFeed.Domain;
using FacilityFeed.Domain.Planning;
using FacilityFeed.Domain.Reading;
using FacilityFeed.Tests.Support;

namespace FacilityFeed.Tests.Reading;

public sealed class PostgresChunkRowsTests
{
    /// <summary>More than the buffers between the server and us hold, so that a read is still open after its first row.</summary>
    private static readonly string _large = Facilities.EmptyTable + "INSERT INTO facility (id, name) SELECT i, repeat('x', 1000) FROM generate_series(1, 60000) i";

    private static readonly ChunkRange _all = new(7, long.MinValue, long.MaxValue, 0);

    [Test]
    public async Task ReadAsync_BringsEveryColumn()
    {
        await using var source = await TestSource.CreateAsync(Facilities.EmptyTable + """
            INSERT INTO facility VALUES (17, 'Café Über', '+49301234567', 'https://a.example/?q=1', 52.25, -13.5, 'DE', 'Berlin', 'BE', '10115', 'Torstraße 1');
            """);

        var read = await source.ReadAsync();

        Assert.That(read, Is.EqualTo(new[] { new PlainFacility(17, "Café Über", "+49301234567", "https://a.example/?q=1", 52.25, -13.5, "DE", "Berlin", "BE", "10115", "Torstraße 1") }));
    }

    [Test]
    public async Task ReadAsync_LeavesNullsEmpty_AndKeepsNothingOfTheRowBefore()
    {
        await using var source = await TestSource.CreateAsync(Facilities.Numbered(1, 1) + "INSERT INTO facility (id) VALUES (2)");

        var read = await source.ReadAsync();

        Assert.That(read[1], Is.EqualTo(new PlainFacility(2, "", "", "", null, null, "", "", "", "", "")));
    }

    [Test]
    public async Task ReadAsync_ReadsTheRangeAlone_InKeyOrder()
    {
        await using var source = await TestSource.CreateAsync(Facilities.EmptyTable + "INSERT INTO facility (id) SELECT i FROM generate_series(-20, 20) i ORDER BY random()");

        var read = await source.ReadAsync(-3, 4);

        Assert.That(read.Select(facility => facility.Id), Is.EqualTo(new long[] { -3, -2, -1, 0, 1, 2, 3, 4 }));
    }

    [TestCase("numeric", "text")]
    [TestCase("numeric(9,6)", "varchar(40)")]
    [TestCase("real", "char(20)")]
    [TestCase("text", "text")]
    [TestCase("double precision", "name")]
    public async Task ReadAsync_TakesOtherColumnTypes(string coordinate, string text)
    {
        await using var source = await TestSource.CreateAsync(
            Facilities.Table(coordinate: coordinate, text: text) + "INSERT INTO facility (id, name, latitude, longitude, country) VALUES (1, 'Zoë''s', '52.515625', '-13.25', 'DE')");

        var read = await source.ReadAsync();

        Assert.That(read.Single(), Is.EqualTo(new PlainFacility(1, "Zoë's", "", "", 52.515625, -13.25, "DE", "", "", "", "")));
    }

    [Test]
    public async Task ReadAsync_PassesNaNAndInfinityOn()
    {
        await using var source = await TestSource.CreateAsync(Facilities.EmptyTable + "INSERT INTO facility (id, latitude, longitude) VALUES (1, 'NaN', 'Infinity'), (2, '-Infinity', 0)");

        var read = await source.ReadAsync();

        Assert.That(read.Select(facility => (facility.Latitude, facility.Longitude)), Is.EqualTo(new (double?, double?)[] { (double.NaN, double.PositiveInfinity), (double.NegativeInfinity, 0) }));
    }

    [Test]
    public async Task ReadAsync_KeepsTextAsItIs_HoweverLongOrOdd()
    {
        await using var source = await TestSource.CreateAsync(Facilities.EmptyTable + """
            INSERT INTO facility (id, name, street_address) VALUES (1, 'short', 'after'), (2, repeat('ü', 512 * 1024) || '!', 'after the long one'), (3, '🏋️‍♀️ 体育館', ''), (4, E'\x01\x1f\x7f\t\r\n"\\', 'end');
            """);

        var read = await source.ReadAsync();

        Assert.That(read.Select(facility => facility.Name), Is.EqualTo(new[] { "short", new string('ü', 512 * 1024) + "!", "🏋️‍♀️ 体育館", "\u0001\u001f\u007f\t\r\n\"\\" }));
        Assert.That(read.Select(facility => facility.StreetAddress), Is.EqualTo(new[] { "after", "after the long one", "", "end" }));
    }

    [TestCase("abc", "text", "invalid input syntax")]
    [TestCase("1e400", "numeric", "out of range")]
    public async Task ReadAsync_IsRejected_WhenACoordinateIsNoNumber(string latitude, string type, string reason)
    {
        await using var source = await TestSource.CreateAsync(Facilities.Table(coordinate: type) + $"INSERT INTO facility (id, latitude) VALUES (1, '1.5'), (2, '{latitude}')");

        var refusal = (await Assert.ThrowsAsync<FeedRejectedException>(async () => await source.ReadAsync()))!;

        Assert.That(refusal.Message, Does.Contain(reason).And.Contain("facility").And.Contain("Correct that value in the source"));
    }

    [Test]
    public async Task Count_IsOfTheSameMomentAsTheRows()
    {
        await using var source = await TestSource.CreateAsync(Facilities.Numbered(1, 5));
        await using var rows = await source.Source.OpenChunkAsync(_all, "run 12 chunk 7", CancellationToken.None);

        await source.Database.ExecuteAsync("INSERT INTO facility (id) VALUES (0), (6); DELETE FROM facility WHERE id = 3; UPDATE facility SET name = 'changed'");
        var read = await ReadAllAsync(rows);

        Assert.That(rows.Count, Is.EqualTo(5));
        Assert.That(read.Select(facility => facility.Name), Is.EqualTo(new[] { "Studio 1", "Studio 2", "Studio 3", "Studio 4", "Studio 5" }));
    }

    [Test]
    public async Task OpenChunkAsync_ShowsRunAndChunkToTheDatabase()
    {
        await using var source = await TestSource.CreateAsync(_large);
        await using var rows = await source.Source.OpenChunkAsync(_all, "run 12 chunk 7", CancellationToken.None);
        await using var reading = rows.ReadAsync(CancellationToken.None).GetAsyncEnumerator();

        await reading.MoveNextAsync();

        Assert.That(await SessionsAsync(source, "facilityfeed run 12 chunk 7"), Is.EqualTo(1));
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

        await using var command = source.Pool.CreateCommand("SELECT current_setting('application_name') || ' ' || current_setting('statement_timeout') || ' ' || current_setting('transaction_read_only')");
        var settings = await command.ExecuteScalarAsync();

        Assert.That(settings, Is.EqualTo("facilityfeed 0 off"));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task ReadAsync_NamesTheSetting_WhenAStatementTakesTooLong(CancellationToken deadline)
    {
        await using var source = await TestSource.CreateAsync(Facilities.Slow(rows: 20, secondsPerRow: 2), change: options => options with { StatementTimeout = TimeSpan.FromSeconds(1) });
        await using var rows = await source.Source.OpenChunkAsync(_all, "run 12 chunk 7", deadline);

        var failure = (await Assert.CatchAsync<FeedException>(async () => await ReadAllAsync(rows, deadline)))!;

        Assert.That(failure, Is.Not.InstanceOf<FeedRejectedException>());
        Assert.That(failure.Message, Does.Contain("statement timeout").And.Contain("Source:StatementTimeoutSeconds").And.Contain("run 12 chunk 7"));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task ReadAsync_StopsAndSparesThePool_WhenCancelledBetweenRows(CancellationToken deadline)
    {
        await using var source = await TestSource.CreateAsync(_large);
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(deadline);
        var rows = await source.Source.OpenChunkAsync(_all, "run 12 chunk 7", cancel.Token);
        var seen = 0;

        await Assert.CatchAsync<OperationCanceledException>(async () =>
        {
            await foreach (var row in rows.ReadAsync(cancel.Token))
            {
                seen++;
                await cancel.CancelAsync();
            }
        });
        await rows.DisposeAsync();

        Assert.That(seen, Is.LessThan(60_000));
        Assert.That(await source.ReadAsync(1, 3), Has.Count.EqualTo(3));
        await Until.TrueAsync(async () => await SessionsAsync(source, "facilityfeed run 12 chunk 7") == 0, TimeSpan.FromSeconds(20), "the database to stop");
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task ReadAsync_StopsTheDatabaseToo_WhenCancelledWhileItWorks(CancellationToken deadline)
    {
        await using var source = await TestSource.CreateAsync(Facilities.Slow(rows: 1, secondsPerRow: 600));
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(deadline);
        var rows = await source.Source.OpenChunkAsync(_all, "run 12 chunk 7", cancel.Token);
        var reading = ReadAllAsync(rows, cancel.Token);
        await Until.TrueAsync(async () => await SessionsAsync(source, "facilityfeed run 12 chunk 7", "AND wait_event = 'PgSleep'") == 1, TimeSpan.FromSeconds(20), "the read to sleep");

        await cancel.CancelAsync();

        await Assert.CatchAsync<OperationCanceledException>(() => reading);
        await rows.DisposeAsync();
        await Until.TrueAsync(async () => await SessionsAsync(source, "facilityfeed run 12 chunk 7") == 0, TimeSpan.FromSeconds(20), "the database to stop");
        Assert.That(await source.KeysAsync(), Has.Count.EqualTo(1));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task ReadAsync_MayBeTriedAgain_WhenTheServerEndsTheSession(CancellationToken deadline)
    {
        await using var source = await TestSource.CreateAsync(_large);
        var rows = await source.Source.OpenChunkAsync(_all, "run 12 chunk 7", deadline);
        var seen = 0;

        var failure = (await Assert.CatchAsync<FeedException>(async () =>
        {
            await foreach (var row in rows.ReadAsync(deadline))
            {
                if (seen++ == 0)
                {
                    await source.Database.ScalarAsync<bool>("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'facilityfeed run 12 chunk 7'");
                }
            }
        }))!;
        await rows.DisposeAsync();

        Assert.That(failure, Is.Not.InstanceOf<FeedRejectedException>());
        Assert.That(failure.Message, Does.Contain("run 12 chunk 7"));
        Assert.That(seen, Is.LessThan(60_000));
        Assert.That(await source.ReadAsync(1, 3), Has.Count.EqualTo(3));
    }

    private static async Task<IReadOnlyList<PlainFacility>> ReadAllAsync(IChunkRows rows, CancellationToken cancellationToken = default)
    {
        var read = new List<PlainFacility>();
        await foreach (var row in rows.ReadAsync(cancellationToken))
        {
            read.Add(PlainFacility.Of(row));
        }

        return read;
    }

    private static Task<long> SessionsAsync(TestSource source, string applicationName, string condition = "") => source.Database.ScalarAsync<long>(
        $"SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = '{applicationName}' {condition}");
}
