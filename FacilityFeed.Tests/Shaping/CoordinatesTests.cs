using FacilityFeed.Domain.Shaping;

namespace FacilityFeed.Tests.Shaping;

public sealed class CoordinatesTests
{
    [TestCase(52.5, -13.25)]
    [TestCase(90, 180)]
    [TestCase(-90, -180)]
    [TestCase(0, 13.2)]
    [TestCase(51.5, 0)]
    [TestCase(null, null)]
    public void TryShape_KeepsCoordinates_WhenTheyAreAPlace(double? latitude, double? longitude)
    {
        var shaped = ShapedRow.Of(row => (row.Latitude, row.Longitude) = (latitude, longitude));

        Assert.That((shaped.Row.Latitude, shaped.Row.Longitude, shaped.Reasons), Is.EqualTo((latitude, longitude, "")));
    }

    [TestCase(52.5, null, "coordinates_incomplete", "52.5, none")]
    [TestCase(null, 13.25, "coordinates_incomplete", "none, 13.25")]
    [TestCase(double.NaN, 13.2, "coordinates_not_finite", "NaN, 13.2")]
    [TestCase(52.5, double.PositiveInfinity, "coordinates_not_finite", "52.5, Infinity")]
    [TestCase(91.5, 13.2, "coordinates_out_of_range", "91.5, 13.2")]
    [TestCase(-90.0001, 13.2, "coordinates_out_of_range", "-90.0001, 13.2")]
    [TestCase(52.5, 180.5, "coordinates_out_of_range", "52.5, 180.5")]
    [TestCase(52.5, -181, "coordinates_out_of_range", "52.5, -181")]
    [TestCase(0, 0, "coordinates_zero", "0, 0")]
    [TestCase(-0.0, 0, "coordinates_zero", "-0, 0")]
    public void TryShape_LeavesBothOut_WhenTheyAreNone(double? latitude, double? longitude, string reason, string shown)
    {
        var shaped = ShapedRow.Of(row => (row.Latitude, row.Longitude) = (latitude, longitude));

        Assert.That((shaped.IsAccepted, shaped.Row.Latitude, shaped.Row.Longitude), Is.EqualTo((true, (double?)null, (double?)null)));
        Assert.That(shaped.Tally.Noted, Is.EqualTo(new[] { new NotedRecord(false, 7, "coordinates", reason, shown) }));
    }
}
