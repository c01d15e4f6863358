using System.Globalization;
using CsCheck;
using FacilityFeed.Domain;
using FacilityFeed.Domain.Planning;
using FacilityFeed.Tests.Support;

namespace FacilityFeed.Tests.Reading;

/// <summary>How keys are proven and jumped over.</summary>
public abstract partial class SourceContract
{
    /// <summary>What a warning about a key without an index tells a person to do.</summary>
    protected abstract string IndexRemedy { get; }

    /// <summary>The index entries read of the table so far.</summary>
    protected abstract Task<long> KeysReadAsync(TestSource source);

    [Test]
    public async Task JumpAsync_LandsOnEveryNthKey_OfAnyTableWithGaps()
    {
        await using var source = await CreateAsync(Facilities.EmptyTable);

        await Gen.Select(Gen.Int[-400, 400].Array[1, 60], Gen.Int[1, 20]).SampleAsync(async (numbers, rows) =>
        {
            var sorted = numbers.Distinct().Order().Select(number => (long)number).ToList();
            await FillAsync(source, sorted);
            await using var keys = await source.Source.OpenKeysAsync(CancellationToken.None);

            Assert.That((keys.Count, keys.FirstId, keys.LastId), Is.EqualTo(((long)sorted.Count, sorted[0], sorted[^1])));
            for (var start = 0; start < sorted.Count; start += rows)
            {
                var landed = await keys.JumpAsync(start == 0 ? keys.FirstId : sorted[start - 1] + 1, rows, CancellationToken.None);
                Assert.That(landed, Is.EqualTo(start + rows <= sorted.Count ? sorted[start + rows - 1] : (long?)null));
            }
        }, iter: 25, threads: 1);
    }

    [Test]
    public async Task OpenKeysAsync_CountsNothing_WhenTheTableIsEmpty()
    {
        await using var source = await CreateAsync(Facilities.EmptyTable);

        await using var keys = await source.Source.OpenKeysAsync(CancellationToken.None);

        Assert.That(keys.Count, Is.Zero);
    }

    [Test]
    public async Task OpenKeysAsync_NamesTheRows_WhenIdsAreNull()
    {
        await using var source = await CreateAsync(Facilities.ViewOfNamed("SELECT 1 AS id, 'Sound' AS name UNION ALL SELECT NULL, 'Nameless Gym' UNION ALL SELECT NULL, NULL"));

        var refusal = await KeysRefusalAsync(source);

        Assert.That(refusal.Message, Does.Contain("2 rows whose id is NULL").And.Contain("Nameless Gym").And.Contain("(no name)").And.Contain("give each row its own id").And.Not.Contain("Sound"));
    }

    [Test]
    public async Task OpenKeysAsync_NamesTheIds_WhenIdsAreDoubled()
    {
        await using var source = await CreateAsync(Facilities.ViewOf(Facilities.Ids(1, 17, 17, 4, -5, -5, -5, 8)));

        var refusal = await KeysRefusalAsync(source);

        Assert.That(refusal.Message, Does.Contain("more than one row for id -5, 17:").And.Contain("facility").And.Contain("give each row its own id"));
    }

    [Test]
    public async Task OpenKeysAsync_NamesTenIdsAtMost_WhenManyAreDoubled()
    {
        await using var source = await CreateAsync(Facilities.ViewOf($"SELECT i AS id FROM {Words.Series(1, 40)} UNION ALL SELECT i FROM {Words.Series(1, 40)}"));

        var refusal = await KeysRefusalAsync(source);

        Assert.That(refusal.Message, Does.Contain("id 1, 2, 3, 4, 5, 6, 7, 8, 9, 10:"));
    }

    [TestCase("bigint", Description = "no constraint at all")]
    [TestCase("bigint UNIQUE", Description = "unique, but NULL is allowed")]
    public async Task OpenKeysAsync_IsRejected_WhenATableHasANullKey(string id)
    {
        await using var source = await CreateAsync(Facilities.Table(id: id) + "INSERT INTO facility (id, name) VALUES (1, 'Sound'), (NULL, 'Nameless Gym')");

        var refusal = await KeysRefusalAsync(source);

        Assert.That(refusal.Message, Does.Contain("1 row whose id is NULL").And.Contain("Nameless Gym"));
    }

    [Test]
    public async Task OpenKeysAsync_IsRejected_WhenOnlyAPairIsUnique()
    {
        await using var source = await CreateAsync(Facilities.Table(id: "bigint NOT NULL") + "CREATE UNIQUE INDEX pair ON facility (id, latitude); INSERT INTO facility (id, latitude) VALUES (7, 1), (7, 2), (8, 1)");

        var refusal = await KeysRefusalAsync(source);

        Assert.That(refusal.Message, Does.Contain("more than one row for id 7:"));
    }

    [TestCase("", Description = "no index at all")]
    [TestCase("CREATE INDEX other ON facility (latitude, id)", Description = "not first")]
    public async Task OpenKeysAsync_Warns_WhenNoIndexBeginsWithTheKey(string index)
    {
        await using var source = await CreateAsync(Facilities.Table(id: "bigint NOT NULL") + index);

        await using var keys = await source.Source.OpenKeysAsync(CancellationToken.None);

        Assert.That(keys.Warnings, Has.Count.EqualTo(1).And.One.Contains("facility.id has no index").And.One.Contains(IndexRemedy));
    }

