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

    private const string Days =
        "(?:mo|di|mi|do|fr|sa|so|tu|we|th|su|lu|ma|me|je|ve|l|v|mon|tue|tues|wed|thu|thur|thurs|fri|sat|sun|lun|mar|mer|jeu|ven|sam|dim|mie|mié|jue|vie|sab|sáb|dom|gio|wo|vr|za|zo"
        + "|montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonntag|monday|tuesday|wednesday|thursday|friday|saturday|sunday|täglich|daily|weekdays|пн|вт|ср|чт|пт|сб|вс)";

    private const string Hour = "(?:[01]?[0-9]|2[0-4])";

    private const string Time = Hour + "(?:[.:h][0-5][0-9])?";

    private const string Unit = "(?:uhr|h|hrs?|hours?|std|stunden|[ap]\\.?m\\b\\.?|ч)";

    private const string To = " ?(?:-|to|bis|until|till|à|a|do|до) ?";

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
        return HasLetterOrColon(folded) ? OpeningHours().Replace(folded, $" {Break} ") : folded;
    }

    // In the way of the telephone library, which takes these signs for one another.
    private static string Folded(Rune rune) => rune.Value switch
    {
        '\t' or ' ' => " ",
        '+' or 0xFF0B or 0xFE62 or 0x207A => "+",
        '(' or '[' or 0xFF08 or 0xFF3B => "(",
        ')' or ']' or 0xFF09 or 0xFF3D => ")",
        '/' or 0xFF0F or 0x2044 or 0x2215 => "/",
        '.' or 0xFF0E or 0xB7 or 0x2022 or 0x2219 or 0x30FB => ".",
        '-' or '_' or 0x2212 or 0xFF0D => "-",
        '\'' or '`' or 0xB4 or 0x2018 or 0x2019 or 0x2B9 or 0x2BC or 0x2032 => "'",
        ',' or 0xFF0C or 0x3001 or 0x60C => ",",
        '~' or 0x223C or 0x2053 or 0xFF5E or 0x301C => "~",
        ':' or 0xFF1A => ":",
        '#' or 0xFF03 => "#",
        '@' => "@",
        _ => Rune.GetUnicodeCategory(rune) switch
        {
            UnicodeCategory.SpaceSeparator => " ",
            UnicodeCategory.DashPunctuation => "-",
            UnicodeCategory.Format or UnicodeCategory.Control when rune.Value is not ('\n' or '\r' or 0x0B or 0x0C or 0x85) => "",
            UnicodeCategory.NonSpacingMark when rune.Value is (>= 0xFE00 and <= 0xFE0F) or 0x34F => "",
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

    private static bool HasLetterOrColon(string text) => text.Any(sign => char.IsLetter(sign) || sign is ':' or '/');

    [GeneratedRegex("^[='| ]*(?<number>\\+?[0-9]{6,15})[.,]0+[' |]*$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Decimal();

    [GeneratedRegex("^[='| ]*(?<first>\\+?[1-9])[.,](?<fraction>[0-9]+)e\\+?(?<power>[0-9]{1,2})[' |]*$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Exponent();

    [GeneratedRegex("^tel:(?<number>[^+|]+)[|]phone-context[|](?<context>[+][0-9.()-]+)$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Context();

    // What a spreadsheet makes of some numbers, and nobody sets one so: "20.10.2015" is eight digits in Denmark.
    [GeneratedRegex("^ *(?:[0-3]?[0-9]([./-])[0-3]?[0-9]\\1(?:19|20)[0-9]{2}|(?:19|20)[0-9]{2}([./-])[01][0-9]\\2[0-3][0-9]) *$", RegexOptions.CultureInvariant)]
    private static partial Regex Date();

    // "24/7", "mo-fr 9-17", "9-17 uhr", "9am to 5pm", "9:00". A range without day, unit or colon is none, and a single hour only when it has a colon.
    [GeneratedRegex(
        "(?<![0-9/.-])24 ?/ ?(?:7|365)(?![0-9/.-])"
        + $@"|\b{Days}\b\.?(?: ?[-,&/+] ?{Days}\b\.?)*[ :]*{Time} ?{Unit}?{To}{Time}(?![0-9/]) ?(?:{Unit}\b)?"
        + $@"|(?<![0-9/.+(-]){Time} ?{Unit}?{To}{Time} ?{Unit}(?!\p{{L}})"
        + $@"|(?<![0-9/.+(-]){Hour}:[0-5][0-9](?![0-9]) ?(?:{Unit}(?!\p{{L}}))?(?:{To}{Hour}:[0-5][0-9](?![0-9]) ?(?:{Unit}(?!\p{{L}}))?)?",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex OpeningHours();
}
