using System.IO.Compression;
using System.Text;
using System.Text.Json;
using FacilityFeed.Domain.Reading;
using FacilityFeed.Domain.Shaping;
using FacilityFeed.Domain.Writing;
using FacilityFeed.Tests.Support;

namespace FacilityFeed.Tests.Writing;

public sealed class ShardWriterTests
{
    private static readonly string[] _members = ["entity_id", "name", "telephone", "url", "location"];
    private static readonly string[] _addressMembers = ["country", "locality", "region", "postal_code", "street_address"];

    [Test]
    public void Write_GivesExactlyThisText_WhenPlain()
    {
        var shard = Rows.Shard(Compression.None, Rows.Full(17));

        Assert.That(Encoding.UTF8.GetString(shard), Is.EqualTo(
            """{"data":[{"entity_id":"17","name":"Studio 17","telephone":"+49301000000","url":"https://studio.example/?a=1&b=2","location":{"latitude":52.5,"longitude":-13.25,"address":{"country":"DE","locality":"Köln","region":"NRW","postal_code":"50667","street_address":"Torstraße 1"}}}]}"""));
    }

    [TestCase(Compression.Gzip)]
    [TestCase(Compression.None)]
    public void Write_GivesTheSameBytes_WhenTheRowsAreTheSame(Compression compression)
    {
        var first = Rows.Shard(compression, Enumerable.Range(1, 5000).Select(id => Rows.Full(id)));
        var second = Rows.Shard(compression, Enumerable.Range(1, 5000).Select(id => Rows.Full(id)));

        Assert.That(second, Is.EqualTo(first));
    }

    [Test]
    public void Write_LeavesTimeAndFileNameOutOfTheGzipHeader()
    {
        var shard = Rows.Shard(Compression.Gzip, Rows.Full(1));

        // RFC 1952: magic, deflate, no flags (so no file name and no comment), then four bytes of time.
        Assert.That(shard[..8], Is.EqualTo(new byte[] { 0x1f, 0x8b, 8, 0, 0, 0, 0, 0 }));
    }

    [Test]
    public void Write_BeginsWithoutByteOrderMark() =>
        Assert.That(Rows.Shard(Compression.None, Rows.Full(1))[0], Is.EqualTo((byte)'{'));

    [Test]
    public void Write_KeepsRowsInOrder_WhenThereAreMoreThanOneBufferHolds()
    {
        var shard = Rows.Shard(Compression.Gzip, Enumerable.Range(1, 20_000).Select(id => Rows.Full(id)));

        using var document = Unpack(shard);
        var ids = document.RootElement.GetProperty("data").EnumerateArray().Select(record => record.GetProperty("entity_id").GetString());
        Assert.That(ids, Is.EqualTo(Enumerable.Range(1, 20_000).Select(id => $"{id}")));
    }

    [Test]
    public void Write_OrdersTheMembers()
    {
        using var document = Unpack(Rows.Shard(Compression.Gzip, Rows.Full(1)));

        var record = document.RootElement.GetProperty("data")[0];
        var location = record.GetProperty("location");
        Assert.That(Names(record), Is.EqualTo(_members));
        Assert.That(Names(location), Is.EqualTo(new[] { "latitude", "longitude", "address" }));
        Assert.That(Names(location.GetProperty("address")), Is.EqualTo(_addressMembers));
    }

    [Test]
    public void Write_LeavesOutLocation_WhenNothingOfItIsKnown() =>
        Assert.That(Plain(new FacilityRow { Id = 5, Name = Rows.Utf8("A") }), Is.EqualTo("""{"data":[{"entity_id":"5","name":"A"}]}"""));

    [Test]
    public void Write_LeavesOutAddress_WhenOnlyCoordinatesAreKnown() =>
        Assert.That(Plain(new FacilityRow { Id = 5, Latitude = 0, Longitude = 1e-7 }),
            Is.EqualTo("""{"data":[{"entity_id":"5","location":{"latitude":0,"longitude":1E-07}}]}"""));

    [TestCaseSource(nameof(_addressMembers))]
    public void Write_KeepsTheAddress_WhenOnlyOneMemberOfItIsKnown(string member)
    {
        var row = new FacilityRow { Id = 5 };
        Set(row, member, Rows.Utf8("x"));

        Assert.That(Plain(row), Is.EqualTo("""{"data":[{"entity_id":"5","location":{"address":{"MEMBER":"x"}}}]}""".Replace("MEMBER", member, StringComparison.Ordinal)));
    }

    [TestCase(long.MinValue, "-9223372036854775808")]
    [TestCase(long.MaxValue, "9223372036854775807")]
    [TestCase(0L, "0")]
    public void Write_WritesTheIdAsAString(long id, string expected)
    {
        using var document = Unpack(Rows.Shard(Compression.Gzip, new FacilityRow { Id = id }));

        var member = document.RootElement.GetProperty("data")[0].GetProperty("entity_id");
        Assert.That(member.ValueKind, Is.EqualTo(JsonValueKind.String));
        Assert.That(member.GetString(), Is.EqualTo(expected));
    }

