using System.Buffers;
using System.Collections.Frozen;
using System.Text;

namespace FacilityFeed.Domain.Shaping;

/// <summary>
/// The rule for a postal code: it matches its country's pattern, case, spaces and the country's own sign before it aside. One that does not is
/// warned of and goes out as it is, but for what a spreadsheet did to it: that is undone, where only one code can have been meant. A code
/// all of whose digits are 0 is nobody's.
/// </summary>
internal static class PostalCodeRule
{
    /// <summary>Longest code that is compared with a pattern, in bytes; no country's is as long.</summary>
    public const int Longest = 32;

    // The countries' signs on vehicles, where they are not their alpha-2 codes: D-10115, FIN-00100.
    private static readonly FrozenDictionary<string, string> _signs = "AT A BE B DE D ES E FI FIN FR F HU H IT I LI FL LU L NO N PT P SE S SI SLO"
        .Split(' ').Chunk(2).ToFrozenDictionary(pair => pair[0], pair => pair[1]);

    // What is left of a code of which only zeros were ever there. No country has such a one, a form that had to be filled in has.
    private static readonly SearchValues<byte> _nothing = SearchValues.Create("0-. '"u8);

    /// <summary>Checks <paramref name="code"/>, which is clean text, and mends what is certain.</summary>
    /// <param name="code">UTF-8.</param>
    /// <param name="region">The record's region, clean too.</param>
    /// <param name="country">The record's country.</param>
    /// <param name="flaw">What was wrong with it.</param>
    /// <returns>The code, as it goes into the feed.</returns>
    public static ReadOnlyMemory<byte> Shape(ReadOnlyMemory<byte> code, ReadOnlyMemory<byte> region, Country country, out Flaw? flaw)
    {
        flaw = null;
        if (code.IsEmpty || country.PostalCodePattern.Length == 0 || IsNumber(code.Span, country) || IsExpected(code.Span, country))
        {
            return code;
        }

        var written = Encoding.UTF8.GetString(code.Span);
        if (code.Length <= Longest && code.Span.ContainsAnyExcept(_nothing) && Mended(written, Encoding.UTF8.GetString(region.Span), country) is { } mended && country.IsPostalCode(mended))
        {
            flaw = Flaw.Mended;
            return Encoding.ASCII.GetBytes(mended);
        }

        flaw = Flaw.Unexpected;
        return code;
    }

    // Nearly every record's, so without the regular expression: so many digits, of the United States also with the last four of ZIP+4.
    private static bool IsNumber(ReadOnlySpan<byte> code, Country country)
    {
        var digits = country.PostalCodeDigits;
        return code.Length == digits ? AreDigits(code) && code.ContainsAnyExcept(_nothing)
            : digits == 5 && code.Length == 10 && code[5] == '-' && country.HasZipPlus4 && AreDigits(code[..5]) && AreDigits(code[6..]) && code.ContainsAnyExcept(_nothing);
    }

    private static bool AreDigits(ReadOnlySpan<byte> code) => !code.ContainsAnyExceptInRange((byte)'0', (byte)'9');

    private static bool IsExpected(ReadOnlySpan<byte> code, Country country)
    {
        Span<char> room = stackalloc char[Longest];
        if (code.Length > Longest || !code.ContainsAnyExcept(_nothing))
        {
            return false;
        }

        var text = room[..Encoding.UTF8.GetChars(code, room)];
        return country.IsPostalCode(text) || IsExpectedInside(new string(text), country);
    }

    // Without its spaces, and what names the country before it: usual in Europe; in Japan it is the sign of the post.
    private static bool IsExpectedInside(string text, Country country)
    {
        var code = string.Concat(text.Where(character => !char.IsWhiteSpace(character))).TrimStart('〒');
        foreach (var sign in (string[])["", country.Code, _signs.GetValueOrDefault(country.Code, "")])
        {
            var bare = code.StartsWith(sign, StringComparison.OrdinalIgnoreCase) ? code[sign.Length..] : "";
            if (country.IsPostalCode(bare) || (sign.Length > 0 && bare.StartsWith('-') && country.IsPostalCode(bare.AsSpan(1))))
            {
                return true;
            }
        }

        return false;
    }

    // The apostrophe that keeps a number a text, the dash that was a hyphen, the .0 of a number; and in ZIP codes the zeros that a number loses,
    // the hyphen before the last four digits, and one with nothing on its other side.
    private static string? Mended(string code, string region, Country country)
    {
        var text = code.TrimStart('\'').Replace('–', '-').Trim();
        var point = text.IndexOf('.', StringComparison.Ordinal);
        text = point > 0 && text.AsSpan(point + 1).Trim('0').IsEmpty ? text[..point] : text;
        if (!country.HasZipPlus4 || country.IsPostalCode(text))
        {
            return text;
        }

        var inside = text.Trim('-', ' ');
        return country.IsPostalCode(inside) ? inside : Zip(text, region, country);
    }

    private static string? Zip(string text, string region, Country country)
    {
        var hyphen = text.IndexOf('-', StringComparison.Ordinal);
        var bare = text.Replace(" ", "", StringComparison.Ordinal);
        var digits = hyphen >= 0 ? text[..hyphen].Trim() : bare.Length == 9 ? bare[..5] : text;
        var plus4 = hyphen >= 0 ? text[(hyphen + 1)..].Trim() : bare.Length == 9 ? bare[5..] : "";
        if (digits.Length < 5 && !HasLostZeros(digits, region, country))
        {
            return null;
        }

        var zip = digits.PadLeft(5, '0');
        return plus4.Length == 0 ? zip : $"{zip}-{plus4}";
    }

    // A number has no zero at its head. The islands' codes have a pattern of their own, which says whether the zeros were theirs.
    private static bool HasLostZeros(string digits, string region, Country country) =>
        digits.Length is 3 or 4 && digits[0] != '0' && (country.Code != "US" || ZipStates.Has(region, digits.PadLeft(5, '0')));
}
