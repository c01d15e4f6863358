using System.Globalization;
using System.Text;
using System.Text.Json;
using FacilityFeed.Domain.Reading;
using Npgsql;

namespace FacilityFeed.Tests.Support;

/// <summary>A facility as plain values, so that a row, a record and what the database holds can be compared; no text is the empty text.</summary>
public sealed record PlainFacility(
    long Id, string Name, string Phone, string Url, double? Latitude, double? Longitude, string Country, string Locality, string Region, string PostalCode, string StreetAddress)
{
    private const string AllSql = """
        SELECT id::bigint, coalesce(name::text, ''), coalesce(phone::text, ''), coalesce(url::text, ''), latitude::float8, longitude::float8,
            coalesce(country::text, ''), coalesce(locality::text, ''), coalesce(region::text, ''), coalesce(postal_code::text, ''), coalesce(street_address::text, '')
        FROM facility ORDER BY id
        """;

    public static PlainFacility Of(FacilityRow row) => new(
        row.Id, Text(row.Name), Text(row.Phone), Text(row.Url), row.Latitude, row.Longitude, Text(row.Country), Text(row.Locality), Text(row.Region), Text(row.PostalCode), Text(row.StreetAddress));

    /// <summary>The records of a shard.</summary>
    public static IReadOnlyList<PlainFacility> Parse(Stream json)
    {
        using var document = JsonDocument.Parse(json);
        return [.. document.RootElement.GetProperty("data").EnumerateArray().Select(Of)];
    }

    /// <summary>The table's rows, by the driver's own conversions.</summary>
    public static async Task<IReadOnlyList<PlainFacility>> ReadTableAsync(TestDatabase database)
    {
        await using var command = database.Connect.CreateCommand(AllSql);
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<PlainFacility>();
        while (await reader.ReadAsync())
        {
            rows.Add(new PlainFacility(
                reader.GetInt64(0), reader.GetString(1), reader.GetString(2), reader.GetString(3), Degrees(reader, 4), Degrees(reader, 5),
                reader.GetString(6), reader.GetString(7), reader.GetString(8), reader.GetString(9), reader.GetString(10)));
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

    private static double? Degrees(NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetDouble(column);
}
