using System.Globalization;
using System.IO.Compression;
using System.Text;
using FacilityFeed.Tests.Support;
using Google.Protobuf;

namespace FacilityFeed.Tests.Partner;

/// <summary>Reads our files as the partner does: by protobuf's JSON mapping, as strict as it is unless told otherwise.</summary>
internal static class PartnerJson
{
    // Text that is not UTF-8 is an error too, and not replaced.
    private static readonly UTF8Encoding _utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static T ParseText<T>(string json) where T : IMessage, new() => JsonParser.Default.Parse<T>(json);

    public static T Parse<T>(byte[] utf8) where T : IMessage, new() => ParseText<T>(_utf8.GetString(utf8));

    /// <summary>A gzip shard.</summary>
    public static T ParseShard<T>(byte[] shard) where T : IMessage, new()
    {
        using var text = new StreamReader(new GZipStream(new MemoryStream(shard), CompressionMode.Decompress), _utf8, detectEncodingFromByteOrderMarks: false);
        return ParseText<T>(text.ReadToEnd());
    }

    /// <summary>An entity as plain values; its id is the number after <paramref name="prefix"/>.</summary>
    public static PlainFacility ToPlain(Entity entity, string prefix = "")
    {
        Assert.That(entity.EntityId, Does.StartWith(prefix));
        var (location, address) = (entity.Location ?? new GeoCoordinates(), entity.Location?.Address ?? new PostalAddress());
        return new PlainFacility(
            long.Parse(entity.EntityId[prefix.Length..], CultureInfo.InvariantCulture), entity.Name, entity.Telephone, entity.Url,
            location.HasLatitude ? location.Latitude : null, location.HasLongitude ? location.Longitude : null,
            address.Country, address.Locality, address.Region, address.PostalCode, address.StreetAddress);
    }
}
