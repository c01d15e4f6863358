using System.Text.RegularExpressions;

namespace FacilityFeed.Domain.Shaping.Telephones;

/// <summary>
/// Letters as digits of the keypad (ITU-T E.161), only where they complete a number of North America: an area code in digits and seven
/// more signs, four of them letters at least, for four digits can be the end of a number beside which a name stands ("234-5678 Bob").
/// A space parts letters from digits only after a code for free calls ("1-800 FLOWERS").
/// </summary>
internal static partial class VanityNumber
{
    private const string Keys = "22233344455566677778889999";

    /// <summary>The number, <c>+1</c> and ten digits, if it is valid.</summary>
    /// <param name="text">Folded.</param>
    /// <param name="isNorthAmerica">Whether the calling code, where none is written, is 1.</param>
    public static string? Read(string text, bool isNorthAmerica)
    {
        if (Whole().Match(text) is not { Success: true } found || !(isNorthAmerica || found.Groups["plus"].Success))
        {
            return null;
        }

        var rest = found.Groups["rest"].Value;
        var signs = rest.Where(char.IsAsciiLetterOrDigit).ToList();
        var area = found.Groups["area"].Value;
        if (signs.Count != 7 || signs.Count(char.IsAsciiLetter) < 4 || !(CallsAreFree().IsMatch(area) || IsJoined(found.Groups["gap"].Value, rest)))
        {
            return null;
        }

        var digits = $"1{area}{string.Concat(signs.Select(sign => char.IsAsciiDigit(sign) ? sign : Keys[sign - 'a']))}";
        return CallingCodes.IsNumber(digits) ? $"+{digits}" : null;
    }

    private static bool IsJoined(string gap, string rest) => !rest.Contains(' ') && (char.IsAsciiDigit(rest[0]) || !gap.Contains(' '));

    [GeneratedRegex(@"^(?:[(]?(?<plus>\+) ?1[)]?[ .-]*|1[ .-]*)?[(]?(?<area>[2-9][0-9]{2})[)]?(?<gap>[ .-]*)(?<rest>[0-9a-z][0-9a-z .-]*)$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Whole();

    [GeneratedRegex("^8(?:00|33|44|55|66|77|88)$", RegexOptions.CultureInvariant)]
    private static partial Regex CallsAreFree();
}
