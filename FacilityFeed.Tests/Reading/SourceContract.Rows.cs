using FacilityFeed.Domain;
using FacilityFeed.Domain.Planning;
using FacilityFeed.Tests.Support;

namespace FacilityFeed.Tests.Reading;

/// <summary>How a chunk's rows are read.</summary>
public abstract partial class SourceContract
{
    protected const string Purpose = "run 12 chunk 7";

    /// <summary>More than the buffers between the server and us hold, so that a read is still open after its first row.</summary>
    private string Large => Facilities.EmptyTable + $"INSERT INTO facility (id, name) SELECT i, repeat('x', 1000) FROM {Words.Series(1, 60_000)}";

    protected static ChunkRange All { get; } = new(7, long.MinValue, long.MaxValue, 0);

    /// <summary>As <see cref="Facilities.Slow"/>.</summary>
    protected abstract string Slow(int rows, double secondsPerRow);

    /// <summary>What the server says of a statement that took too long.</summary>
    protected abstract string TimeoutWords { get; }

    /// <summary>The database's sessions that read for <see cref="Purpose"/>, or only those that sleep.</summary>
    protected abstract Task<long> SessionsAsync(TestSource source, bool isAsleep = false);

    /// <summary>Ends the source's sessions.</summary>
    protected abstract Task KillAsync(TestSource source);

    [Test]
    public async Task ReadAsync_BringsEveryColumn()
    {
        await using var source = await CreateAsync(Facilities.EmptyTable + """
            INSERT INTO facility VALUES (17, 'Café Über', '+49301234567', 'https://a.example/?q=1', 52.25, -13.5, 'DE', 'Berlin', 'BE', '10115', 'Torstraße 1');
            """);

        var read = await source.ReadAsync();

        Assert.That(read, Is.EqualTo(new[] { new PlainFacility(17, "Café Über", "+49301234567", "https://a.example/?q=1", 52.25, -13.5, "DE", "Berlin", "BE", "10115", "Torstraße 1") }));
    }

    [Test]
    public async Task ReadAsync_LeavesNullsEmpty_AndKeepsNothingOfTheRowBefore()
    {
        await using var source = await CreateAsync(Facilities.Numbered(1, 1, Words) + "INSERT INTO facility (id) VALUES (2)");

        var read = await source.ReadAsync();

        Assert.That(read[1], Is.EqualTo(new PlainFacility(2, "", "", "", null, null, "", "", "", "", "")));
    }

    [Test]
    public async Task ReadAsync_ReadsTheRangeAlone_InKeyOrder()
    {
        await using var source = await CreateAsync(Facilities.EmptyTable + $"INSERT INTO facility (id) SELECT i FROM {Words.Series(-20, 20)} ORDER BY {Words.Random}");

        var read = await source.ReadAsync(-3, 4);

        Assert.That(read.Select(facility => facility.Id), Is.EqualTo(new long[] { -3, -2, -1, 0, 1, 2, 3, 4 }));
    }

    [Test]
    public async Task ReadAsync_KeepsTextAsItIs_HoweverLongOrOdd()
    {
        await using var source = await CreateAsync(Facilities.Table(text: Words.LongText));
        string[] names = ["short", new string('ü', 512 * 1024) + "!", "🏋️‍♀️ 体育館", "\u0001\u001f\u007f\t\r\n\"\\"];
        string[] streets = ["after", "after the long one", "", "end"];
        for (var row = 0; row < names.Length; row++)
        {
            await source.Database.ExecuteAsync("INSERT INTO facility (id, name, street_address) VALUES (@p0, @p1, @p2)", row, names[row], streets[row]);
        }

        var read = await source.ReadAsync();

        Assert.That(read.Select(facility => facility.Name), Is.EqualTo(names));
        Assert.That(read.Select(facility => facility.StreetAddress), Is.EqualTo(streets));
    }

    [Test]
    public async Task ReadAsync_BringsDoublesToTheirLastBit()
    {
        await using var source = await CreateAsync(Facilities.EmptyTable);
        double[] degrees = [0.1, 89.99999999999999, 1e-300, -52.51999999999999602, 1.0 / 3, 5e-324, double.MaxValue];
        for (var row = 0; row < degrees.Length; row++)
        {
            await source.Database.ExecuteAsync("INSERT INTO facility (id, latitude, longitude) VALUES (@p0, @p1, @p2)", row, degrees[row], -degrees[row]);
        }

        var read = await source.ReadAsync();

        Assert.That(read.Select(facility => facility.Latitude), Is.EqualTo(degrees));
        Assert.That(read.Select(facility => facility.Longitude), Is.EqualTo(degrees.Select(value => -value)));
    }

