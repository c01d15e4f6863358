using System.Globalization;

namespace FacilityFeed.Domain;

/// <summary>Counts as every message says them: <c>1 chunk</c>, <c>0 chunks</c>, <c>1,234 chunks</c>.</summary>
public static class Counted
{
    /// <param name="count">How many.</param>
    /// <param name="one">What follows a 1: the noun, with a verb where the message has one (<c>chunk is</c>).</param>
    /// <param name="many">What follows any other number; <paramref name="one"/> with an s when left out.</param>
    public static string Of(long count, string one, string? many = null) =>
        string.Create(CultureInfo.InvariantCulture, $"{count:N0} {(count is 1 or -1 ? one : many ?? one + "s")}");
}
