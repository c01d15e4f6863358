using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace FacilityFeed.Domain.Shaping.Telephones;

/// <summary>
/// Brings what stands in a telephone column to few characters: digits of all scripts are 0 to 9, letters small, all dashes <c>-</c>, all
/// spaces one kind, what is not seen is gone. Takes back what a spreadsheet makes of a number, and takes opening hours out.
/// </summary>
internal static partial class TelephoneText
{
    /// <summary>Parts two thoughts: a line end, or a sign that has no place in a number.</summary>
    public const char Break = '|';

    /// <summary>The folded text.</summary>
    /// <param name="utf8">As it came.</param>
    public static string Fold(ReadOnlySpan<byte> utf8)
    {
        var text = new StringBuilder(utf8.Length);
        while (!utf8.IsEmpty)
        {
            _ = Rune.DecodeFromUtf8(utf8, out var rune, out var consumed);
            utf8 = utf8[consumed..];
            if (Rune.GetUnicodeCategory(rune) == UnicodeCategory.DecimalDigitNumber)
            {
                _ = text.Append((int)Rune.GetNumericValue(rune));
                continue;
            }

            // Japan's mark of a long vowel is a letter, and after a digit a dash.
            _ = text.Append(rune.Value == 0x30FC && text.Length > 0 && char.IsAsciiDigit(text[^1]) ? "-" : Folded(rune));
        }

        if (Date().IsMatch(text.ToString()))
        {
            return text.Replace('.', Break).Replace('-', Break).Replace('/', Break).ToString();
        }

        var folded = FromUri(FromSpreadsheet(text.ToString().Trim()));
        return OpeningHours.Without(ListMarker().Replace(folded, $"{Break}"));
    }

    // In the way of the telephone library, which takes these signs for one another. Full-width signs are ASCII's, 0xFEE0 above them.
    private static string Folded(Rune rune) => rune.Value switch
    {
        >= 0xFF01 and <= 0xFF5E => Folded(new Rune(rune.Value - 0xFEE0)),
        '\t' or ' ' => " ",
        '+' or 0xFE62 or 0x207A => "+",
        '(' or '[' => "(",
        ')' or ']' => ")",
        '/' or 0x2044 or 0x2215 => "/",
        '.' or 0xB7 or 0x2022 or 0x2219 or 0x30FB => ".",
        '-' or '_' or 0x2212 => "-",
        '\'' or '`' or 0xB4 or 0x2018 or 0x2019 or 0x2B9 or 0x2BC or 0x2032 => "'",
        ',' or 0x3001 or 0x60C => ",",
        '~' or 0x223C or 0x2053 or 0x301C => "~",
        ':' => ":",
        '#' => "#",
        '@' => "@",
        0x2026 => "...",
        _ => Rune.GetUnicodeCategory(rune) switch
        {
            UnicodeCategory.SpaceSeparator => " ",
            UnicodeCategory.DashPunctuation => "-",
            UnicodeCategory.Format or UnicodeCategory.Control when rune.Value is not ('\n' or '\r' or 0x0B or 0x0C or 0x85) => "",
            UnicodeCategory.NonSpacingMark when rune.Value is (>= 0xFE00 and <= 0xFE0F) or (>= 0x300 and <= 0x36F) => "",
            UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter or UnicodeCategory.ModifierLetter
                or UnicodeCategory.OtherLetter or UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark => Rune.ToLowerInvariant(rune).ToString(),
            _ => "|",
        },
    };

    // "3012345678.0" and "3.012345678E9", when all digits are there: "3.01235E+09" has lost some.
    private static string FromSpreadsheet(string text)
    {
        if (Decimal().Match(text) is { Success: true } number)
        {
            return number.Groups["number"].Value;
        }

        if (Exponent().Match(text) is not { Success: true } power)
        {
            return text;
        }

        var fraction = power.Groups["fraction"].Value;
        var digits = int.Parse(power.Groups["power"].ValueSpan, CultureInfo.InvariantCulture);
        return fraction.Length >= digits && fraction[digits..].All(digit => digit == '0') ? power.Groups["first"].Value + fraction[..digits] : text;
    }

    // RFC 3966: "tel:7359343;phone-context=+1-512" is a number that begins elsewhere.
    private static string FromUri(string text) =>
        Context().Match(text) is { Success: true } context ? context.Groups["context"].Value + context.Groups["number"].Value : text;

    [GeneratedRegex("^[='| ]*(?<number>\\+?[0-9]{6,15})[.,]0+[' |]*$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Decimal();

    [GeneratedRegex("^[='| ]*(?<first>\\+?[1-9])[.,](?<fraction>[0-9]+)e\\+?(?<power>[0-9]{1,2})[' |]*$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Exponent();

    [GeneratedRegex("^tel:(?<number>[^+|]+)[|]phone-context[|](?<context>[+][0-9.()-]+)$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Context();

    // What a spreadsheet makes of some numbers, and nobody sets one so: "20.10.2015" is eight digits in Denmark.
    [GeneratedRegex("^ *(?:[0-3]?[0-9]([./-])[0-3]?[0-9]\\1(?:19|20)[0-9]{2}|(?:19|20)[0-9]{2}([./-])[01][0-9]\\2[0-3][0-9]) *$", RegexOptions.CultureInvariant)]
    private static partial Regex Date();

    // "1: 030 1234567 2: 030 7654321", "1) ...", "1. ...", "1.) ...": a digit by itself at the head, or after a number, before another.
    [GeneratedRegex("(?:^|(?<=[0-9),|] |[,|])(?<![(][^)]*))[1-9](?:[:.]|[.]?[)])(?= )", RegexOptions.CultureInvariant)]
    private static partial Regex ListMarker();
}