    [Test]
    public async Task Count_IsOfTheSameMomentAsTheRows()
    {
        await using var source = await CreateAsync(Facilities.Numbered(1, 5, Words));
        await using var rows = await source.Source.OpenChunkAsync(All, Purpose, CancellationToken.None);

        await source.Database.ExecuteAsync("INSERT INTO facility (id) VALUES (0), (6); DELETE FROM facility WHERE id = 3; UPDATE facility SET name = 'changed'");
        var read = await TestSource.ReadAsync(rows, CancellationToken.None);

        Assert.That(rows.Count, Is.EqualTo(5));
        Assert.That(read.Select(facility => facility.Name), Is.EqualTo(new[] { "Studio 1", "Studio 2", "Studio 3", "Studio 4", "Studio 5" }));
    }

    [Test]
    public async Task OpenChunkAsync_ShowsRunAndChunkToTheDatabase()
    {
        await using var source = await CreateAsync(Large);
        await using var rows = await source.Source.OpenChunkAsync(All, Purpose, CancellationToken.None);
        await using var reading = rows.ReadAsync(CancellationToken.None).GetAsyncEnumerator();

        await reading.MoveNextAsync();

        Assert.That(await SessionsAsync(source), Is.EqualTo(1));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task ReadAsync_NamesTheSetting_WhenAStatementTakesTooLong(CancellationToken deadline)
    {
        await using var source = await CreateAsync(Slow(rows: 20, secondsPerRow: 2), change: options => options with { StatementTimeout = TimeSpan.FromSeconds(1) });
        await using var rows = await source.Source.OpenChunkAsync(All, Purpose, deadline);

        var failure = (await Assert.CatchAsync<FeedException>(async () => await TestSource.ReadAsync(rows, deadline)))!;

        Assert.That(failure, Is.Not.InstanceOf<FeedRejectedException>());
        Assert.That(failure.Message, Does.Contain(TimeoutWords).And.Contain("Source:StatementTimeoutSeconds").And.Contain(Purpose));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task ReadAsync_StopsAndSparesThePool_WhenCancelledBetweenRows(CancellationToken deadline)
    {
        await using var source = await CreateAsync(Large);
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(deadline);
        var rows = await source.Source.OpenChunkAsync(All, Purpose, cancel.Token);
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
        await Until.TrueAsync(async () => await SessionsAsync(source) == 0, TimeSpan.FromSeconds(20), "the database to stop");
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task ReadAsync_SparesThePool_WhenTheReaderLeavesBeforeTheEnd(CancellationToken deadline)
    {
        await using var source = await CreateAsync(Large);

        for (var round = 0; round < 3; round++)
        {
            await using var rows = await source.Source.OpenChunkAsync(All, Purpose, deadline);
            await foreach (var row in rows.ReadAsync(deadline))
            {
                break;
            }
        }

        Assert.That(await source.ReadAsync(1, 3), Has.Count.EqualTo(3));
        await Until.TrueAsync(async () => await SessionsAsync(source) == 0, TimeSpan.FromSeconds(20), "the database to stop");
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task ReadAsync_StopsTheDatabaseToo_WhenCancelledWhileItWorks(CancellationToken deadline)
    {
        await using var source = await CreateAsync(Slow(rows: 1, secondsPerRow: 600));
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(deadline);
        var rows = await source.Source.OpenChunkAsync(All, Purpose, cancel.Token);
        var reading = TestSource.ReadAsync(rows, cancel.Token);
        await Until.TrueAsync(async () => await SessionsAsync(source, isAsleep: true) == 1, TimeSpan.FromSeconds(20), "the read to sleep");

        await cancel.CancelAsync();

        await Assert.CatchAsync<OperationCanceledException>(() => reading);
        await rows.DisposeAsync();
        await Until.TrueAsync(async () => await SessionsAsync(source) == 0, TimeSpan.FromSeconds(20), "the database to stop");
        Assert.That(await source.KeysAsync(), Has.Count.EqualTo(1));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task ReadAsync_MayBeTriedAgain_WhenTheServerEndsTheSession(CancellationToken deadline)
    {
        await using var source = await CreateAsync(Large);
        var rows = await source.Source.OpenChunkAsync(All, Purpose, deadline);
        var seen = 0;

        var failure = (await Assert.CatchAsync<FeedException>(async () =>
        {
            await foreach (var row in rows.ReadAsync(deadline))
            {
                if (seen++ == 0)
                {
                    await KillAsync(source);
                }
            }
        }))!;
        await rows.DisposeAsync();

        Assert.That(failure, Is.Not.InstanceOf<FeedRejectedException>());
        Assert.That(failure.Message, Does.Contain(Purpose));
        Assert.That(seen, Is.LessThan(60_000));
        Assert.That(await source.ReadAsync(1, 3), Has.Count.EqualTo(3));
    }

    /// <summary>For the cases of each engine.</summary>
    protected async Task ReadsColumnTypesAsync(string coordinate, string text)
    {
        await using var source = await CreateAsync(
            Facilities.Table(coordinate: coordinate, text: text) + "INSERT INTO facility (id, name, latitude, longitude, country) VALUES (1, 'Zoë''s', '52.515625', '-13.25', 'DE')");

        var read = await source.ReadAsync();

        Assert.That(read.Single(), Is.EqualTo(new PlainFacility(1, "Zoë's", "", "", 52.515625, -13.25, "DE", "", "", "", "")));
    }
}
