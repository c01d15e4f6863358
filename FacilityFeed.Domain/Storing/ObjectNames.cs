using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using FacilityFeed.Domain.Writing;

namespace FacilityFeed.Domain.Storing;

/// <summary>
/// The names of shards and manifests. New for every run and attempt, so that nothing is ever overwritten: the partner
/// refuses reused names (https://developers.google.com/actions-center/verticals/offers/reference/tutorials/generic-sftp).
/// </summary>
public static partial class ObjectNames
{
    /// <summary>The one fixed name; holds a copy of the current manifest.</summary>
    public const string Alias = "metadata.json";

    /// <summary>How a manifest's name ends.</summary>
    public const string ManifestEnding = ".filesetdesc.json";

    /// <summary>The longest name of an object, in UTF-8: what a file may be called on every system.</summary>
    public const int LongestBytes = 255;

    /// <summary>Whether a partner's name of a feed can begin the names of objects: up to 100 letters, digits, <c>.</c>, <c>-</c> and <c>_</c>, the first a letter or digit.</summary>
    public static bool IsFeedName(string name) => FeedName().IsMatch(name);

    /// <summary>
    /// Whether this can be the name of an object in a feed's place, and of nothing else, whatever the store: no folder, no way out, nothing
    /// hidden or unseen in it. Asked of every name that somebody else wrote, before it becomes part of a path or key.
    /// </summary>
    public static bool IsObjectName(string name) =>
        name.Length is > 0 and <= LongestBytes && Encoding.UTF8.GetByteCount(name) <= LongestBytes
        && name[0] != '.' && !name.AsSpan().ContainsAny('/', '\\') && ShownValue.Of(name, int.MaxValue) == name;

    /// <summary>The name itself, for a path or key: an object's, or one of a store's own marks, which are hidden.</summary>
    /// <exception cref="FeedRejectedException">It would lead elsewhere. Names come from the state database too, and whoever may write there decides what is published, not where.</exception>
    public static string Inside(string name) => IsObjectName(name) || (name.StartsWith('.') && IsObjectName(name[1..])) ? name
        : throw new FeedRejectedException($"'{ShownValue.Of(name)}' cannot be the name of an object of a feed, and nothing is written or read there. See who has changed it in the state database or the store");

    /// <summary>Name of a shard: <c>{feed}-{generation}_{chunk:0000}.json.gz</c>; from the second attempt on with its number.</summary>
    /// <param name="feed">The partner's name of the feed.</param>
    /// <param name="generation">The run's generation timestamp, Unix seconds.</param>
    /// <param name="chunk">Chunk number, from 1.</param>
    /// <param name="attempt">Attempt number, from 1.</param>
    /// <param name="compression">Decides the ending.</param>
    public static string Shard(string feed, long generation, int chunk, int attempt, Compression compression)
    {
        var again = attempt > 1 ? $"-{attempt.ToString(CultureInfo.InvariantCulture)}" : "";
        var ending = compression == Compression.Gzip ? ".json.gz" : ".json";
        return string.Create(CultureInfo.InvariantCulture, $"{Generation(feed, generation)}_{chunk:0000}{again}{ending}");
    }

    /// <summary>Name of a manifest: <c>{feed}-{generation}.filesetdesc.json</c>.</summary>
    public static string Manifest(string feed, long generation) => Generation(feed, generation) + ManifestEnding;

    /// <summary>How all names of one run begin.</summary>
    public static string Generation(string feed, long generation) => string.Create(CultureInfo.InvariantCulture, $"{feed}-{generation}");

    /// <summary>How the marks begin by which installations claim all names that begin with <paramref name="start"/>.</summary>
    public static string ClaimStart(string start) => $"{start}.claim-";

    /// <summary>The mark by which one installation claims all names that begin with <paramref name="start"/>.</summary>
    public static string Claim(string start, Guid installation) => $"{ClaimStart(start)}{installation:N}";

    /// <summary>The chunk number in a shard's name, or null when it is not the name of a shard of that run.</summary>
    public static int? ChunkOf(string shard, string feed, long generation)
    {
        var start = Generation(feed, generation) + "_";
        var match = shard.StartsWith(start, StringComparison.Ordinal) ? ShardEnding().Match(shard[start.Length..]) : Match.Empty;
        return match.Success ? int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture) : null;
    }

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}\z", RegexOptions.CultureInvariant)]
    private static partial Regex FeedName();

    [GeneratedRegex(@"^([0-9]{4,9})(-[0-9]+)?\.json(\.gz)?\z", RegexOptions.CultureInvariant)]
    private static partial Regex ShardEnding();
}
