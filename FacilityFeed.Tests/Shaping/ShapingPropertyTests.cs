using System.Text;
using System.Text.RegularExpressions;
using CsCheck;
using FacilityFeed.Domain.Reading;
using FacilityFeed.Domain.Shaping;

namespace FacilityFeed.Tests.Shaping;

/// <summary>What holds of every row, whatever was in it.</summary>
public sealed class ShapingPropertyTests
{
    private const int Iterations = 20_000;

    private static readonly Regex _telephone = new("^\\+[1-9][0-9]{3,19}$", RegexOptions.CultureInvariant);
    private static readonly UTF8Encoding _strictUtf8 = new(false, throwOnInvalidBytes: true);

    [Test]
    public void TryShape_KeepsEveryRule_WhenItAccepts() => AnyRow.Rows.Sample(row =>
    {
        if (ShapedRow.Of(row) is not { IsAccepted: true } shaped)
        {
            return;
        }

        foreach (var text in Texts(row).Select(_strictUtf8.GetString))
        {
            Assert.That(text, Is.EqualTo(text.Trim()));
            Assert.That(text.EnumerateRunes().Where(IsForbidden), Is.Empty);
        }

        Assert.That(Countries.IsCode(shaped.Country));
        Assert.That(shaped.Name, Is.Not.Empty);
        Assert.That(row.Locality.IsEmpty || row.StreetAddress.IsEmpty, Is.False);
        Assert.That(row.PostalCode.IsEmpty && Countries.HasPostalCodes(shaped.Country), Is.False);
        Assert.That(row.Region.IsEmpty && Countries.NeedsRegion(shaped.Country), Is.False);
        Assert.That(shaped.Phone, Is.Empty.Or.Matches(_telephone));
        Assert.That(shaped.Url.Length == 0 || IsWebAddress(shaped.Url), shaped.Url);
        Assert.That(row.Latitude is null, Is.EqualTo(row.Longitude is null));
        Assert.That(row.Latitude is null or (>= -90 and <= 90) && row.Longitude is null or (>= -180 and <= 180));
    }, iter: Iterations);

    [Test]
    public void TryShape_ChangesNothingMore_WhenARowIsShapedAlready() => AnyRow.Rows.Sample(row =>
    {
        if (!ShapedRow.Of(row).IsAccepted)
        {
            return;
        }

        var once = Copy(row);
        var again = ShapedRow.Of(row);

        // The one flaw with which a value goes out as it is.
        Assert.That((again.IsAccepted, again.Reasons), Is.EqualTo((true, "")).Or.EqualTo((true, "postal_code_unexpected")));
        Assert.That(Texts(row).Select(Convert.ToHexString), Is.EqualTo(Texts(once).Select(Convert.ToHexString)));
        Assert.That((row.Latitude, row.Longitude), Is.EqualTo((once.Latitude, once.Longitude)));
    }, iter: Iterations);

    [Test]
    public void TryShape_AddsUp_AndDoesNotDependOnTheRowsBefore() => AnyRow.Rows.Array[0, 20].Sample(rows =>
    {
        var (shaper, tally) = (new FacilityShaper(Validation.Strict), new ShapingTally());
        var written = 0;
        foreach (var row in rows)
        {
            var alone = Copy(row);
            var isAcceptedAlone = ShapedRow.Of(alone).IsAccepted;
            var isAccepted = shaper.TryShape(row, tally);

            Assert.That(isAccepted, Is.EqualTo(isAcceptedAlone));
            Assert.That(Texts(row).Select(Convert.ToHexString), Is.EqualTo(Texts(alone).Select(Convert.ToHexString)));
            written += isAccepted ? 1 : 0;
        }

        Assert.That(written + tally.Rejected, Is.EqualTo(rows.Length));
        Assert.That(tally.Counts.Where(count => count.IsRejected).Sum(count => count.Count), Is.EqualTo(tally.Rejected));
        Assert.That(tally.Counts.Where(count => !count.IsRejected).Sum(count => count.Count), Is.EqualTo(tally.Warned));
    }, iter: Iterations / 20);

    [Test]
    public void AnyRow_IsOftenAccepted_AndOftenNot()
    {
        // Or else the properties above would hold of nothing.
        var accepted = 0;
        AnyRow.Rows.Array[2_000].Sample(rows => accepted = rows.Count(row => ShapedRow.Of(row).IsAccepted), iter: 1, threads: 1);

        Assert.That(accepted, Is.InRange(400, 1_600));
    }

    private static bool IsForbidden(Rune rune) => Rune.IsControl(rune)
        || rune.Value is 0x061C or 0x200E or 0x200F or (>= 0x202A and <= 0x202E) or (>= 0x2066 and <= 0x2069) or 0xFEFF or 0x2028 or 0x2029
        || rune.Value is >= 0xFDD0 and <= 0xFDEF || (rune.Value & 0xFFFF) is 0xFFFE or 0xFFFF;

    private static bool IsWebAddress(string url) => Uri.TryCreate(url, UriKind.Absolute, out var uri)
        && uri.Scheme is "http" or "https"
        && Ascii.IsValid(url)
        && !url.Any(char.IsWhiteSpace)
        && uri.UserInfo.Length == 0
        && uri.Host.Contains('.', StringComparison.Ordinal);

    private static byte[][] Texts(FacilityRow row) =>
        [.. new[] { row.Name, row.Country, row.Locality, row.Region, row.PostalCode, row.StreetAddress, row.Phone, row.Url }.Select(text => text.ToArray())];

    private static FacilityRow Copy(FacilityRow row) => new()
    {
        Name = row.Name.ToArray(),
        Country = row.Country.ToArray(),
        Locality = row.Locality.ToArray(),
        Region = row.Region.ToArray(),
        PostalCode = row.PostalCode.ToArray(),
        StreetAddress = row.StreetAddress.ToArray(),
        Phone = row.Phone.ToArray(),
        Url = row.Url.ToArray(),
        Latitude = row.Latitude,
        Longitude = row.Longitude,
    };
}
