using FacilityFeed.Domain.Reading;
using FacilityFeed.Domain.Shaping;
using FacilityFeed.Tests.Support;

namespace FacilityFeed.Tests.Shaping;

/// <summary>What a record needs, and the order in which it is asked for.</summary>
public sealed class AddressTests
{
    [TestCase("US", "Austin", "Texas", "78745", "407 Radam Ln", "")]
    [TestCase("US", "", "Texas", "78745", "407 Radam Ln", "locality_missing")]
    [TestCase("US", "Austin", "", "78745", "407 Radam Ln", "region_missing")]
    [TestCase("US", "Austin", "Texas", "", "407 Radam Ln", "postal_code_missing")]
    [TestCase("US", "Austin", "Texas", "78745", " ", "street_address_missing")]
    [TestCase("GB", "London", "", "NW1 6XE", "221b Baker Street", "")]
    [TestCase("AE", "Dubai", "Dubai", "", "Sheikh Zayed Road 1", "")]
    [TestCase("AE", "Dubai", "", "", "Sheikh Zayed Road 1", "")]
    [TestCase("QA", "Doha", "", "", "Corniche 1", "")]
    [TestCase("QA", "Doha", "", "12345", "Corniche 1", "")]
    [TestCase("", "", "", "", "", "country_missing")]
    [TestCase("Nowhere", "", "", "", "", "country_unknown")]
    [TestCase("US", "", "", "", "", "locality_missing")]
    [TestCase("US", "Austin", "", "", "", "region_missing")]
    [TestCase("US", "Austin", "Texas", "", "", "postal_code_missing")]
    public void TryShape_AsksForACompleteAddress(string country, string locality, string region, string postalCode, string street, string reason)
    {
        var shaped = ShapedRow.Of(row =>
        {
            (row.Country, row.Locality, row.Region) = (Rows.Utf8(country), Rows.Utf8(locality), Rows.Utf8(region));
            (row.PostalCode, row.StreetAddress, row.Phone) = (Rows.Utf8(postalCode), Rows.Utf8(street), default);
        });

        Assert.That((shaped.IsAccepted, shaped.Reasons), Is.EqualTo((reason.Length == 0, reason)));
    }

    [Test]
    public void TryShape_RejectsOnce_AndCountsNoWarning_WhenMuchIsWrong()
    {
        var shaped = ShapedRow.Of(new FacilityRow { Id = 12, Name = Rows.Utf8("Yo\u0000ga"), Phone = Rows.Utf8("none"), Url = Rows.Utf8("ftp://x"), Latitude = 91 });

        Assert.That((shaped.Tally.Rejected, shaped.Tally.Warned), Is.EqualTo((1, 0)));
        Assert.That(shaped.Tally.Noted, Is.EqualTo(new[] { new NotedRecord(true, 12, "country", "country_missing", "") }));
    }

    [Test]
    public void TryShape_LeavesTheRowAsItCame_WhenItIsRejected()
    {
        var shaped = ShapedRow.Of(row => (row.Name, row.StreetAddress) = (Rows.Utf8(" Studio "), default));

        Assert.That((shaped.IsAccepted, shaped.Name), Is.EqualTo((false, " Studio ")));
    }

    [Test]
    public void TryShape_ShowsTheValueAsItCame_WhenItRejects()
    {
        var shaped = ShapedRow.Of(row => row.Country = Rows.Utf8(" Atlan\u0000tis "));

        Assert.That(shaped.Tally.Noted, Is.EqualTo(new[] { new NotedRecord(true, 7, "country", "country_unknown", " Atlan\\u0000tis ") }));
    }

    [Test]
    public void TryShape_ForgetsTheWarningsOfARejectedRow()
    {
        var (shaper, tally) = (new FacilityShaper(Validation.Strict), new ShapingTally());
        var rejected = Rows.Full(1);
        (rejected.Name, rejected.StreetAddress) = (Rows.Utf8("Yo\u0000ga"), default);

        Assert.That(shaper.TryShape(rejected, tally), Is.False);
        Assert.That(shaper.TryShape(Rows.Full(2), tally));
        Assert.That((tally.Rejected, tally.Warned), Is.EqualTo((1, 0)));
    }
}
