namespace FacilityFeed.Domain.Publishing;

/// <summary>
/// Whether the ids of a feed rise from its first record to its last, for then none is there twice. Memory is two ids a shard.
/// An id is a prefix, the same in all, and a key, which may be negative; <c>f-17</c> can be read as <c>f-</c> and 17, as <c>f</c> and
/// -17, or as <c>f-1</c> and 7. Every reading is followed until an id contradicts it; the ids are in order while one is left.
/// </summary>
internal sealed class KeyOrder
{
    private readonly List<(string File, string First, string Last)> _shards = [];
    private List<(string Prefix, long Last)> _readings = [];

    /// <summary>The last id that was in order, and its shard.</summary>
    public (string Id, string File) Last { get; private set; } = ("", "");

    /// <summary>Takes the next id. One that is out of order does not count for those that follow.</summary>
    public KeyStep Take(string id, string file)
    {
        if (_readings.Count == 0)
        {
            _readings = [.. ReadingsOf(id)];
            return _readings.Count == 0 ? KeyStep.NoKey : Accept(id, file);
        }

        var readings = new List<(string Prefix, long Last)>(_readings.Count);
        var isRead = false;
        foreach (var (prefix, last) in _readings)
        {
            if (TryRead(id, prefix, out var key))
            {
                isRead = true;
                if (key > last)
                {
                    readings.Add((prefix, key));
                }
            }
        }

        if (readings.Count > 0)
        {
            _readings = readings;
            return Accept(id, file);
        }

        return isRead ? FindShard(id, isEnd: true) is not null ? KeyStep.Twice : KeyStep.Late
            : ReadingsOf(id).Any() ? KeyStep.OtherPrefix : KeyStep.NoKey;
    }

    /// <summary>The shard among whose ids this one has its place; null when it is between two.</summary>
    public string? FindShard(string id) => FindShard(id, isEnd: false);

    private KeyStep Accept(string id, string file)
    {
        Last = (id, file);
        if (_shards.Count > 0 && _shards[^1].File == file)
        {
            _shards[^1] = _shards[^1] with { Last = id };
        }
        else
        {
            _shards.Add((file, id, id));
        }

        return KeyStep.Rising;
    }

    private string? FindShard(string id, bool isEnd)
    {
        foreach (var (prefix, _) in _readings)
        {
            if (TryRead(id, prefix, out var key))
            {
                return _shards.Find(shard => TryRead(shard.First, prefix, out var first) && TryRead(shard.Last, prefix, out var last)
                    && (isEnd ? key == first || key == last : first <= key && key <= last)).File;
            }
        }

        return null;
    }

    private static IEnumerable<(string Prefix, long Last)> ReadingsOf(string id)
    {
        for (var at = Math.Max(0, id.Length - 20); at < id.Length; at++)
        {
            if (EntityKey.TryParse(id.AsSpan(at), out var key))
            {
                yield return (id[..at], key);
            }
        }
    }

    private static bool TryRead(string id, string prefix, out long key)
    {
        key = 0;
        return id.StartsWith(prefix, StringComparison.Ordinal) && EntityKey.TryParse(id.AsSpan(prefix.Length), out key);
    }
}
