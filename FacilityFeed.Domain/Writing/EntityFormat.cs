using System.Text.Json;
using FacilityFeed.Domain.Reading;

namespace FacilityFeed.Domain.Writing;

/// <summary>
/// The entity feed: one record of <c>EntityFeed.data</c>.
/// Members: https://developers.google.com/actions-center/verticals/reservations/redirect/reference/feeds/entity-feed
/// </summary>
public sealed class EntityFormat(FormatOptions options) : FeedFormat(options)
{
    /// <summary>How the partner calls it.</summary>
    public const string PartnerName = "reservewithgoogle.entity";

    private static readonly JsonEncodedText _name = JsonEncodedText.Encode("name");
    private static readonly JsonEncodedText _telephone = JsonEncodedText.Encode("telephone");
    private static readonly JsonEncodedText _url = JsonEncodedText.Encode("url");
    private static readonly JsonEncodedText _location = JsonEncodedText.Encode("location");
    private static readonly JsonEncodedText _latitude = JsonEncodedText.Encode("latitude");
    private static readonly JsonEncodedText _longitude = JsonEncodedText.Encode("longitude");
    private static readonly JsonEncodedText _address = JsonEncodedText.Encode("address");
    private static readonly JsonEncodedText _country = JsonEncodedText.Encode("country");
    private static readonly JsonEncodedText _locality = JsonEncodedText.Encode("locality");
    private static readonly JsonEncodedText _region = JsonEncodedText.Encode("region");
    private static readonly JsonEncodedText _postalCode = JsonEncodedText.Encode("postal_code");
    private static readonly JsonEncodedText _streetAddress = JsonEncodedText.Encode("street_address");

    /// <inheritdoc/>
    public override string Identity => "facility";

    /// <summary>The rules of the entity feed for one record.</summary>
    public static void Check(JsonElement record, Action<string, string> report) => EntityRules.Check(record, report);

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter json, FacilityRow row)
    {
        json.WriteStartObject();
        WriteEntityId(json, row.Id);
        WriteText(json, _name, row.Name);
        WriteText(json, _telephone, row.Phone);
        WriteText(json, _url, row.Url);
        WriteLocation(json, row);
        json.WriteEndObject();
    }

    private static void WriteLocation(Utf8JsonWriter json, FacilityRow row)
    {
        var hasAddress = !(row.Country.IsEmpty && row.Locality.IsEmpty && row.Region.IsEmpty && row.PostalCode.IsEmpty && row.StreetAddress.IsEmpty);
        if (!hasAddress && row.Latitude is null && row.Longitude is null)
        {
            return;
        }

        json.WriteStartObject(_location);
        WriteDegrees(json, _latitude, row.Latitude);
        WriteDegrees(json, _longitude, row.Longitude);
        if (hasAddress)
        {
            json.WriteStartObject(_address);
            WriteText(json, _country, row.Country);
            WriteText(json, _locality, row.Locality);
            WriteText(json, _region, row.Region);
            WriteText(json, _postalCode, row.PostalCode);
            WriteText(json, _streetAddress, row.StreetAddress);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static void WriteText(Utf8JsonWriter json, JsonEncodedText member, ReadOnlyMemory<byte> utf8)
    {
        if (!utf8.IsEmpty)
        {
            json.WriteString(member, utf8.Span);
        }
    }

    private static void WriteDegrees(Utf8JsonWriter json, JsonEncodedText member, double? degrees)
    {
        if (degrees is { } value)
        {
            json.WriteNumber(member, value);
        }
    }
}
