using System.Globalization;

namespace FacilityFeed.Tests.Shaping.Hosts;

/// <summary>
/// Makes host-characters.csv of Unicode's files. Two exceptions to its table: the underscore, which stands in names of hosts that work, is
/// valid; and ẞ (U+1E9E) becomes ß as in UTS #46 since 15.1, not ss, which is another host.
/// </summary>
internal static class HostCharactersRecipe
{
    public static string Make()
    {
        var rows = Rows();
        var lines = new List<string> { "first-last;mapping, or = when valid;bidirectional class unless L;joining type;combining class unless 0;M when a mark;canonical decomposition" };
        for (var first = 0; first < UnicodeData.CodePoints;)
        {
            var last = first;
            while (last + 1 < UnicodeData.CodePoints && Follows(rows, first, last + 1))
            {
                last++;
            }

            if (rows[first] is { } row)
            {
                lines.Add(string.Create(CultureInfo.InvariantCulture, $"{first:X}{(last > first ? $"-{last:X}" : "")};{row.TrimEnd(';')}"));
            }

            first = last + 1;
        }

        return string.Join('\n', lines) + '\n';
    }

    // A character that is mapped to one other is followed by the next one that is mapped to the next other.
    private static bool Follows(string?[] rows, int first, int next) => rows[first] is { Length: > 0 } row && row[0] != '='
        ? !row.Contains(' ', StringComparison.Ordinal) && rows[next] == string.Create(CultureInfo.InvariantCulture, $"{UnicodeData.Number(row) + next - first:X}")
        : rows[next] == rows[first];

    private static string?[] Rows()
    {
        var (statuses, mappings) = (UnicodeData.Property("idna/IdnaMappingTable.txt"), UnicodeData.Property("idna/IdnaMappingTable.txt", 2, fields => fields.Length > 2));
        var (bidi, joining) = (UnicodeData.Property("extracted/DerivedBidiClass.txt"), UnicodeData.Property("extracted/DerivedJoiningType.txt"));
        var (combining, category) = (UnicodeData.Property("extracted/DerivedCombiningClass.txt"), UnicodeData.Property("extracted/DerivedGeneralCategory.txt"));
        var excluded = UnicodeData.Property("DerivedNormalizationProps.txt", 1, fields => fields[1] == "Full_Composition_Exclusion");
        var parts = UnicodeData.Property("UnicodeData.txt", 5, fields => fields[5].Length > 0 && fields[5][0] != '<');
        return [.. Enumerable.Range(0, UnicodeData.CodePoints).Select(Row)];

        string? Row(int point) => (statuses[point], point) switch
        {
            (_, '_') or ("valid" or "deviation", _) => string.Join(';', "=", bidi[point] is "L" ? "" : bidi[point], joining[point] is "D" or "R" or "L" or "T" ? joining[point] : "",
                combining[point] is "0" ? "" : combining[point], category[point].StartsWith('M') ? "M" : "", excluded[point].Length > 0 ? "" : parts[point]),
            (_, 0x1E9E) => "DF",
            ("mapped", _) => string.Join(' ', UnicodeData.Numbers(mappings[point]).Select(part => part.ToString("X", CultureInfo.InvariantCulture))),
            ("ignored", _) => "",
            _ => null,
        };
    }
}
