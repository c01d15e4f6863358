using FacilityFeed.Domain.Reading;
using FacilityFeed.Domain.Shaping;
using FacilityFeed.Tests.Support;

namespace FacilityFeed.Tests.Shaping;

public sealed class ValidationOffTests
{
    [Test]
    public void TryShape_LeavesEverythingAsItIs()
    {
        var row = new FacilityRow { Name = Rows.Utf8(" \u0000\u202E "), Phone = Rows.Utf8("none"), Url = Rows.Utf8("x"), Country = Rows.Utf8("Atlantis"), Latitude = 0, Longitude = 500 };
        var tally = new ShapingTally();

        Assert.That(new FacilityShaper(Validation.Off).TryShape(row, tally));
        Assert.That((ShapedRow.Text(row.Name), ShapedRow.Text(row.Phone), ShapedRow.Text(row.Url), ShapedRow.Text(row.Country)), Is.EqualTo((" \u0000\u202E ", "none", "x", "Atlantis")));
        Assert.That((row.Latitude, row.Longitude), Is.EqualTo((0d, 500d)));
        Assert.That((tally.Rejected, tally.Warned), Is.EqualTo((0, 0)));
    }

    [TestCase(double.NaN, 13.2, null, 13.2)]
    [TestCase(52.5, double.NegativeInfinity, 52.5, null)]
    public void TryShape_LeavesOut_WhatJsonHasNoNumberFor(double? latitude, double? longitude, double? north, double? east)
    {
        var row = new FacilityRow { Latitude = latitude, Longitude = longitude };

        Assert.That(new FacilityShaper(Validation.Off).TryShape(row, new ShapingTally()));
        Assert.That((row.Latitude, row.Longitude), Is.EqualTo((north, east)));
    }
}
