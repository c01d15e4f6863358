using System.Globalization;
using System.Text;
using System.Text.Json;
using CsCheck;
using FacilityFeed.Domain.Reading;
using FacilityFeed.Domain.Writing;
using FacilityFeed.Tests.Support;

namespace FacilityFeed.Tests.Writing;

/// <summary>Whatever the key and the texts are, each format's record is valid JSON of the same facility.</summary>
public sealed class FormatPropertyTests
{
    private static readonly Gen<string> _template = OneOf("https://example.com/{id}", "https://example.com/{entity_id}?a=1&b=%20'{id}'", "http://{id}.example.com");

    private static readonly Gen<string> _kind = OneOf("appointment", "dining", "food-delivery", "food-takeout");

    private static readonly Gen<string> _prefix = Gen.Char["ABCXYZabcxyz0189-._~"].Array[0, FormatOptions.LongestPrefix].Select(letters => new string(letters));

    // Small keys, and every length up to the longest.
    private static readonly Gen<long> _key = Gen.OneOf(Gen.Long, Gen.Select(Gen.Long, Gen.Int[0, 63], (key, shift) => key >> shift), OneOf(long.MinValue, long.MaxValue, -1, 0, 1));

    // A lone surrogate becomes U+FFFD here; a database never holds one.
    private static readonly Gen<byte[]> _text = Gen.String.Select(Encoding.UTF8.GetBytes);

    private static readonly Gen<double?> _degrees = Gen.Double.Select(degrees => double.IsFinite(degrees) ? degrees : (double?)null);

    private static readonly Gen<FacilityRow> _row = Gen.Select(_key, _text.Array[8], _degrees, _degrees, (key, texts, latitude, longitude) => new FacilityRow
    {
        Id = key,
        Name = texts[0],
        Phone = texts[1],
        Url = texts[2],
        Latitude = latitude,
        Longitude = longitude,
        Country = texts[3],
        Locality = texts[4],
        Region = texts[5],
        PostalCode = texts[6],
        StreetAddress = texts[7],
    });

    [Test]
    public void EntityFormat_GivesTheRowBack() => Gen.Select(_row, _prefix).Sample((row, prefix) =>
    {
        var record = RecordOf(Rows.EntityWith(prefix), row);

        Assert.That(record.GetProperty("entity_id").GetString(), Is.EqualTo(EntityId(prefix, row)));
        Assert.That(TextsOf(record).Order(StringComparer.Ordinal), Is.EqualTo(TextsOf(row).Where(text => text.Length > 0).Order(StringComparer.Ordinal)));
        Assert.That(NumbersOf(record), Is.EqualTo(new[] { row.Latitude, row.Longitude }.OfType<double>()));
    });

    [Test]
    public void ActionFormat_GivesALinkOfTheSameEntity() => Gen.Select(_row, _prefix, _template, _kind).Sample((row, prefix, template, kind) =>
    {
        var record = RecordOf(Rows.Action(kind, template, prefix), row);

        var entityId = EntityId(prefix, row);
        Assert.That(record.EnumerateObject().Select(member => member.Name), Is.EqualTo(new[] { "entity_id", "link_id", "url", "actions" }));
        Assert.That(record.GetProperty("entity_id").GetString(), Is.EqualTo(entityId));
        Assert.That(record.GetProperty("link_id").GetString(), Is.EqualTo($"{entityId}-{kind}"));
        Assert.That(record.GetProperty("url").GetString(), Is.EqualTo(
            template.Replace("{id}", row.Id.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal).Replace("{entity_id}", entityId, StringComparison.Ordinal)));
        Assert.That(record.GetProperty("actions").GetArrayLength(), Is.EqualTo(1));
    });

    [Test]
    public void EachFormat_GivesTheSameEntityIds() => Gen.Select(_row, _prefix).Sample((row, prefix) =>
        Assert.That(FeedFormats.All.Select(kind => EntityIdIn(kind, row, prefix)), Is.All.EqualTo(EntityId(prefix, row))));

    private static Gen<T> OneOf<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(at => values[at]);

    private static string EntityId(string prefix, FacilityRow row) => prefix + row.Id.ToString(CultureInfo.InvariantCulture);

    private static string? EntityIdIn(FormatKind kind, FacilityRow row, string prefix) =>
        RecordOf(kind.Create(new FormatOptions(prefix, _ => null, (_, _) => { })), row).GetProperty("entity_id").GetString();

    private static JsonElement RecordOf(FeedFormat format, FacilityRow row)
    {
        using var document = JsonDocument.Parse(Rows.ShardOf(format, Compression.None, row, Rows.Full(2)));
        var data = document.RootElement.GetProperty("data");
        Assert.That(data.GetArrayLength(), Is.EqualTo(2));
        return data[0].Clone();
    }

    private static IEnumerable<string> TextsOf(FacilityRow row) =>
        new[] { row.Name, row.Phone, row.Url, row.Country, row.Locality, row.Region, row.PostalCode, row.StreetAddress }.Select(text => Encoding.UTF8.GetString(text.Span));

    private static IEnumerable<string> TextsOf(JsonElement record) => LeavesOf(record, JsonValueKind.String).Where(leaf => leaf.Name != "entity_id").Select(leaf => leaf.Value.GetString()!);

    private static IEnumerable<double> NumbersOf(JsonElement record) => LeavesOf(record, JsonValueKind.Number).Select(leaf => leaf.Value.GetDouble());

    private static IEnumerable<JsonProperty> LeavesOf(JsonElement record, JsonValueKind kind) =>
        record.EnumerateObject().SelectMany(member => member.Value.ValueKind == JsonValueKind.Object ? LeavesOf(member.Value, kind) : member.Value.ValueKind == kind ? [member] : []);
}
