using FacilityFeed.Domain.Reading;
using FacilityFeed.Domain.Shaping;
using FacilityFeed.Tests.Support;

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

    [TestCase("latitude", "52.5° N", null, 13.25, "'52.5° N', 13.25")]
    [TestCase("longitude", "13,4", 52.5, null, "52.5, '13,4'")]
    [TestCase("latitude", "N/A", null, null, "'N/A', none")]
    [TestCase("latitude", "N/A", null, 500, "'N/A', 500")]
    [TestCase("latitude", "N/A", null, double.NaN, "'N/A', NaN")]
    [TestCase("latitude", "a\u202Eb\tc", null, 13.25, "'a\\u202Eb\\u0009c', 13.25")]
    public void TryShape_LeavesBothOut_WhenTheSourceHasNoNumber(string column, string value, double? latitude, double? longitude, string shown)
    {
        var shaped = ShapedRow.Of(row =>
        {
            (row.Latitude, row.Longitude) = (latitude, longitude);
            row.Unusable.Add(new UnusableValue(column, Rows.Utf8(value)));
        });

        Assert.That((shaped.IsAccepted, shaped.Row.Latitude, shaped.Row.Longitude), Is.EqualTo((true, (double?)null, (double?)null)));
        Assert.That(shaped.Tally.Noted, Is.EqualTo(new[] { new NotedRecord(false, 7, "coordinates", "coordinates_unusable", shown) }));
    }
}
