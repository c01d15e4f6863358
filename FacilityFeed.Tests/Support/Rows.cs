using System.Text;
using FacilityFeed.Domain.Reading;
using FacilityFeed.Domain.Writing;

namespace FacilityFeed.Tests.Support;

/// <summary>Rows as a source gives them, and shards of them.</summary>
public static class Rows
{
    /// <summary>The entity feed, without a prefix.</summary>
    public static FeedFormat Entity { get; } = new EntityFormat(FormatOptions.None);

    /// <summary>The action feed with this kind, template and prefix.</summary>
    public static FeedFormat Action(string kind = "appointment", string template = "https://example.com/book/{id}", string prefix = "") =>
        new ActionFormat(new FormatOptions(prefix, name => name == "ActionKind" ? kind : template, (name, why) => Assert.Fail($"{name}: {why}")));

    /// <summary>The entity feed with this prefix.</summary>
    public static FeedFormat EntityWith(string prefix) => new EntityFormat(new FormatOptions(prefix, _ => null, (_, _) => { }));

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
    public static byte[] Shard(Compression compression, params IEnumerable<FacilityRow> rows) => ShardOf(Entity, compression, rows);

    /// <summary>The bytes of a shard of these rows in another format.</summary>
    public static byte[] ShardOf(FeedFormat format, Compression compression, params IEnumerable<FacilityRow> rows)
    {
        using var target = new MemoryStream();
        using var shard = new ShardWriter(target, compression, format);
        foreach (var row in rows)
        {
            shard.Write(row);
        }

        shard.Complete();
        return target.ToArray();
    }
}
