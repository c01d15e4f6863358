using System.Globalization;
using System.Text;

namespace FacilityFeed.Domain.Shaping;

/// <summary>The rule for coordinates: both or neither, on earth, and not both 0, which is what a form sends that was not filled in.</summary>
internal static class CoordinatesRule
{
    /// <summary>What is wrong with them, if anything.</summary>
    public static Flaw? Check(double? latitude, double? longitude)
    {
        if (latitude is not { } north || longitude is not { } east)
        {
            return latitude is null && longitude is null ? null : Flaw.Incomplete;
        }

        return !double.IsFinite(north) || !double.IsFinite(east) ? Flaw.NotFinite
            : north is < -90 or > 90 || east is < -180 or > 180 ? Flaw.OutOfRange
            : north == 0 && east == 0 ? Flaw.Zero
            : null;
    }

    /// <summary>How they are shown in a warning, as in <c>91.5, 13.2</c>.</summary>
    public static ReadOnlyMemory<byte> Shown(double? latitude, double? longitude) =>
        Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Shown(latitude)}, {Shown(longitude)}"));

    private static string Shown(double? degrees) => degrees?.ToString(CultureInfo.InvariantCulture) ?? "none";
}
