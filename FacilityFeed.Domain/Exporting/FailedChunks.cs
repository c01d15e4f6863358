using System.Text.RegularExpressions;
using FacilityFeed.Domain.Planning;

namespace FacilityFeed.Domain.Exporting;

/// <summary>Chunks that failed for the same reason.</summary>
/// <param name="Numbers">Their numbers, in order.</param>
/// <param name="Reason">The first one's reason, without its own name at the head.</param>
public sealed partial record FailedChunks(IReadOnlyList<int> Numbers, string Reason)
{
    /// <summary>Most reasons that <see cref="Summary"/> says.</summary>
    private const int MostReasons = 3;

    /// <summary>
    /// Puts chunks together whose reasons differ in nothing but the chunk, its range of keys, the attempt, the object or the counts they
    /// speak of; in the order of their first chunk. Reasons that name a single row stay apart, for that row is to be mended.
    /// </summary>
    public static IReadOnlyList<FailedChunks> Group(IEnumerable<(int Number, string Reason)> failures) =>
        [.. from failure in failures
            orderby failure.Number
            group failure by KindOf(failure.Reason) into kind
            select new FailedChunks([.. kind.Select(failure => failure.Number)], OwnName().Replace(kind.First().Reason, ""))];

    /// <summary>What a reason has in common with those of other chunks.</summary>
    public static string KindOf(string reason) => Particulars().Replace(reason, "#");

    /// <summary>All of a run's failures in one sentence: <c>33 chunks failed (1-33): REASON</c>.</summary>
    public static string Summary(IReadOnlyList<FailedChunks> failures)
    {
        if (failures is [var all])
        {
            return all.Numbers.Count == 1
                ? $"{ChunkNumbers.Of(all.Numbers)} failed: {all.Reason}"
                : $"{Counted.Of(all.Numbers.Count, "chunk")} failed ({ChunkNumbers.Ranges(all.Numbers)}): {all.Reason}";
        }

        var said = string.Join("; ", failures.Take(MostReasons).Select(failure => $"{ChunkNumbers.Of(failure.Numbers)}: {failure.Reason}"));
        var more = failures.Skip(MostReasons).SelectMany(failure => failure.Numbers).ToList();
        return $"{Counted.Of(failures.Sum(failure => failure.Numbers.Count), "chunk")} failed. {said}{(more.Count > 0 ? $"; {ChunkNumbers.Of(more)} for other reasons" : "")}";
    }

    // "feed facility, run 5, chunk 3 (ids 21-30): ..." stands in a list that names the chunk.
    [GeneratedRegex(@"^feed [^,\s]+, run \d+, chunk \d+ \(ids -?\d+-+\d+\): ")]
    private static partial Regex OwnName();

    [GeneratedRegex(@"\b(chunk|attempt|job) \d+|\bids -?\d+(-| to )-?\d+|_\d{4,}(-\d+)?(?=\.json)|\b[\d,]+ (bytes?|rows?|records?|were|rejected)\b", RegexOptions.CultureInvariant)]
    private static partial Regex Particulars();
}
