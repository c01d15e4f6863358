using System.Globalization;
using System.Text;
using FacilityFeed.Domain.Reading;

namespace FacilityFeed.Domain.Shaping;

/// <summary>The rule for coordinates: both or neither, numbers, on earth, and not both 0, which is what a form sends that was not filled in.</summary>
internal static class CoordinatesRule
{
    // Both are to be seen in one value of a warning.
    private const int LongestShown = 90;

    /// <summary>What is wrong with them, if anything.</summary>
    public static Flaw? Check(FacilityRow row)
    {
        if (UnusableValues.Find(row.Unusable, FacilityField.Coordinates) is not null)
        {
            return Flaw.Unusable;
        }

        if (row.Latitude is not { } north || row.Longitude is not { } east)
        {
            return row.Latitude is null && row.Longitude is null ? null : Flaw.Incomplete;
        }

        return !double.IsFinite(north) || !double.IsFinite(east) ? Flaw.NotFinite
            : north is < -90 or > 90 || east is < -180 or > 180 ? Flaw.OutOfRange
            : north == 0 && east == 0 ? Flaw.Zero
            : null;
    }

    /// <summary>How they are shown in a warning, as in <c>91.5, 13.2</c>, or <c>'52.5° N', 13.2</c> where the source has no number.</summary>
    public static ReadOnlyMemory<byte> Shown(FacilityRow row) =>
        Encoding.UTF8.GetBytes($"{Shown(row, FacilityColumns.Latitude, row.Latitude)}, {Shown(row, FacilityColumns.Longitude, row.Longitude)}");

    private static string Shown(FacilityRow row, string column, double? degrees)
    {
        foreach (var (unusable, value) in row.Unusable)
        {
            if (unusable == column)
            {
                return $"'{ShownValue.Of(Encoding.UTF8.GetString(value.Span[..Math.Min(value.Length, LongestShown * 4)]), LongestShown)}'";
            }
        }

        return degrees?.ToString(CultureInfo.InvariantCulture) ?? "none";
    }
}
