using System.Collections.Frozen;

namespace FacilityFeed.Domain.Shaping;

/// <summary>
/// What is known of countries, by their ISO 3166-1 alpha-2 code in capitals. All of it is in countries.csv, so that no machine's own
/// language data decides: codes and names as in ISO 3166-1 with what people write instead; postal codes and regions as in the address
/// data of Google's libaddressinput (cpp/src/region_data_constants.cc, June 2025): postal codes where <c>fmt</c> has %Z, a needed region
/// where <c>require</c> has S; but not where its addresses have the region in the place of the city (AE, KY, NR), which we have. The patterns
/// of postal codes are the <c>zip</c> of its address data for each country (of September 2024), with groups that capture nothing; but stricter,
/// so that no word is a code, in Ireland (the letters and routing keys of Eircode), Bermuda (its sub post offices; BX or Hamilton's boxes),
/// Argentina (a CPA's last letters not without its first), Brunei (its districts) and Malta (four digits), and ZIP+4 only with its hyphen.
/// </summary>
public static class Countries
{
    private static readonly List<(Country Country, string Alpha3, string[] Names)> _rows = [.. Read()];
    private static readonly Country?[] _byCode = ByCode();
    private static readonly FrozenDictionary<string, Country>.AlternateLookup<ReadOnlySpan<char>> _byAlpha3 = ByAlpha3().GetAlternateLookup<ReadOnlySpan<char>>();
    private static readonly FrozenDictionary<string, Country>.AlternateLookup<ReadOnlySpan<char>> _byName = ByName().GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>Whether this is the code of a country.</summary>
    public static bool IsCode(ReadOnlySpan<char> code) => OfCode(code) is not null;

    /// <summary>Whether addresses of the country have a postal code.</summary>
    public static bool HasPostalCodes(ReadOnlySpan<char> code) => OfCode(code) is { HasPostalCodes: true };

    /// <summary>Whether addresses of the country are incomplete without a region.</summary>
    public static bool NeedsRegion(ReadOnlySpan<char> code) => OfCode(code) is { NeedsRegion: true };

    /// <summary>
    /// The country that a code or an English name, in UTF-8, means. A code counts only as it is written, two or three letters of any case and
    /// nothing between or around them but a pair of quotes, which are a file's: "NA" is Namibia, "N/A" and "(NA)" are nothing. What else is to
    /// count as one, such as "U.S.", is listed as a name, and counts with dots and spaces.
    /// </summary>
    internal static Country? Find(ReadOnlySpan<byte> written)
    {
        written = CountryName.WithoutQuotes(written);
        if (written.Length == 2 && OfCode((char)written[0], (char)written[1]) is { } country)
        {
            return country;
        }

        Span<char> key = stackalloc char[CountryName.LongestKey];
        if (CountryName.TryReadCode(written, key, out var length) && OfAnyCode(key[..length]) is { } coded)
        {
            return coded;
        }

        return CountryName.TryFold(written, key, out length) && (length > 3 || CountryName.HasOnlyLettersDotsSpaces(written)) && _byName.TryGetValue(key[..length], out var named) ? named : null;
    }

    private static Country? OfAnyCode(ReadOnlySpan<char> code) => OfCode(code) ?? (_byAlpha3.TryGetValue(code, out var country) ? country : null);

    private static Country? OfCode(ReadOnlySpan<char> code) => code.Length == 2 ? OfCode(code[0], code[1]) : null;

    private static Country? OfCode(char first, char second) =>
        char.IsAsciiLetterUpper(first) && char.IsAsciiLetterUpper(second) ? _byCode[IndexOf(first, second)] : null;

    private static int IndexOf(char first, char second) => ((first - 'A') * 26) + second - 'A';

    private static Country?[] ByCode()
    {
        var countries = new Country?[26 * 26];
        foreach (var (country, _, _) in _rows)
        {
            countries[IndexOf(country.Code[0], country.Code[1])] = country;
        }

        return countries;
    }

    private static FrozenDictionary<string, Country> ByAlpha3() => _rows.ToFrozenDictionary(row => row.Alpha3, row => row.Country, StringComparer.Ordinal);

    private static FrozenDictionary<string, Country> ByName()
    {
        var countries = new Dictionary<string, Country>(StringComparer.Ordinal);
        foreach (var (country, _, names) in _rows)
        {
            foreach (var name in names)
            {
                countries[CountryName.Fold(name)] = country;
            }
        }

        return countries.ToFrozenDictionary(StringComparer.Ordinal);
    }

    // A line: alpha2;alpha3;yes or no;yes or no;name;other names with | between them;pattern of postal codes.
    private static IEnumerable<(Country Country, string Alpha3, string[] Names)> Read()
    {
        using var lines = new StreamReader(typeof(Countries).Assembly.GetManifestResourceStream("countries.csv")!);
        _ = lines.ReadLine();
        while (lines.ReadLine() is { } line)
        {
            var cells = line.Split(';');
            string[] names = [cells[4], .. cells[5].Split('|', StringSplitOptions.RemoveEmptyEntries)];
            yield return (new Country(cells[0], HasPostalCodes: cells[2] == "yes", NeedsRegion: cells[3] == "yes", PostalCodePattern: cells[6]), cells[1], names);
        }
    }
}
