using System.Globalization;

namespace FacilityFeed.Domain.Shaping.Hosts;

/// <summary>
/// The characters that can be written in a host, by UTS #46 of Unicode 15.0, nontransitional, with the ASCII characters that STD3 allows and
/// the underscore. All of it is in host-characters.csv, for the runtime has no such table, and knows of composing characters nothing without
/// the machine's language data. The table is made of IdnaMappingTable.txt (https://www.unicode.org/reports/tr46/) and of files of the Unicode
/// Character Database, as HostCharactersRecipe in the tests says.
/// </summary>
public static class HostCharacters
{
    private static readonly List<(int First, int Last, HostCharacter Character)> _rows = [.. Read()];
    private static readonly int[] _firsts = [.. _rows.Select(row => row.First)];

    /// <summary>The two code points of which each composed one is made.</summary>
    internal static Dictionary<(int First, int Second), int> Composed { get; } =
        _rows.Where(row => row.Character.Parts is not null).ToDictionary(row => row.Character.Parts!.Value, row => row.First);

    /// <summary>What is known of a code point; null when it cannot be in a host.</summary>
    public static HostCharacter? Find(int codePoint)
    {
        var at = Array.BinarySearch(_firsts, codePoint);
        var (first, last, character) = _rows[at >= 0 ? at : Math.Max(0, ~at - 1)];
        return codePoint < first || codePoint > last ? null
            : character.Mapping is [var mapped] && first < last ? character with { Mapping = [mapped + codePoint - first] }
            : character;
    }

    // The first line says what the columns are.
    private static IEnumerable<(int First, int Last, HostCharacter Character)> Read()
    {
        using var lines = new StreamReader(typeof(HostCharacters).Assembly.GetManifestResourceStream("host-characters.csv")!);
        _ = lines.ReadLine();
        while (lines.ReadLine() is { } line)
        {
            var cells = line.Split(';');
            var ends = cells[0].Split('-');
            yield return (Number(ends[0]), Number(ends[^1]), Character([.. cells, "", "", "", "", ""]));
        }
    }

    private static HostCharacter Character(string[] cells) => new(
        cells[1] == "=" ? null : Numbers(cells[1]),
        cells[2].Length == 0 ? "L" : cells[2],
        cells[3],
        cells[4].Length == 0 ? 0 : int.Parse(cells[4], CultureInfo.InvariantCulture),
        IsMark: cells[5].Length > 0,
        Numbers(cells[6]) is [var first, var second] ? (first, second) : null);

    private static int[] Numbers(string hexadecimals) => [.. hexadecimals.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(Number)];

    private static int Number(string hexadecimal) => int.Parse(hexadecimal, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
