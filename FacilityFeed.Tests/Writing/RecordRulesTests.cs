using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using FacilityFeed.Domain.Writing;
using FacilityFeed.Tests.Support;

namespace FacilityFeed.Tests.Writing;

/// <summary>The partner's rules for a record, each format's.</summary>
public sealed class RecordRulesTests
{
    private const string Action = """{"entity_id":"17","link_id":"17-book","url":"https://a.example/book/17","actions":[{"appointment_info":{}}]}""";

    [Test]
    public void EntityCheck_FindsNothing_InWhatTheFormatWrites() => Assert.That(Codes(EntityFormat.Check, Entity().ToJsonString()), Is.Empty);

    [TestCase("entity_id", "null", "entity_id_type")]
    [TestCase("entity_id", "17", "entity_id_type")]
    [TestCase("entity_id", "\"\"", "entity_id_missing")]
    [TestCase("entity_id", "\"a b\"")]
    [TestCase("name", null, "name_missing")]
    [TestCase("name", "\"\"", "name_missing")]
    [TestCase("name", "7", "name_type")]
    [TestCase("name", "\"a\\u0007b\"", "name_control_characters")]
    [TestCase("name", "\"a\\u202eb\"", "name_control_characters")]
    [TestCase("name", "\" a\"", "name_not_trimmed")]
    [TestCase("name", "\"a\\n\"", "name_control_characters", "name_not_trimmed")]
    [TestCase("name", "\"👩‍🍳 Café\"")]
    [TestCase("telephone", null)]
    [TestCase("telephone", "\"\"")]
    [TestCase("telephone", "49301000000", "telephone_type")]
    [TestCase("telephone", "\"+49 30 1000000\"", "telephone_unusable")]
    [TestCase("telephone", "\"0301000000\"", "telephone_unusable")]
    [TestCase("telephone", "\"+\"", "telephone_unusable")]
    [TestCase("telephone", "\"+٤٩٣٠\"", "telephone_unusable")]
    [TestCase("url", null)]
    [TestCase("url", "\"http://a.example\"")]
    [TestCase("url", "\"www.a.example\"", "url_unusable")]
    [TestCase("url", "\"ftp://a.example\"", "url_unusable")]
    [TestCase("url", "\"https://\"", "url_unusable")]
    [TestCase("url", "\"https:a.example\"", "url_unusable")]
    [TestCase("url", "\"https://a.example/a b\"", "url_unusable")]
    [TestCase("url", "\"http:\\\\\\\\a.example\"", "url_unusable")]
    [TestCase("url", "\"/relative\"", "url_unusable")]
    [TestCase("url", "{}", "url_type")]
    [TestCase("location", null, "location_missing")]
    [TestCase("location", "null", "location_type")]
    [TestCase("location", "[]", "location_type")]
    [TestCase("location", "{}", "address_missing")]
    [TestCase("location.address", null, "address_missing")]
    [TestCase("location.address", "\"Torstraße 1\"", "address_type")]
    [TestCase("location.unstructured_address", "\"Torstraße 1, Berlin\"", "address_twice")]
    [TestCase("location.latitude", null, "coordinates_incomplete")]
    [TestCase("location.longitude", null, "coordinates_incomplete")]
    [TestCase("location.latitude", "\"52.5\"", "latitude_type")]
    [TestCase("location.latitude", "1e999", "coordinates_out_of_range")]
    [TestCase("location.latitude", "90")]
    [TestCase("location.latitude", "90.0001", "coordinates_out_of_range")]
    [TestCase("location.longitude", "-180.0001", "coordinates_out_of_range")]
    [TestCase("location.longitude", "-180")]
    [TestCase("location.address.country", null, "country_missing")]
    [TestCase("location.address.country", "\"Germany\"", "country_unknown")]
    [TestCase("location.address.country", "\"de\"", "country_unknown")]
    [TestCase("location.address.locality", null, "locality_missing")]
    [TestCase("location.address.street_address", "\"\"", "street_address_missing")]
    [TestCase("location.address.region", null)]
    [TestCase("location.address.postal_code", null, "postal_code_missing")]
    [TestCase("location.address", """{"country":"US","locality":"A","street_address":"1 B St"}""", "region_missing", "postal_code_missing")]
    [TestCase("location.address", """{"country":"AE","region":"Dubai","locality":"Dubai","street_address":"B St"}""")]
    [TestCase("location.address", """{"country":"XX","locality":"A","street_address":"1 B St"}""", "country_unknown")]
    [TestCase("location.address.postcode", "\"50667\"", "unknown_member")]
    [TestCase("location.geo", "{}", "unknown_member")]
    [TestCase("category", "\"studio\"", "unknown_member")]
    [TestCase("aggregator_brand_id", "\"b-1\"")]
    [TestCase("aggregator_brand_id", "1", "aggregator_brand_id_type")]
    public void EntityCheck_GivesEachBrokenRuleItsCode(string member, string? json, params string[] codes) =>
        Assert.That(Codes(EntityFormat.Check, With(Entity(), member, json)), Is.EqualTo(codes));

