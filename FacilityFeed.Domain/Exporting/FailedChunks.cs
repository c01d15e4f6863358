using System.Globalization;
using System.Text.RegularExpressions;
using FacilityFeed.Domain.Planning;
using FacilityFeed.Domain.Reading;

namespace FacilityFeed.Domain.Exporting;

/// <summary>Chunks that failed for the same reason.</summary>
/// <param name="Numbers">Their numbers, in order.</param>
/// <param name="Reason">The first one's reason, without its own name at the head; where they name several rows, with some of all those.</param>
/// <param name="Rows">The rows that they name, each as <c>617</c> or <c>600 to 650</c>, in the chunks' order; none where the reason is not a row's.</param>
public sealed partial record FailedChunks(IReadOnlyList<int> Numbers, string Reason, IReadOnlyList<string> Rows)
{
    /// <summary>Most rows that a reason names.</summary>
    public const int MostRows = 3;

    /// <summary>Most ranges of chunks that a sentence names; <c>status RUN</c> has all.</summary>
    public const int MostRanges = 20;

    /// <summary>Most reasons that <see cref="Summary"/> says.</summary>
    private const int MostReasons = 3;

    /// <summary>
    /// Puts chunks together whose reasons differ in nothing but the chunk, its range of keys, the attempt, the object or the counts they
    /// speak of, or in the row; in the order of their first chunk.
    /// </summary>
    public static IReadOnlyList<FailedChunks> Group(IEnumerable<(int Number, string Reason)> failures) =>
        [.. from failure in failures
            orderby failure.Number
            group failure by KindOf(failure.Reason) into kind
            select Alike([.. kind])];

    /// <summary>What a reason has in common with those of other chunks.</summary>
    public static string KindOf(string reason) => Particulars().Replace(NamedRow.Replace(reason, "#"), "#");

    /// <summary>Rows by their keys: <c>rows with id 7, 14, 21 and 4 more</c>.</summary>
    public static string RowsText(IReadOnlyList<string> rows, int most)
    {
        var named = $"{(rows.Count == 1 ? "row" : "rows")} with {FacilityColumns.Key} {string.Join(", ", rows.Take(most))}";
        return rows.Count > most ? string.Create(CultureInfo.InvariantCulture, $"{named} and {rows.Count - most:N0} more") : named;
    }

    /// <summary>All of a run's failures in one sentence: <c>33 chunks failed (1-33): REASON</c>.</summary>
    public static string Summary(IReadOnlyList<FailedChunks> failures)
    {
        if (failures is [var all])
        {
            return all.Numbers.Count == 1
                ? $"{ChunkNumbers.Of(all.Numbers)} failed: {all.Reason}"
                : $"{Counted.Of(all.Numbers.Count, "chunk")} failed ({ChunkNumbers.Ranges(all.Numbers, MostRanges)}): {all.Reason}";
        }

        // The commonest first.
        var kinds = failures.OrderByDescending(failure => failure.Numbers.Count).ToList();
        var said = string.Join("; ", kinds.Take(MostReasons).Select(failure => $"{ChunkNumbers.Of(failure.Numbers, MostRanges)}: {failure.Reason}"));
        var others = kinds.Skip(MostReasons).ToList();
        var more = others.SelectMany(failure => failure.Numbers).ToList();
        return $"{Counted.Of(failures.Sum(failure => failure.Numbers.Count), "chunk")} failed. {said}"
            + (more.Count > 0 ? string.Create(CultureInfo.InvariantCulture, $"; and {more.Count:N0} more ({ChunkNumbers.Of(more, MostRanges)}) for {Counted.Of(others.Count, "other reason")}") : "");
    }

    private static FailedChunks Alike(IReadOnlyList<(int Number, string Reason)> failures)
    {
        var reason = OwnName().Replace(failures[0].Reason, "");
        IReadOnlyList<string> rows = [.. failures.Select(failure => NamedRow.Of(failure.Reason)).OfType<string>().Distinct()];
        return new FailedChunks([.. failures.Select(failure => failure.Number)], rows.Count > 1 ? NamedRow.Replace(reason, $"They are the {RowsText(rows, MostRows)}") : reason, rows);
    }

    // "feed facility, run 5, chunk 3 (ids 21-30): ..." stands in a list that names the chunk.
    [GeneratedRegex(@"^feed [^,\s]+, run \d+, chunk \d+ \(ids -?\d+-+\d+\): ")]
    private static partial Regex OwnName();

    [GeneratedRegex(@"\b(chunk|attempt|job) \d+|\bids -?\d+(-| to )-?\d+|_\d{4,}(-\d+)?(?=\.json)|\b[\d,]+ (bytes?|rows?|records?|were|rejected)\b", RegexOptions.CultureInvariant)]
    private static partial Regex Particulars();
}
