using FacilityFeed.Domain.Planning;
using FacilityFeed.Domain.Reading;
using FacilityFeed.Domain.Shaping;
using FacilityFeed.Infrastructure.Reading;

namespace FacilityFeed.Tests.Support;

/// <summary>The real source on a database of its own, with the pool that the service makes.</summary>
public sealed class TestSource : IAsyncDisposable
{
    private TestSource(SourceDatabase database, SourceOptions options, string table)
    {
        Database = database;
        Pool = new SourcePool(options);
        Source = Pool.For(table);
    }

    public SourceDatabase Database { get; }

    public SourcePool Pool { get; }

    public IFacilitySource Source { get; }

    /// <param name="script">Makes the table.</param>
    /// <param name="table">The feed's Table setting.</param>
    /// <param name="change">Changes how the source connects.</param>
    public static async Task<TestSource> CreateAsync(string script, string table = "facility", Func<SourceOptions, SourceOptions>? change = null) =>
        In(await TestDatabase.CreateAsync(script), table, change);

    /// <inheritdoc cref="CreateAsync"/>
    public static async Task<TestSource> CreateMariaDbAsync(string script, string table = "facility", Func<SourceOptions, SourceOptions>? change = null) =>
        In(await MariaDbDatabase.CreateAsync(script), table, change);

    private static TestSource In(SourceDatabase database, string table, Func<SourceOptions, SourceOptions>? change) =>
        new(database, change?.Invoke(database.SourceOptions) ?? database.SourceOptions, table);

    /// <summary>All keys of the source, as it is now, by jumps of one row.</summary>
    public async Task<IReadOnlyList<long>> KeysAsync()
    {
        await using var keys = await Source.OpenKeysAsync(CancellationToken.None);
        return await KeysAsync(keys);
    }

    public static async Task<IReadOnlyList<long>> KeysAsync(IKeySnapshot keys)
    {
        var found = new List<long>();
        var fromId = keys.FirstId;
        while (found.Count < keys.Count && await keys.JumpAsync(fromId, 1, CancellationToken.None) is { } id)
        {
            found.Add(id);
            fromId = id == long.MaxValue ? id : id + 1;
        }

        return found;
    }

    public async Task<IReadOnlyList<PlainFacility>> ReadAsync(long firstId = long.MinValue, long lastId = long.MaxValue)
    {
        await using var rows = await Source.OpenChunkAsync(new ChunkRange(1, firstId, lastId, 0), "run 1 chunk 1", CancellationToken.None);
        return await ReadAsync(rows, CancellationToken.None);
    }

    /// <summary>The records that go out, strictly shaped, and what was said of the others and of theirs.</summary>
    public Task<(IReadOnlyList<PlainFacility> Rows, IReadOnlyList<NotedRecord> Noted)> ShapedAsync() => ShapedAsync(Source);

    /// <inheritdoc cref="ShapedAsync()"/>
    public static async Task<(IReadOnlyList<PlainFacility> Rows, IReadOnlyList<NotedRecord> Noted)> ShapedAsync(IFacilitySource source)
    {
        await using var rows = await source.OpenChunkAsync(new ChunkRange(1, long.MinValue, long.MaxValue, 0), "run 1 chunk 1", CancellationToken.None);
        var shaper = new FacilityShaper(Validation.Strict);
        var tally = new ShapingTally();
        var shaped = new List<PlainFacility>();
        await foreach (var row in rows.ReadAsync(CancellationToken.None))
        {
            if (shaper.TryShape(row, tally))
            {
                shaped.Add(PlainFacility.Of(row));
            }
        }

        return (shaped, tally.Noted);
    }

    public static async Task<IReadOnlyList<PlainFacility>> ReadAsync(IChunkRows rows, CancellationToken cancellationToken)
    {
        var read = new List<PlainFacility>();
        await foreach (var row in rows.ReadAsync(cancellationToken))
        {
            read.Add(PlainFacility.Of(row));
        }

        return read;
    }

    public async ValueTask DisposeAsync()
    {
        await Pool.DisposeAsync();
        await Database.DisposeAsync();
    }
}
