using System.Globalization;

namespace FacilityFeed.Domain.Planning;

/// <summary>Chunks by their numbers, neighbours as a range: <c>chunk 3</c>, <c>chunks 3, 5-9</c>.</summary>
public static class ChunkNumbers
{
    /// <summary>With the noun.</summary>
    public static string Of(IReadOnlyCollection<int> numbers, int most = int.MaxValue) => $"{(numbers.Count == 1 ? "chunk" : "chunks")} {Ranges(numbers, most)}";

    /// <summary>The numbers alone, in their order: <c>3, 5-9</c>.</summary>
    /// <param name="numbers">The chunks' numbers.</param>
    /// <param name="most">How many ranges are written out; the chunks of the others are only counted: <c>3, 5-9 and 12 more</c>.</param>
    public static string Ranges(IReadOnlyCollection<int> numbers, int most = int.MaxValue)
    {
        var ranges = new List<(int First, int Last)>();
        foreach (var number in numbers.Order())
        {
            if (ranges.Count > 0 && number <= ranges[^1].Last + 1)
            {
                ranges[^1] = (ranges[^1].First, number);
            }
            else
            {
                ranges.Add((number, number));
            }
        }

        var more = ranges.Skip(most).Sum(range => range.Last - range.First + 1);
        var written = string.Join(", ", ranges.Take(most).Select(range => range.First == range.Last
            ? range.First.ToString(CultureInfo.InvariantCulture)
            : string.Create(CultureInfo.InvariantCulture, $"{range.First}{(range.Last == range.First + 1 ? ", " : "-")}{range.Last}")));
        return more > 0 ? string.Create(CultureInfo.InvariantCulture, $"{written} and {more:N0} more") : written;
    }
}
