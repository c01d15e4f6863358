using FacilityFeed.Domain.Reading;
using FacilityFeed.Domain.Shaping;
using FacilityFeed.Tests.Support;

namespace FacilityFeed.Tests.Shaping;

/// <summary>What becomes of a value that is not of its column's kind.</summary>
public sealed class UnusableTests
{
    private const string Object = """{"en": "Gym"}""";

    [TestCase("DE", "name", true)]
    [TestCase("DE", "country", true)]
    [TestCase("DE", "locality", true)]
    [TestCase("DE", "region", false)]
    [TestCase("US", "region", true)]
    [TestCase("DE", "postal_code", true)]
    [TestCase("AE", "postal_code", false)]
    [TestCase("DE", "street_address", true)]
    [TestCase("DE", "telephone", false)]
    [TestCase("DE", "url", false)]
    public void TryShape_RejectsWhatIsRequired_AndWarnsOfTheRest(string country, string field, bool isRejected)
    {
        var shaped = ShapedRow.Of(Without(Rows.Full(7), country, field));

        Assert.That(shaped.IsAccepted, Is.EqualTo(!isRejected));
        Assert.That(shaped.Tally.Noted, Is.EqualTo(new[] { new NotedRecord(isRejected, 7, field, $"{field}_unusable", Object) }));
    }

    [Test]
    public void TryShape_RejectsOnce_WithTheFirstReason()
    {
        var row = Without(Without(Rows.Full(7), "DE", "street_address"), "DE", "url");
        row.Name = Rows.Utf8(" ");

        Assert.That(ShapedRow.Of(row).Reasons, Is.EqualTo("name_missing"));
    }

    [Test]
    public void TryShape_ForgetsTheRowBefore()
    {
        var shaper = new FacilityShaper(Validation.Strict);
        var tally = new ShapingTally();
        shaper.TryShape(Without(Rows.Full(6), "DE", "name"), tally);

        Assert.That(shaper.TryShape(Rows.Full(7), tally));
        Assert.That(tally.Noted.Select(note => note.Id), Is.EqualTo(new[] { 6L }));
    }

    [Test]
    public void TryShape_GoesOnWithoutIt_WhenValidationIsOff()
    {
        var tally = new ShapingTally();

        Assert.That(new FacilityShaper(Validation.Off).TryShape(Without(Rows.Full(7), "DE", "name"), tally));
        Assert.That((tally.Rejected, tally.Warned), Is.EqualTo((0, 0)));
    }

    /// <summary>The row as a source gives it: without the value, which is kept beside it.</summary>
    private static FacilityRow Without(FacilityRow row, string country, string field)
    {
        row.Country = Rows.Utf8(country);
        switch (field)
        {
            case "name": row.Name = default; break;
            case "country": row.Country = default; break;
            case "locality": row.Locality = default; break;
            case "region": row.Region = default; break;
            case "postal_code": row.PostalCode = default; break;
            case "street_address": row.StreetAddress = default; break;
            case "telephone": row.Phone = default; break;
            default: row.Url = default; break;
        }

        row.Unusable.Add(new UnusableValue(field == "telephone" ? "phone" : field, Rows.Utf8(Object)));
        return row;
    }
}