    [TestCase("bigint PRIMARY KEY", "")]
    [TestCase("bigint NOT NULL", "CREATE INDEX own ON facility (id)")]
    [TestCase("bigint NOT NULL", "CREATE INDEX pair ON facility (id, latitude)")]
    public async Task OpenKeysAsync_WarnsOfNothing_WhenTheKeyHasAnIndex(string id, string index)
    {
        await using var source = await CreateAsync(Facilities.Table(id: id) + index);

        await using var keys = await source.Source.OpenKeysAsync(CancellationToken.None);

        Assert.That(keys.Warnings, Is.Empty);
    }

    [TestCase("smallint", short.MinValue, short.MaxValue)]
    [TestCase("integer", int.MinValue, int.MaxValue)]
    [TestCase("bigint", long.MinValue, long.MaxValue)]
    public async Task OpenKeysAsync_TakesEveryIntegerKey_ToItsLimits(string type, long least, long most) => await TakesKeysAsync(type, least, least + 1, -1, 0, 7, most - 1, most);

    [Test]
    public async Task OpenKeysAsync_DoesNotSeeLaterRows()
    {
        await using var source = await CreateAsync(Facilities.EmptyTable);
        await FillAsync(source, [10, 20, 30]);
        await using var keys = await source.Source.OpenKeysAsync(CancellationToken.None);

        await source.Database.ExecuteAsync("INSERT INTO facility (id) VALUES (5), (15), (25), (40); DELETE FROM facility WHERE id = 20");

        Assert.That(await TestSource.KeysAsync(keys), Is.EqualTo(new long[] { 10, 20, 30 }));
        Assert.That(await source.KeysAsync(), Is.EqualTo(new long[] { 5, 10, 15, 25, 30, 40 }));
    }

    [Test]
    public async Task JumpAsync_MayBeTriedAgain_WhenTheServerEndsTheSession()
    {
        await using var source = await CreateAsync(Facilities.Numbered(1, 5, Words));
        await using var keys = await source.Source.OpenKeysAsync(CancellationToken.None);
        await KillAsync(source);

        var failure = (await Assert.CatchAsync<FeedException>(async () => await keys.JumpAsync(1, 2, CancellationToken.None)))!;

        Assert.That(failure, Is.Not.InstanceOf<FeedRejectedException>());
        Assert.That(failure.Message, Does.Contain("planning from facility"));
        Assert.That(await source.KeysAsync(), Has.Count.EqualTo(5));
    }

    [TestCase("smallint", 30_000)]
    [TestCase("integer", 40_000)]
    [TestCase("bigint", 40_000)]
    public async Task JumpAsync_ReadsOnlyWhatItJumpsOver(string type, int rows)
    {
        await using var source = await CreateAsync(Facilities.Table(id: $"{type} PRIMARY KEY") + $"INSERT INTO facility (id) SELECT i FROM {Words.Series(1, rows)}; {Words.Analyze} facility");
        var before = await KeysReadAsync(source);

        await using (var keys = await source.Source.OpenKeysAsync(CancellationToken.None))
        {
            await ChunkPlanner.PlanAsync(keys, chunkSize: 100, maxChunks: 1000, CancellationToken.None);
        }

        // Statistics arrive a moment after the session is done. The count may read each key once, and the jumps once more.
        await Until.TrueAsync(async () => await KeysReadAsync(source) - before >= rows, TimeSpan.FromSeconds(20), "the statistics");
        Assert.That(await KeysReadAsync(source) - before, Is.LessThan(3 * rows));
    }

    /// <summary>For the cases of each engine: every key is planned and read.</summary>
    protected async Task TakesKeysAsync(string type, params long[] expected)
    {
        await using var source = await CreateAsync(Facilities.Table(id: $"{type} PRIMARY KEY"));
        await FillAsync(source, expected);

        await using var keys = await source.Source.OpenKeysAsync(CancellationToken.None);

        Assert.That(await TestSource.KeysAsync(keys), Is.EqualTo(expected));
        Assert.That((keys.FirstId, keys.LastId), Is.EqualTo((expected[0], expected[^1])));
        Assert.That((await source.ReadAsync(expected[0], expected[^1])).Select(facility => facility.Id), Is.EqualTo(expected));
    }

    /// <summary>For the cases of each engine: the table of that name is planned and read.</summary>
    protected async Task FindsTableAsync(string script, string quoted, string setting)
    {
        await using var source = await CreateAsync($"{script}{Facilities.Table(quoted)} INSERT INTO {quoted} (id) VALUES (3), (4)", table: setting);

        var keys = await source.KeysAsync();

        Assert.That(keys, Is.EqualTo(new long[] { 3, 4 }));
        Assert.That((await source.ReadAsync()).Select(facility => facility.Id), Is.EqualTo(keys));
    }

    private static async Task FillAsync(TestSource source, IReadOnlyCollection<long> ids)
    {
        var values = string.Join(", ", ids.Select(id => string.Create(CultureInfo.InvariantCulture, $"({id})")));
        await source.Database.ExecuteAsync($"TRUNCATE facility; INSERT INTO facility (id) VALUES {values}");
    }

    protected static async Task<FeedRejectedException> KeysRefusalAsync(TestSource source) =>
        (await Assert.ThrowsAsync<FeedRejectedException>(async () => await source.Source.OpenKeysAsync(CancellationToken.None)))!;
}
