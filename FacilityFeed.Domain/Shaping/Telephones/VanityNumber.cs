using System.Collections.Frozen;
using System.Text.RegularExpressions;

namespace FacilityFeed.Domain.Shaping.Telephones;

/// <summary>
/// Letters as digits of the keypad (ITU-T E.161), only where they complete a number of North America: an area code in digits and seven
/// more signs, four of them letters at least, for four digits can be the end of a number beside which a name stands ("234-5678 Bob").
/// Three letters are one in the middle, between hyphens or dots ("212-PEN-5000"). A longer word is one after a 1 and a code for free calls
/// ("1-800-MATTRESS"): the network takes seven. A space parts letters from digits only after such a code, in capitals or after a 1, a plus
/// or a bracket ("800 FLOWERS", "1 800 flowers", and not "833 visitor"). A word that says something of a number is no part of one ("855 Sundays"), but for
/// "1-800-HOLIDAY" and "800-PHONE-ME", which are meant so.
/// </summary>
internal static partial class VanityNumber
{
    private const string Keys = "22233344455566677778889999";
    private const int Signs = 7;
    private const int FewestLetters = 4;
    private const int LongestWord = 12;

    private static readonly FrozenSet<string> _spoken = new[]
    {
        "mon", "tue", "tues", "wed", "thu", "thur", "thurs", "fri", "frid", "sat", "sun", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday",
        "mondays", "tuesdays", "wednesdays", "thursdays", "fridays", "saturdays", "sundays", "daily", "day", "days", "weekday", "weekdays", "weekend", "weekends", "holiday", "holidays",
        "morning", "mornings", "evening", "evenings", "night", "nights", "anytime", "hour", "hours", "hrs", "am", "pm", "open", "closed", "unknown", "unavailable", "unlisted", "missing",
        "invalid", "private", "nothing", "none", "null", "removed", "deleted", "pending", "changed", "default", "various", "website", "noreply", "and", "or", "ask", "for", "please", "suite", "unit", "room", "main", "bldg", "building", "floor", "desk",
    }.ToFrozenSet(StringComparer.Ordinal);

    /// <summary>The number, <c>+1</c> and ten digits, if it is valid.</summary>
    /// <param name="text">Folded.</param>
    /// <param name="isNorthAmerica">Whether the calling code, where none is written, is 1.</param>
    /// <param name="isInCapitals">Whether the letters were capitals.</param>
    public static string? Read(string text, bool isNorthAmerica, bool isInCapitals)
    {
        if (Whole().Match(text) is not { Success: true } found || !(isNorthAmerica || found.Groups["plus"].Success))
        {
            return null;
        }

        var (area, gap, rest) = (found.Groups["area"].Value, found.Groups["gap"].Value, found.Groups["rest"].Value);
        var signs = rest.Where(char.IsAsciiLetterOrDigit).ToList();
        var isFree = CallsAreFree().IsMatch(area);
        var isLed = found.Groups["one"].Success;
        var isJoined = !rest.Contains(' ') && (char.IsAsciiDigit(rest[0]) || !gap.Contains(' '));
        var isMeant = isFree && (isLed || isInCapitals) && isJoined && signs.Count == Signs;
        var isOne = signs.Count > Signs
            ? isFree && isLed && (isJoined || isInCapitals) && signs.Count <= LongestWord && LongWord().IsMatch(rest) && signs.Take(Signs).Count(char.IsAsciiLetter) >= FewestLetters
            : signs.Count == Signs && (signs.Count(char.IsAsciiLetter) >= FewestLetters || (ThreeLetters().IsMatch(rest) && gap is ("-" or ".")));
        if (!isOne || !(isJoined || (isFree && (isInCapitals || isLed || found.Groups["bracket"].Success))) || !(isMeant || Words().Matches(rest).All(IsUnknown)))
        {
            return null;
        }

        var digits = $"1{area}{string.Concat(signs.Take(Signs).Select(sign => char.IsAsciiDigit(sign) ? sign : Keys[sign - 'a']))}";
        return CallingCodes.IsNumber(digits) ? $"+{digits}" : null;
    }

    private static bool IsUnknown(Match word) => !_spoken.Contains(word.Value) && (word.Length == 1 || !TelephoneWords.IsKnown(word.Value));

    [GeneratedRegex(@"^(?<one>[(]?(?<plus>\+) ?1[)]?[ .-]*|1[ .-]*)?(?<bracket>[(])?(?<area>[2-9][0-9]{2})[)]?(?<gap>[ .-]*)(?<rest>[0-9a-z][0-9a-z .-]*)$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Whole();

    [GeneratedRegex("^[a-z]{3}[.-][0-9]{4}$", RegexOptions.CultureInvariant)]
    private static partial Regex ThreeLetters();

    // "mattress", "kars-4-kids".
    [GeneratedRegex("^[a-z][a-z0-9-]*[a-z]$", RegexOptions.CultureInvariant)]
    private static partial Regex LongWord();

    [GeneratedRegex("[a-z]+", RegexOptions.CultureInvariant)]
    private static partial Regex Words();

    [GeneratedRegex("^8(?:00|33|44|55|66|77|88)$", RegexOptions.CultureInvariant)]
    private static partial Regex CallsAreFree();
}
