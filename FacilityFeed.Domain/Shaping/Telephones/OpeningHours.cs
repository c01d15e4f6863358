using System.Text.RegularExpressions;

namespace FacilityFeed.Domain.Shaping.Telephones;

/// <summary>
/// Takes opening hours out of a folded text, so that their digits are no telephone's: "24/7", "mo-fr 9-17", "9-17 uhr", "9am to 5pm",
/// "9:00" wherever they stand; "24h", "24 std" after digits; "9-17" and "9.00-17.00" after a number, at the end or before a word.
/// </summary>
/// <remarks>"24 h" counts after a group of five digits and more: after fewer, "h" can be the home of "030 12 34 12 h".</remarks>
internal static partial class OpeningHours
{
    private const string Days =
        "(?:mo|di|mi|do|fr|sa|so|tu|we|th|su|lu|ma|me|je|ve|l|v|mon|tue|tues|wed|thu|thur|thurs|fri|sat|sun|lun|mar|mer|jeu|ven|sam|dim|mie|mié|jue|vie|sab|sáb|dom|gio|wo|vr|za|zo"
        + "|montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonntag|monday|tuesday|wednesday|thursday|friday|saturday|sunday|täglich|daily|weekdays|пн|вт|ср|чт|пт|сб|вс)";

    private const string Hour = "(?:[01]?[0-9]|2[0-4])";

    private const string Time = Hour + "(?:[.:h][0-5][0-9])?";

    private const string LongUnit = "(?:uhr|hrs?|hours?|std|stunden|ore|heures?|horas?|[ap]\\.?m\\b\\.?)";

    private const string Unit = "(?:h|ч|" + LongUnit + ")";

    private const string To = " ?(?:-|to|bis|until|till|à|a|do|до) ?";

    private const string Range = "(?<from>" + Hour + ")(?:[.:][0-5][0-9])? ?- ?(?<till>1[0-9]|2[0-4]|0?[0-9](?=[.:][0-5]))(?:[.:][0-5][0-9])?(?![0-9])(?![.-][0-9])";

    private const string AfterDigits = "(?<=[0-9].*[ (,|])";

    /// <summary>The text with <see cref="TelephoneText.Break"/> in the place of all opening hours.</summary>
    public static string Without(string text)
    {
        var rest = text.Any(sign => char.IsLetter(sign) || sign is ':' or '/') ? Named().Replace(text, $" {TelephoneText.Break} ") : text;
        return Bare().Replace(rest, bare => IsRise(bare) ? $" {TelephoneText.Break} " : bare.Value);
    }

    // "14-9" is none, nor is "12-12".
    private static bool IsRise(Match bare) =>
        bare.Groups["from"].Captures.Zip(bare.Groups["till"].Captures).All(hours => int.Parse(hours.First.ValueSpan) < int.Parse(hours.Second.ValueSpan));

    // A range without day, unit or colon is none here, and a single hour only when it has a colon or stands after digits.
    [GeneratedRegex(
        "(?<![0-9/.-])24 ?(?:h ?)?[/x] ?(?:7|24|365)(?![0-9/.-])"
        + @"|(?<![0-9/.-])7 ?[jd] ?/ ?7(?![0-9/.-])"
        + $@"|\b{Days}\b\.?(?: ?[-,&/+] ?{Days}\b\.?)*[ :]*{Time} ?{Unit}?{To}{Time}(?![0-9/]) ?(?:{Unit}\b)?"
        + $@"|(?<![0-9/.+-]){Time} ?{Unit}?{To}{Time} ?{Unit}(?!\p{{L}})"
        + $@"|(?<![0-9/.+-]){Hour}:[0-5][0-9](?![0-9]) ?(?:{Unit}(?!\p{{L}}))?(?:{To}{Hour}:[0-5][0-9](?![0-9]) ?(?:{Unit}(?!\p{{L}}))?)?"
        + $@"|{AfterDigits}(?:{Hour}(?:h[0-5][0-9]|-?{Unit}| {LongUnit})|h ?24)(?![\p{{L}}0-9])"
        + $@"|(?<=[0-9]{{5,}}[)]? [(]?){Hour} (?:h|ч)(?!\p{{L}})",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Named();

    // "9-17", "9.00-17.00", "9-12 14-18". After a short group, "10-18" can be the number's own: "0511 12 34 10-18". "7-8" is none.
    [GeneratedRegex(
        $@"(?<=(?:[0-9][^0-9|]*){{7}} [(]?)(?:(?<=[0-9]{{5,}}[)]? [(]?)|(?=[0-9] ?-|[0-9]{{1,2}}[.:])){Range}(?:(?:[ ,/&+]+|[ ,]+(?:und|and|et|e|y|u[.]) ){Range})*(?=[ ),.;|]*(?:$|[|]|\p{{L}}))",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Bare();
}
