using Google.Protobuf;

namespace FacilityFeed.Tests.Partner;

/// <summary>The partner's parser refuses what it should: without this, the other tests would prove nothing.</summary>
public sealed class PartnerRefusalTests
{
    [TestCase("""{"data":[{"entity_id":"1","id":1}]}""")]
    [TestCase("""{"metadata":{},"data":[]}""")]
    [TestCase("""{"data":[{"entity_id":1}]}""")]
    [TestCase("""{"data":[{"entity_id":"1","name":["a"]}]}""")]
    [TestCase("""{"data":[{"entity_id":"1","location":{"latitude":"north"}}]}""")]
    [TestCase("""{"data":[{"entity_id":"1","location":{"latitude":1e999}}]}""")]
    [TestCase("""{"data":[{"entity_id":"1","location":{"latitude":NaN}}]}""")]
    [TestCase("""{"data":[{"entity_id":"1","location":{"country":"DE"}}]}""")]
    [TestCase("""{"data":[{"entity_id":"1","location":{"address":{"country":"DE"},"unstructured_address":"a"}}]}""")]
    [TestCase("""{"data":[{"entity_id":"1","location":{"address":"a"}}]}""")]
    [TestCase("""{"data":{"entity_id":"1"}}""")]
    [TestCase("""{"data":[null]}""")]
    [TestCase("""{"data":[{"entity_id":"1"},]}""")]
    [TestCase("""{"data":[{"entity_id":"1"}]""")]
    [TestCase("""{"data":[{"entity_id":"1"}]}{}""")]
    [TestCase("{\"data\":[{\"entity_id\":\"1\",\"name\":\"line\n\"}]}")]
    [TestCase("""{"data":[{"entity_id":"1","name":"\ud83c"}]}""")]
    [TestCase("""[{"entity_id":"1"}]""")]
    public void AnEntityShard_IsRefused(string json) => AssertRefused<EntityFeed>(json);

    [TestCase("""{"data":[{"entity_id":"1","kind":"dining"}]}""")]
    [TestCase("""{"data":[{"entity_id":"1","actions":[{"dining_info":{"dining_type":"TABLE"}}]}]}""")]
    [TestCase("""{"data":[{"entity_id":"1","actions":[{"food_ordering_info":{"service_type":"DINE_IN"}}]}]}""")]
    [TestCase("""{"data":[{"entity_id":"1","actions":[{"booking_info":{}}]}]}""")]
    [TestCase("""{"data":[{"entity_id":"1","actions":{"appointment_info":{}}}]}""")]
    public void AnActionShard_IsRefused(string json) => AssertRefused<ActionFeed>(json);

    [TestCase("""{"generation_timestamp":1750000000,"name":"a","data_file":["b"],"files":["b"]}""")]
    [TestCase("""{"generation_timestamp":"2025-06-15T15:06:40Z","name":"a","data_file":["b"]}""")]
    [TestCase("""{"generation_timestamp":1750000000.5,"name":"a","data_file":["b"]}""")]
    [TestCase("""{"generation_timestamp":1750000000,"name":"a","data_file":"b"}""")]
    public void AManifest_IsRefused(string json) => AssertRefused<FilesetDescriptor>(json);

    [Test]
    public void TextThatIsNotUtf8_IsRefused() =>
        Assert.That(() => PartnerJson.Parse<FilesetDescriptor>([.. """{"name":"a"""u8, 0xFF, .. "\"}"u8]), Throws.InstanceOf<ArgumentException>());

    private static void AssertRefused<T>(string json) where T : IMessage, new() => Assert.That(() => PartnerJson.ParseText<T>(json), Throws.InstanceOf<IOException>());
}
