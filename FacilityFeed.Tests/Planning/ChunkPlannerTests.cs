using CsCheck;
using FacilityFeed.Domain;
using FacilityFeed.Domain.Planning;

namespace FacilityFeed.Tests.Planning;

public sealed class ChunkPlannerTests
{
    /// <summary>Dense runs, wide gaps, negatives and both ends of the type, mixed.</summary>
    private static readonly Gen<long[]> _keys = Gen.OneOf(
        Gen.Long[-60, 60],
        Gen.Long[1, 100_000],
        Gen.Long,
        Gen.OneOf(long.MinValue, long.MinValue + 1, -1L, 0L, long.MaxValue - 1, long.MaxValue)).Array[0, 120];

    private static readonly Gen<(long[] Keys, int ChunkSize, int MaxChunks)> _tables = Gen.Select(_keys, Gen.Int[1, 130], Gen.Int[1, 130]);

    [Test]
    public async Task PlanAsync_CutsDisjointOrderedRanges() => await _tables.SampleAsync(async table =>
    {
        var (_, plan) = await PlanAsync(table);

        for (var i = 0; i < plan.Ranges.Count; i++)
        {
            Assert.That(plan.Ranges[i].FirstId, Is.LessThanOrEqualTo(plan.Ranges[i].LastId));
            Assert.That(plan.Ranges[i].Number, Is.EqualTo(i + 1));
            Assert.That(i == 0 || plan.Ranges[i].FirstId > plan.Ranges[i - 1].LastId, "overlaps the range before it");
        }
    });

    [Test]
    public async Task PlanAsync_CoversEachKeyOnce_AndCountsItsRows() => await _tables.SampleAsync(async table =>
    {
        var (keys, plan) = await PlanAsync(table);

        foreach (var range in plan.Ranges)
        {
            Assert.That(range.Rows, Is.EqualTo(keys.CountIn(range)).And.GreaterThan(0), $"{range}");
        }

        Assert.That(plan.Ranges.Sum(range => range.Rows), Is.EqualTo(keys.Count));
        Assert.That(keys.Keys.All(key => plan.Ranges.Count(range => key >= range.FirstId && key <= range.LastId) == 1));
    });

    [Test]
    public async Task PlanAsync_FillsEachChunkButTheLast() => await _tables.SampleAsync(async table =>
    {
        var (_, plan) = await PlanAsync(table);

        Assert.That(plan.Ranges.SkipLast(1).Select(range => range.Rows), Is.All.EqualTo(plan.ChunkSize));
        Assert.That(plan.Ranges.TakeLast(1).Select(range => range.Rows), Is.All.LessThanOrEqualTo(plan.ChunkSize));
    });

    [Test]
    public async Task PlanAsync_RaisesTheChunkSize_OnlyWhenTooManyChunksWouldBeNeeded() => await _tables.SampleAsync(async table =>
    {
        var (keys, plan) = await PlanAsync(table);

        Assert.That(plan.Ranges, Has.Count.LessThanOrEqualTo(table.MaxChunks));
        var fits = keys.Count <= (long)table.ChunkSize * table.MaxChunks;
        Assert.That(plan.ChunkSize, fits ? Is.EqualTo(table.ChunkSize) : Is.GreaterThan(table.ChunkSize));
        // The smallest that is enough: one row less in each chunk would leave rows over.
        Assert.That(fits || (long)(plan.ChunkSize - 1) * table.MaxChunks < keys.Count);
    });

    [Test]
    public async Task PlanAsync_JumpsOnceForEachChunkButTheLast() => await _tables.SampleAsync(async table =>
    {
        var (keys, plan) = await PlanAsync(table);

        Assert.That(keys.Jumps, Is.EqualTo(Math.Max(0, plan.Ranges.Count - 1)));
    });

    [Test]
    public async Task PlanAsync_MakesNoRange_WhenTheSourceIsEmpty()
    {
        var (_, plan) = await PlanAsync(([], 10, 10));

        Assert.That(plan.Ranges, Is.Empty);
        Assert.That(plan.ChunkSize, Is.EqualTo(10));
    }

