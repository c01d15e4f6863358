using System.Collections.Frozen;

namespace FacilityFeed.Domain.Shaping;

/// <summary>
/// The states and territories of the United States whose ZIP codes begin with a zero, and which codes are theirs: the first three digits by
/// labeling list L002 of the Postal Service's Domestic Mail Manual, and of New York 06390 (Fishers Island). The address data of libaddressinput
/// for the states (data/US/MA and so on, zip) says the same.
/// </summary>
internal static class ZipStates
{
    // A line: the beginnings of its codes; how it is written, without dots and spaces.
    private static readonly FrozenDictionary<string, string[]> _beginnings = """
        010-027 055: MA MASS MASSACHUSETTS COMMONWEALTHOFMASSACHUSETTS
        028-029: RI RHODEISLAND RHODEISLANDANDPROVIDENCEPLANTATIONS
        030-038: NH NEWHAMPSHIRE
        039-049: ME MAINE
        050-054 056-059: VT VERMONT
        060-069: CT CONN CONNECTICUT
        070-089: NJ NEWJERSEY
        005 06390: NY NEWYORK NEWYORKSTATE
        006-007 009: PR PUERTORICO COMMONWEALTHOFPUERTORICO
        008: VI USVI VIRGINISLANDS USVIRGINISLANDS
        090-098: AE ARMEDFORCESEUROPE
        """.Split('\n').Select(line => line.Split(": ")).SelectMany(cells => cells[1].Split(' '), (cells, name) => (Name: name, Codes: cells[0].Split(' ')))
        .ToFrozenDictionary(state => state.Name, state => state.Codes, StringComparer.Ordinal);

    private static readonly FrozenSet<string> _country = FrozenSet.Create(StringComparer.Ordinal, "US", "USA", "UNITEDSTATES", "UNITEDSTATESOFAMERICA");

    /// <summary>
    /// Whether <paramref name="region"/> is such a state that has <paramref name="zip"/>: its abbreviation or name, alone, before or behind the
    /// country, or behind a town: "MA", "Mass.", "US-MA", "Boston, MA", "Massachusetts, USA", "Massachusetts (MA)".
    /// </summary>
    /// <param name="region">Clean text.</param>
    /// <param name="zip">Five digits.</param>
    public static bool Has(string region, string zip)
    {
        var state = region.Split([',', '(', ')', '-', '–'], StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .LastOrDefault(part => !_country.Contains(Folded(part)), "");
        return (Beginnings(state) ?? Beginnings(LastWord(state)) ?? []).Any(beginning =>
            beginning is [_, _, _, '-', .. var last] ? string.CompareOrdinal(zip, beginning[..3]) >= 0 && string.CompareOrdinal(zip[..3], last) <= 0 : zip.StartsWith(beginning, StringComparison.Ordinal));
    }

    private static string[]? Beginnings(string state)
    {
        var name = Folded(state);
        return _beginnings.GetValueOrDefault(name.StartsWith("STATEOF", StringComparison.Ordinal) ? name["STATEOF".Length..] : name);
    }

    // "Boston MA", but not "Casa Me".
    private static string LastWord(string text) => text.Split(' ')[^1] is { Length: 2 } word && word.All(char.IsAsciiLetterUpper) ? word : "";

    private static string Folded(string text) => string.Concat(text.Where(character => character is not ('.' or ' ' or '\u00A0'))).ToUpperInvariant();
}
