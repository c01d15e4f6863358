using FacilityFeed.Domain.Reading;

namespace FacilityFeed.Domain.Shaping;

/// <summary>Makes of a row what the feed may hold. Today: what JSON can hold; values stay as they are.</summary>
public static class FacilityShaper
{
    /// <summary>Shapes <paramref name="row"/> in place. A coordinate that JSON has no number for (NaN, infinity) is left out.</summary>
    public static void Shape(FacilityRow row)
    {
        row.Latitude = Finite(row.Latitude);
        row.Longitude = Finite(row.Longitude);
    }

    private static double? Finite(double? degrees) => degrees is { } value && double.IsFinite(value) ? value : null;
}
