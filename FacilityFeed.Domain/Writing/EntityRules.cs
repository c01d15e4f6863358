using System.Text.Json;
using FacilityFeed.Domain.Shaping;

namespace FacilityFeed.Domain.Writing;

/// <summary>
/// The partner's rules for a record of the entity feed. Coordinates alone are allowed by its definition, but such records are refused in
/// practice, so an address is asked for.
/// https://developers.google.com/actions-center/verticals/reservations/redirect/reference/feeds/entity-feed
/// </summary>
internal static class EntityRules
{
    public static void Check(JsonElement record, Action<string, string> report)
    {
        RecordRules.OnlyKnown(record, "it", report, "entity_id", "name", "telephone", "url", "location", "aggregator_brand_id");
        RecordRules.Text(record, "entity_id", report, isRequired: true);
        RecordRules.Text(record, "name", report, isRequired: true);
        RecordRules.Text(record, "aggregator_brand_id", report);
        RecordRules.Url(record, report);
        if (RecordRules.Text(record, "telephone", report) is { } telephone && !IsInternational(telephone))
        {
            report("telephone_unusable", $"telephone '{ShownValue.Of(telephone)}' is not + and digits");
        }

        if (RecordRules.Object(record, "location", report) is { } location)
        {
            CheckLocation(location, report);
        }
        else if (!record.TryGetProperty("location", out _))
        {
            report("location_missing", "location is required, but is missing");
        }
    }

    private static bool IsInternational(string telephone) => telephone is ['+', _, ..] && telephone.AsSpan(1).IndexOfAnyExceptInRange('0', '9') < 0;

    private static void CheckLocation(JsonElement location, Action<string, string> report)
    {
        RecordRules.OnlyKnown(location, "location", report, "latitude", "longitude", "address", "unstructured_address");
        CheckCoordinates(Degrees(location, "latitude", 90, report), Degrees(location, "longitude", 180, report), report);
        var oneLine = RecordRules.Text(location, "unstructured_address", report);
        var hasAddress = location.TryGetProperty("address", out _);
        if (RecordRules.Object(location, "address", report) is { } address)
        {
            CheckAddress(address, report);
        }

        if (hasAddress && location.TryGetProperty("unstructured_address", out _))
        {
            report("address_twice", "address and unstructured_address exclude each other");
        }
        else if (!hasAddress && oneLine is null)
        {
            report("address_missing", "address is required, but is missing");
        }
    }

    private static void CheckAddress(JsonElement address, Action<string, string> report)
    {
        RecordRules.OnlyKnown(address, "address", report, "country", "locality", "region", "postal_code", "street_address");
        var country = RecordRules.Text(address, "country", report, isRequired: true);
        var isKnown = country is not null && Countries.IsCode(country);
        if (country is not null && !isKnown)
        {
            report("country_unknown", $"country '{ShownValue.Of(country)}' is not an ISO 3166-1 alpha-2 code");
        }

        RecordRules.Text(address, "locality", report, isRequired: true);
        RecordRules.Text(address, "region", report, isKnown && Countries.NeedsRegion(country));
        RecordRules.Text(address, "postal_code", report, isKnown && Countries.HasPostalCodes(country));
        RecordRules.Text(address, "street_address", report, isRequired: true);
    }

    /// <returns>Whether it is there, and its value; none when it is no number.</returns>
    private static (bool IsThere, double? Value) Degrees(JsonElement location, string member, double most, Action<string, string> report)
    {
        if (!location.TryGetProperty(member, out var value))
        {
            return (false, null);
        }

        if (value.ValueKind != JsonValueKind.Number || !value.TryGetDouble(out var degrees))
        {
            report($"{member}_type", $"{member} must be a number, but is {RecordRules.Shown(value)}");
            return (true, null);
        }

        if (!(Math.Abs(degrees) <= most))
        {
            report("coordinates_out_of_range", $"{member} {RecordRules.Shown(value)} is not between -{most} and {most}");
        }

        return (true, degrees);
    }

    private static void CheckCoordinates((bool IsThere, double? Value) latitude, (bool IsThere, double? Value) longitude, Action<string, string> report)
    {
        if (latitude.IsThere != longitude.IsThere)
        {
            report("coordinates_incomplete", $"{(latitude.IsThere ? "longitude" : "latitude")} is missing beside {(latitude.IsThere ? "latitude" : "longitude")}");
        }
        else if (latitude.Value is 0 && longitude.Value is 0)
        {
            report("coordinates_zero", "latitude and longitude are both 0, which is what a form sends that was not filled in");
        }
    }
}
