namespace FacilityFeed.Domain.Shaping;

/// <summary>What is known of countries, by their ISO 3166-1 alpha-2 code in capitals.</summary>
public static class Countries
{
    /// <summary>Whether this is the code of a country.</summary>
    public static bool IsCode(ReadOnlySpan<char> code) => code.Length == 2 && char.IsAsciiLetterUpper(code[0]) && char.IsAsciiLetterUpper(code[1]);

    /// <summary>Whether addresses of the country have a postal code.</summary>
    public static bool HasPostalCodes(ReadOnlySpan<char> code) => false;

    /// <summary>Whether addresses of the country are incomplete without a region.</summary>
    public static bool NeedsRegion(ReadOnlySpan<char> code) => false;
}
