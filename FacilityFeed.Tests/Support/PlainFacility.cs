using System.Globalization;
using System.Text;
using System.Text.Json;
using FacilityFeed.Domain.Reading;

namespace FacilityFeed.Tests.Support;

/// <summary>A facility as plain values, so that a row, a record and what the database holds can be compared; no text is the empty text.</summary>
public sealed record PlainFacility(
    long Id, string Name, string Phone, string Url, double? Latitude, double? Longitude, string Country, string Locality, string Region, string PostalCode, string StreetAddress)
{
    public static PlainFacility Of(FacilityRow row) => new(
        row.Id, Text(row.Name), Text(row.Phone), Text(row.Url), row.Latitude, row.Longitude, Text(row.Country), Text(row.Locality), Text(row.Region), Text(row.PostalCode), Text(row.StreetAddress));

    /// <summary>The records of a shard.</summary>
    public static IReadOnlyList<PlainFacility> Parse(Stream json)
    {
        using var document = JsonDocument.Parse(json);
        return [.. document.RootElement.GetProperty("data").EnumerateArray().Select(Of)];
    }

    /// <summary>The table's rows, by the driver's own conversions.</summary>
    public static async Task<IReadOnlyList<PlainFacility>> ReadTableAsync(SourceDatabase database)
    {
        await using var command = database.Direct.CreateCommand("SELECT id, name, phone, url, latitude, longitude, country, locality, region, postal_code, street_address FROM facility ORDER BY id");
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<PlainFacility>();
        while (await reader.ReadAsync())
        {
            string Text(int column) => reader.IsDBNull(column) ? "" : reader.GetString(column);
            double? Degrees(int column) => reader.IsDBNull(column) ? null : reader.GetDouble(column);
            rows.Add(new PlainFacility(reader.GetInt64(0), Text(1), Text(2), Text(3), Degrees(4), Degrees(5), Text(6), Text(7), Text(8), Text(9), Text(10)));
        }

        return rows;
    }

    private static PlainFacility Of(JsonElement record)
    {
        var location = record.TryGetProperty("location", out var found) ? found : default;
        var address = location.ValueKind == JsonValueKind.Object && location.TryGetProperty("address", out found) ? found : default;
        return new PlainFacility(
            long.Parse(record.GetProperty("entity_id").GetString()!, CultureInfo.InvariantCulture),
            Text(record, "name"), Text(record, "telephone"), Text(record, "url"), Degrees(location, "latitude"), Degrees(location, "longitude"),
            Text(address, "country"), Text(address, "locality"), Text(address, "region"), Text(address, "postal_code"), Text(address, "street_address"));
    }

    private static string Text(ReadOnlyMemory<byte> utf8) => Encoding.UTF8.GetString(utf8.Span);

    private static string Text(JsonElement parent, string member) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(member, out var value) ? value.GetString()! : "";

    private static double? Degrees(JsonElement parent, string member) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(member, out var value) ? value.GetDouble() : null;
}
