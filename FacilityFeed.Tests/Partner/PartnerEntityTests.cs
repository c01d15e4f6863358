using System.Text;
using CsCheck;
using FacilityFeed.Domain.Reading;
using FacilityFeed.Domain.Writing;
using FacilityFeed.Tests.Support;

namespace FacilityFeed.Tests.Partner;

/// <summary>The partner's parser reads each value of an entity shard as the source had it.</summary>
public sealed class PartnerEntityTests
{
    // Named, for a test's name cannot hold each of these characters, and a runner may lose one that does.
    private static readonly TestCaseData[] _texts =
    [
        Text("quotes", "\"quoted\" 'single' \\ back / slash \\u0041 \\n"),
        Text("controls", "tab\t line\n return\r back\b feed\f bell\a escape\u001b null\0 unit\u001f delete\u007f c1\u0080"),
        Text("breaks", "line\u2028 paragraph\u2029 next\u0085 mark\ufeff zero\u200b right\u202e nonchar\ufffe\uffff"),
        Text("emoji", "🏸 🇩🇪 👩‍👩‍👧 𐎀 \U0010FFFD a\u0301 á ﬁ ①"),
        Text("markup", "<script>alert('x')</script> &amp; + %20 {\"a\":[1]} ]}"),
        Text("scripts", "مطعم 山吹 Müllner"),
        Text("space", " "),
        Text("null", "null"),
        Text("number", "17"),
    ];

    [Test]
    public void EveryMember_IsRead()
    {
        var entity = Single(Rows.Entity, Rows.Full(17));

        Assert.That((entity.EntityId, entity.Name, entity.Telephone, entity.Url), Is.EqualTo(("17", "Studio 17", "+49301000000", "https://studio.example/?a=1&b=2")));
        Assert.That((entity.Location.Latitude, entity.Location.Longitude), Is.EqualTo((52.5, -13.25)));
        Assert.That(entity.Location.FormCase, Is.EqualTo(GeoCoordinates.FormOneofCase.Address));
        var address = entity.Location.Address;
        Assert.That((address.Country, address.Locality, address.Region, address.PostalCode, address.StreetAddress), Is.EqualTo(("DE", "Köln", "NRW", "50667", "Torstraße 1")));
        Assert.That(entity.HasAggregatorBrandId, Is.False);
    }

    [TestCaseSource(nameof(_texts))]
    public void EveryText_IsReadAsItWas(string text)
    {
        var row = WithTexts(17, [.. Enumerable.Range(0, 8).Select(column => $"{column}{text}{column}")]);

        Assert.That(PartnerJson.ToPlain(Single(Rows.Entity, row)), Is.EqualTo(PlainFacility.Of(row)));
    }

    [Test]
    public void EveryText_IsReadAsItWas_WhateverItIs() => Gen.Select(Gen.Long, Gen.String.Array[8]).Sample((key, texts) =>
    {
        var row = WithTexts(key, texts);

        Assert.That(PartnerJson.ToPlain(Single(Rows.EntityWith("a.b~"), row), "a.b~"), Is.EqualTo(PlainFacility.Of(row)));
    });

    [TestCase(long.MinValue, "p-9223372036854775808")]
    [TestCase(-1, "p-1")]
    [TestCase(0, "p0")]
    [TestCase(9007199254740993, "p9007199254740993")]
    [TestCase(long.MaxValue, "p9223372036854775807")]
    public void EveryKey_IsReadWithAllItsDigits(long key, string entityId) =>
        Assert.That(Single(Rows.EntityWith("p"), new FacilityRow { Id = key }).EntityId, Is.EqualTo(entityId));

    [TestCase(90, 180)]
    [TestCase(-90, -180)]
    [TestCase(0, -0d)]
    [TestCase(1e-7, -1e-300)]
    [TestCase(double.Epsilon, double.MaxValue)]
    [TestCase(52.51704123456789, -13.38886012345678)]
    public void EveryCoordinate_IsReadWithAllItsDigits(double latitude, double longitude)
    {
        var location = Single(Rows.Entity, new FacilityRow { Id = 1, Latitude = latitude, Longitude = longitude }).Location;

        Assert.That((location.Latitude, location.Longitude, location.FormCase), Is.EqualTo((latitude, longitude, GeoCoordinates.FormOneofCase.None)));
    }

    [Test]
    public void WhatIsAbsent_IsAbsent()
    {
        var bare = Single(Rows.Entity, new FacilityRow { Id = 1 });
        var address = Single(Rows.Entity, new FacilityRow { Id = 2, Locality = Rows.Utf8("Köln"), Longitude = 0 }).Location;

        Assert.That((bare.HasName, bare.HasTelephone, bare.HasUrl, bare.Location), Is.EqualTo((false, false, false, (GeoCoordinates?)null)));
        Assert.That((address.HasLatitude, address.HasLongitude, address.Address.HasLocality), Is.EqualTo((false, true, true)));
        Assert.That((address.Address.HasCountry, address.Address.HasRegion, address.Address.HasPostalCode, address.Address.HasStreetAddress), Is.EqualTo((false, false, false, false)));
    }

    [Test]
    public void EveryRecord_IsRead_InItsOrder()
    {
        var feed = PartnerJson.ParseShard<EntityFeed>(Rows.Shard(Compression.Gzip, Enumerable.Range(1, 20_000).Select(id => Rows.Full(id))));

        Assert.That(feed.Data.Select(entity => entity.EntityId), Is.EqualTo(Enumerable.Range(1, 20_000).Select(id => $"{id}")));
        Assert.That(PartnerJson.ParseShard<EntityFeed>(Rows.Shard(Compression.Gzip)).Data, Is.Empty);
    }

    private static TestCaseData Text(string name, string text) => new TestCaseData(text).SetArgDisplayNames(name);

    private static FacilityRow WithTexts(long key, string[] texts)
    {
        // A lone surrogate cannot be UTF-8; a database never holds one.
        var utf8 = texts.Select(Encoding.UTF8.GetBytes).ToArray();
        return new FacilityRow
        {
            Id = key,
            Name = utf8[0],
            Phone = utf8[1],
            Url = utf8[2],
            Country = utf8[3],
            Locality = utf8[4],
            Region = utf8[5],
            PostalCode = utf8[6],
            StreetAddress = utf8[7],
        };
    }

    private static Entity Single(FeedFormat format, FacilityRow row) => PartnerJson.ParseShard<EntityFeed>(Rows.ShardOf(format, Compression.Gzip, row)).Data.Single();
}
