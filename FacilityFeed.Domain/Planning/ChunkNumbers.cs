using System.Globalization;

namespace FacilityFeed.Domain.Planning;

/// <summary>Chunks by their numbers, neighbours as a range: <c>chunk 3</c>, <c>chunks 3, 5-9</c>.</summary>
public static class ChunkNumbers
{
    /// <summary>With the noun.</summary>
    public static string Of(IReadOnlyCollection<int> numbers) => $"{(numbers.Count == 1 ? "chunk" : "chunks")} {Ranges(numbers)}";

    /// <summary>The numbers alone, in their order: <c>3, 5-9</c>.</summary>
    public static string Ranges(IReadOnlyCollection<int> numbers)
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

        return string.Join(", ", ranges.Select(range => range.First == range.Last
            ? range.First.ToString(CultureInfo.InvariantCulture)
            : string.Create(CultureInfo.InvariantCulture, $"{range.First}{(range.Last == range.First + 1 ? ", " : "-")}{range.Last}")));
    }
}
