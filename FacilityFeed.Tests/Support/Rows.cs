using System.Text;
using FacilityFeed.Domain.Reading;
using FacilityFeed.Domain.Writing;

namespace FacilityFeed.Tests.Support;

/// <summary>Rows as a source gives them, and shards of them.</summary>
public static class Rows
{
    /// <summary>The entity feed, without a prefix.</summary>
    public static FeedFormat Entity { get; } = new EntityFormat(FormatOptions.None);

    /// <summary>A row with every column set.</summary>
    public static FacilityRow Full(long id) => new()
    {
        Id = id,
        Name = Utf8($"Studio {id}"),
        Phone = Utf8("+49301000000"),
        Url = Utf8("https://studio.example/?a=1&b=2"),
        Latitude = 52.5,
        Longitude = -13.25,
        Country = Utf8("DE"),
        Locality = Utf8("Köln"),
        Region = Utf8("NRW"),
        PostalCode = Utf8("50667"),
        StreetAddress = Utf8("Torstraße 1"),
    };

    public static ReadOnlyMemory<byte> Utf8(string text) => Encoding.UTF8.GetBytes(text);

    /// <summary>The bytes of a shard of these rows.</summary>
    public static byte[] Shard(Compression compression, params IEnumerable<FacilityRow> rows)
    {
        using var target = new MemoryStream();
        using var shard = new ShardWriter(target, compression, Entity);
        foreach (var row in rows)
        {
            shard.Write(row);
        }

        shard.Complete();
        return target.ToArray();
    }
}