    [TestCase(double.NaN, 1.5, """{"longitude":1.5}""")]
    [TestCase(1.5, double.PositiveInfinity, """{"latitude":1.5}""")]
    [TestCase(1.5, double.NegativeInfinity, """{"latitude":1.5}""")]
    public void Shape_LeavesOutWhatJsonHasNoNumberFor(double latitude, double longitude, string expected)
    {
        var row = new FacilityRow { Id = 5, Latitude = latitude, Longitude = longitude };

        new FacilityShaper(Validation.Off).TryShape(row, new ShapingTally());

        Assert.That(Plain(row), Is.EqualTo("""{"data":[{"entity_id":"5","location":LOCATION}]}""".Replace("LOCATION", expected, StringComparison.Ordinal)));
    }

    [Test]
    public void Shape_LeavesOutTheLocation_WhenNeitherCoordinateIsANumber()
    {
        var row = new FacilityRow { Id = 5, Latitude = double.NaN, Longitude = double.NaN };

        new FacilityShaper(Validation.Off).TryShape(row, new ShapingTally());

        Assert.That(Plain(row), Is.EqualTo("""{"data":[{"entity_id":"5"}]}"""));
    }

    [TestCase(double.MaxValue)]
    [TestCase(double.Epsilon)]
    [TestCase(52.51704123456789)]
    [TestCase(-0.1)]
    public void Write_KeepsEachDigitOfACoordinate(double degrees)
    {
        using var document = Unpack(Rows.Shard(Compression.Gzip, new FacilityRow { Id = 1, Latitude = degrees }));

        Assert.That(document.RootElement.GetProperty("data")[0].GetProperty("location").GetProperty("latitude").GetDouble(), Is.EqualTo(degrees));
    }

    [TestCase(Compression.Gzip)]
    [TestCase(Compression.None)]
    public void Complete_GivesAnEmptyArray_WhenThereAreNoRows(Compression compression)
    {
        using var document = compression == Compression.Gzip ? Unpack(Rows.Shard(compression)) : JsonDocument.Parse(Rows.Shard(compression));

        Assert.That(document.RootElement.GetRawText(), Is.EqualTo("""{"data":[]}"""));
    }

    [TestCase(Compression.Gzip, 0)]
    [TestCase(Compression.Gzip, 3)]
    [TestCase(Compression.Gzip, 5000)]
    [TestCase(Compression.None, 3)]
    [TestCase(Compression.None, 5000)]
    public void Dispose_LeavesNoValidJson_WhenTheShardIsNotComplete(Compression compression, int rows)
    {
        using var target = new MemoryStream();
        using (var shard = new ShardWriter(target, compression, Rows.Entity))
        {
            for (var id = 1; id <= rows; id++)
            {
                shard.Write(Rows.Full(id));
            }
        }

        var json = compression == Compression.Gzip ? Gunzip(target.ToArray()) : target.ToArray();
        Assert.That(() => JsonDocument.Parse(json), Throws.InstanceOf<JsonException>());
    }

    [TestCase(Compression.Gzip)]
    [TestCase(Compression.None)]
    public void Complete_LeavesTheTargetOpen(Compression compression)
    {
        using var target = new MemoryStream();
        using (var shard = new ShardWriter(target, compression, Rows.Entity))
        {
            shard.Complete();
        }

        Assert.That(target.CanWrite, Is.True);
    }

    [Test]
    public void Records_CountsTheRows()
    {
        using var shard = new ShardWriter(Stream.Null, Compression.Gzip, Rows.Entity);
        shard.Write(Rows.Full(1));
        shard.Write(Rows.Full(2));

        Assert.That(shard.Records, Is.EqualTo(2));
    }

    private static IEnumerable<string> Names(JsonElement parent) => parent.EnumerateObject().Select(member => member.Name);

    private static string Plain(FacilityRow row) => Encoding.UTF8.GetString(Rows.Shard(Compression.None, row));

    internal static JsonDocument Unpack(byte[] shard) => JsonDocument.Parse(Gunzip(shard));

    private static byte[] Gunzip(byte[] packed)
    {
        using var unpacked = new MemoryStream();
        using var gzip = new GZipStream(new MemoryStream(packed), CompressionMode.Decompress);
        gzip.CopyTo(unpacked);
        return unpacked.ToArray();
    }

    private static void Set(FacilityRow row, string member, ReadOnlyMemory<byte> value) => _ = member switch
    {
        "country" => row.Country = value,
        "locality" => row.Locality = value,
        "region" => row.Region = value,
        "postal_code" => row.PostalCode = value,
        _ => row.StreetAddress = value,
    };
}