    [TestCase(1L)]
    [TestCase(0L)]
    [TestCase(long.MinValue)]
    [TestCase(long.MaxValue)]
    public async Task PlanAsync_MakesOneRange_WhenThereIsOneRow(long id)
    {
        var (_, plan) = await PlanAsync(([id], 1, 1));

        Assert.That(plan.Ranges, Is.EqualTo(new[] { new ChunkRange(1, id, id, 1) }));
    }

    [Test]
    public async Task PlanAsync_MakesNoEmptyLastChunk_WhenRowsEndOnTheEdge()
    {
        var (_, plan) = await PlanAsync((Numbered(20), 10, 100));

        Assert.That(plan.Ranges, Is.EqualTo(new[] { new ChunkRange(1, 1, 10, 10), new ChunkRange(2, 11, 20, 10) }));
    }

    [Test]
    public async Task PlanAsync_MakesAChunkOfOne_WhenOneRowIsOver()
    {
        var (_, plan) = await PlanAsync((Numbered(21), 10, 100));

        Assert.That(plan.Ranges, Is.EqualTo(new[] { new ChunkRange(1, 1, 10, 10), new ChunkRange(2, 11, 20, 10), new ChunkRange(3, 21, 21, 1) }));
    }

    [Test]
    public async Task PlanAsync_BeginsARangeAfterTheOneBefore_WhenKeysHaveGaps()
    {
        var (_, plan) = await PlanAsync(([-70, -3, 5, 1000, long.MaxValue], 2, 100));

        Assert.That(plan.Ranges, Is.EqualTo(new[]
        {
            new ChunkRange(1, -70, -3, 2),
            new ChunkRange(2, -2, 1000, 2),
            new ChunkRange(3, 1001, long.MaxValue, 1),
        }));
    }

    [TestCase(100, 10, 10, 10)]
    [TestCase(101, 10, 10, 11)]
    [TestCase(100, 1, 3, 34)]
    public async Task PlanAsync_RaisesTheChunkSizeToTheSmallestThatIsEnough(int rows, int chunkSize, int maxChunks, int expected)
    {
        var (_, plan) = await PlanAsync((Numbered(rows), chunkSize, maxChunks));

        Assert.That(plan.ChunkSize, Is.EqualTo(expected));
        Assert.That(plan.Ranges, Has.Count.LessThanOrEqualTo(maxChunks));
    }

    [TestCase(0, 1)]
    [TestCase(-1, 1)]
    [TestCase(1, 0)]
    public void PlanAsync_Refuses_WhenASizeIsBelowOne(int chunkSize, int maxChunks) =>
        Assert.That(() => PlanAsync((Numbered(3), chunkSize, maxChunks)), Throws.InstanceOf<ArgumentOutOfRangeException>());

    [Test]
    public void PlanAsync_Refuses_WhenAChunkWouldNeedMoreRowsThanAJumpCanSkip()
    {
        var keys = new VastTable(rows: 3L * int.MaxValue);

        Assert.That(() => ChunkPlanner.PlanAsync(keys, 1000, maxChunks: 2, CancellationToken.None),
            Throws.InstanceOf<FeedRejectedException>().With.Message.Contains("MaxChunks"));
    }

    private static long[] Numbered(int rows) => [.. Enumerable.Range(1, rows).Select(id => (long)id)];

    private static async Task<(KeySet Keys, ChunkPlan Plan)> PlanAsync((long[] Keys, int ChunkSize, int MaxChunks) table)
    {
        var keys = new KeySet(table.Keys);
        return (keys, await ChunkPlanner.PlanAsync(keys, table.ChunkSize, table.MaxChunks, CancellationToken.None));
    }

    /// <summary>The keys 1 to <paramref name="rows"/>, none of them in memory.</summary>
    private sealed class VastTable(long rows) : IKeySnapshot
    {
        public long Count => rows;

        public long FirstId => 1;

        public long LastId => rows;

        public IReadOnlyList<string> Warnings => [];

        public Task<long?> JumpAsync(long fromId, int rows, CancellationToken cancellationToken)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(rows, 1);
            return Task.FromResult<long?>(fromId + rows - 1);
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