    [Test]
    public void EntityCheck_RefusesNoPlaceAtAll()
    {
        var record = With(Entity(), "location.latitude", "0");

        Assert.That(Codes(EntityFormat.Check, With(JsonNode.Parse(record)!, "location.longitude", "-0.0")), Is.EqualTo(new[] { "coordinates_zero" }));
    }

    [Test]
    public void EntityCheck_TakesAnAddressInOneLine()
    {
        var record = With(Entity(), "location.address", null);

        Assert.That(Codes(EntityFormat.Check, With(JsonNode.Parse(record)!, "location.unstructured_address", "\"Torstraße 1 Köln, NRW 50667\"")), Is.Empty);
    }

    [TestCase("actions", """[{"appointment_info":{}}]""")]
    [TestCase("actions", """[{"appointment_info":{"url":"https://a.example"}}]""")]
    [TestCase("actions", """[{"dining_info":{"dining_type":"TABLE_RESERVATION"}}]""")]
    [TestCase("actions", """[{"food_ordering_info":{"service_type":"DELIVERY"}},{"food_ordering_info":{"service_type":"TAKEOUT"}}]""")]
    [TestCase("actions", null, "actions_missing")]
    [TestCase("actions", "[]", "actions_type")]
    [TestCase("actions", "{}", "actions_type")]
    [TestCase("actions", "[1]", "action_type")]
    [TestCase("actions", "[{}]", "action_kind")]
    [TestCase("actions", """[{"appointment_info":{},"dining_info":{"dining_type":"TABLE_RESERVATION"}}]""", "action_kind")]
    [TestCase("actions", """[{"shopping_info":{}}]""", "unknown_member", "action_kind")]
    [TestCase("actions", """[{"appointment_info":true}]""", "appointment_info_type")]
    [TestCase("actions", """[{"appointment_info":{"link":1}}]""", "unknown_member")]
    [TestCase("actions", """[{"appointment_info":{"url":"a.example"}}]""", "url_unusable")]
    [TestCase("actions", """[{"dining_info":{}}]""", "dining_type_missing")]
    [TestCase("actions", """[{"dining_info":{"dining_type":"UNKNOWN"}}]""", "dining_type_unknown")]
    [TestCase("actions", """[{"food_ordering_info":{"service_type":"DINE_IN"}}]""", "service_type_unknown")]
    [TestCase("actions", """[{"food_ordering_info":{"service_type":1}}]""", "service_type_type")]
    [TestCase("url", null, "url_missing")]
    [TestCase("url", "\"a.example\"", "url_unusable")]
    [TestCase("link_id", "\"\"", "link_id_missing")]
    [TestCase("entity_id", "5", "entity_id_type")]
    [TestCase("name", "\"Studio\"", "unknown_member")]
    public void ActionCheck_GivesEachBrokenRuleItsCode(string member, string? json, params string[] codes) =>
        Assert.That(Codes(ActionFormat.Check, With(JsonNode.Parse(Action)!, member, json)), Is.EqualTo(codes));

    private static JsonNode Entity()
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes))
        {
            Rows.Entity.Write(json, Rows.Full(17));
        }

        return JsonNode.Parse(Encoding.UTF8.GetString(bytes.ToArray()))!;
    }

    /// <summary>The record with one member set, or without it.</summary>
    private static string With(JsonNode record, string path, string? json)
    {
        var names = path.Split('.');
        var parent = names[..^1].Aggregate(record.AsObject(), (node, name) => node[name]!.AsObject());
        parent.Remove(names[^1]);
        if (json is not null)
        {
            parent.Add(names[^1], JsonNode.Parse(json));
        }

        return record.ToJsonString();
    }

    private static List<string> Codes(RecordCheck check, string record)
    {
        var codes = new List<string>();
        using var document = JsonDocument.Parse(record);
        check(document.RootElement, (code, sentence) =>
        {
            Assert.That(sentence, Has.Length.GreaterThan(10).And.Not.Contain("\u0007").And.Not.Contain("\u202e"));
            codes.Add(code);
        });
        return codes;
    }
}
