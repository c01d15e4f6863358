using System.Globalization;
using System.Text.RegularExpressions;

namespace FacilityFeed.Domain;

/// <summary>Lengths of time as people write and read them: <c>90min</c>, <c>36h</c>, <c>2d</c>.</summary>
public static partial class TimeText
{
    /// <summary>For a message, in the unit that needs the fewest digits, rounded down: <c>37 min</c>, <c>26.4 h</c>, <c>3.5 days</c>. Below zero it is nothing.</summary>
    public static string Of(TimeSpan time) => time switch
    {
        { TotalMinutes: < 2 } => Text(Math.Max(0, Math.Floor(time.TotalSeconds)), "s"),
        { TotalHours: < 2 } => Text(Math.Floor(time.TotalMinutes), "min"),
        { TotalDays: < 2 } => Text(Math.Floor(time.TotalHours * 10) / 10, "h"),
        _ => Text(Math.Floor(time.TotalDays * 10) / 10, "days"),
    };

    /// <summary>Reads a whole number with its unit: <c>s</c>, <c>min</c>, <c>h</c> or <c>d</c>.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public static TimeSpan Parse(string text)
    {
        var match = Written().Match(text);
        return !match.Success ? throw new FormatException("no length of time") : long.Parse(match.Groups["number"].Value, CultureInfo.InvariantCulture) * match.Groups["unit"].Value.ToLowerInvariant() switch
        {
            "s" => TimeSpan.FromSeconds(1),
            "min" => TimeSpan.FromMinutes(1),
            "h" => TimeSpan.FromHours(1),
            _ => TimeSpan.FromDays(1),
        };
    }

    private static string Text(double number, string unit) => string.Create(CultureInfo.InvariantCulture, $"{number:#,##0.#} {unit}");

    // Six digits: more days than that no length of time need have, and nine would be more than one holds.
    [GeneratedRegex(@"\A(?<number>[0-9]{1,6}) ?(?<unit>s|min|h|d)\z", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Written();
}
