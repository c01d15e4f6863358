using FacilityFeed.Domain.Planning;

namespace FacilityFeed.Tests.Planning;

/// <summary>A key snapshot in memory; jumps as <c>WHERE id BETWEEN from AND last ORDER BY id OFFSET rows - 1 LIMIT 1</c> does.</summary>
internal sealed class KeySet(IEnumerable<long> keys) : IKeySnapshot
{
    private readonly long[] _keys = [.. keys.Distinct().Order()];

    public IReadOnlyList<long> Keys => _keys;

    /// <summary>Jumps asked for: the plan must not read the table more than once.</summary>
    public int Jumps { get; private set; }

    public long Count => _keys.Length;

    public long FirstId => _keys.Length == 0 ? 0 : _keys[0];

    public long LastId => _keys.Length == 0 ? 0 : _keys[^1];

    public IReadOnlyList<string> Warnings => [];

    public Task<long?> JumpAsync(long fromId, int rows, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 1);
        Jumps++;
        var place = Array.BinarySearch(_keys, fromId);
        var target = (place < 0 ? ~place : place) + (rows - 1L);
        return Task.FromResult(target < _keys.Length ? _keys[target] : (long?)null);
    }

    public long CountIn(ChunkRange range) => _keys.Count(key => key >= range.FirstId && key <= range.LastId);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
