using FacilityFeed.Domain.Shaping;
using FacilityFeed.Tests.Support;

namespace FacilityFeed.Tests.Shaping;

/// <summary>Longest values: at the limit a value passes, one character beyond it does not.</summary>
public sealed class LengthTests
{
    [TestCase("n")]
    [TestCase("ö")]
    [TestCase("酒")]
    [TestCase("🧘")]
    public void TryShape_CountsCharacters_NotBytes(string character)
    {
        var longest = ShapedRow.Of(row => row.Name = Repeated(character, FacilityShaper.LongestName));
        var tooLong = ShapedRow.Of(row => row.Name = Repeated(character, FacilityShaper.LongestName + 1));

        Assert.That(longest.IsAccepted, longest.Reasons);
        Assert.That(tooLong.IsAccepted, Is.False);
        Assert.That(tooLong.Reasons, Is.EqualTo("name_too_long"));
    }

    [Test]
    public void TryShape_Rejects_WhenANeededPartOfTheAddressIsTooLong()
    {
        var tooLong = Repeated("x", FacilityShaper.LongestAddressPart + 1);

        Assert.That(ShapedRow.Of(row => row.Locality = tooLong).Reasons, Is.EqualTo("locality_too_long"));
        Assert.That(ShapedRow.Of(row => row.PostalCode = tooLong).Reasons, Is.EqualTo("postal_code_too_long"));
        Assert.That(ShapedRow.Of(row => row.StreetAddress = tooLong).Reasons, Is.EqualTo("street_address_too_long"));
        Assert.That(ShapedRow.Of(row => (row.Country, row.Region) = (Rows.Utf8("US"), tooLong)).Reasons, Is.EqualTo("region_too_long"));
        Assert.That(ShapedRow.Of(row => row.StreetAddress = Repeated("x", FacilityShaper.LongestAddressPart)).IsAccepted);
    }

    [Test]
    public void TryShape_LeavesOut_WhatIsTooLongAndNotNeeded()
    {
        var tooLong = Repeated("x", FacilityShaper.LongestAddressPart + 1);
        var german = ShapedRow.Of(row => row.Region = tooLong);
        var emirati = ShapedRow.Of(row => (row.Country, row.PostalCode) = (Rows.Utf8("AE"), tooLong));

        Assert.That((german.IsAccepted, german.Region, german.Reasons), Is.EqualTo((true, "", "region_too_long")));
        Assert.That((emirati.IsAccepted, emirati.PostalCode, emirati.Reasons), Is.EqualTo((true, "", "postal_code_too_long")));
    }

    [Test]
    public void TryShape_LeavesOut_ATelephoneNumberOrUrlThatIsTooLong()
    {
        var phone = ShapedRow.Of(row => row.Phone = Repeated("5", 101));
        var longestUrl = ShapedRow.Of(row => row.Url = Rows.Utf8("https://a.example/".PadRight(2_000, 'x')));
        var url = ShapedRow.Of(row => row.Url = Rows.Utf8("https://a.example/".PadRight(2_001, 'x')));

        Assert.That((phone.IsAccepted, phone.Phone, phone.Reasons), Is.EqualTo((true, "", "telephone_too_long")));
        Assert.That((longestUrl.Url.Length, longestUrl.Reasons), Is.EqualTo((2_000, "")));
        Assert.That((url.IsAccepted, url.Url, url.Reasons), Is.EqualTo((true, "", "url_too_long")));
    }

    [TestCase(63, 253, true)]
    [TestCase(64, 253, false)]
    [TestCase(63, 254, false)]
    public void TryShape_TakesAHost_AsLongAsTheDnsDoes(int label, int host, bool isTaken)
    {
        var name = new string('a', label) + ".example";
        while (name.Length < host)
        {
            name = new string('b', Math.Min(62, host - name.Length - 1)) + "." + name;
        }

        var shaped = ShapedRow.Of(row => row.Url = Rows.Utf8($"https://{name}/"));

        Assert.That(name, Has.Length.EqualTo(host));
        Assert.That((shaped.Url, shaped.Reasons), Is.EqualTo(isTaken ? ($"https://{name}/", "") : ("", "url_unusable")));
    }

    [Test]
    public void TryShape_LeavesAnUrlOut_WhenItGrowsTooLong()
    {
        var shaped = ShapedRow.Of(row => row.Url = Rows.Utf8("a.example/".PadRight(1_995, 'x')));

        Assert.That((shaped.Url, shaped.Reasons), Is.EqualTo(("", "url_unusable")));
    }

    [Test]
    public void TryShape_KeepsEarlierValues_WhenOneThatNeedsMuchRoomFollows()
    {
        var shaped = ShapedRow.Of(row =>
        {
            row.Name = Rows.Utf8("Yo\u0000ga");
            row.StreetAddress = Rows.Utf8("Torstraße" + new string('\u0000', 100_000) + " 1");
        });

        Assert.That((shaped.Name, shaped.StreetAddress), Is.EqualTo(("Yoga", "Torstraße 1")));
    }

    private static ReadOnlyMemory<byte> Repeated(string text, int times) => Rows.Utf8(string.Concat(Enumerable.Repeat(text, times)));
}
