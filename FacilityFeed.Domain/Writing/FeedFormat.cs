using System.Globalization;
using System.Text;
using System.Text.Json;
using FacilityFeed.Domain.Reading;

namespace FacilityFeed.Domain.Writing;

/// <summary>One partner's form of a record. All formats are made from the same shaped rows, so what one of them leaves out is in none.</summary>
public abstract class FeedFormat(FormatOptions options)
{
    private static readonly JsonEncodedText _entityId = JsonEncodedText.Encode("entity_id");
    private readonly byte[] _prefix = Encoding.ASCII.GetBytes(options.EntityIdPrefix);

    /// <summary>Comes before the key in each <c>entity_id</c>.</summary>
    public string EntityIdPrefix { get; } = options.EntityIdPrefix;

    /// <summary>Everything else in its settings that changes what is written, in words; two formats that write the same bytes say the same.</summary>
    public abstract string Identity { get; }

    /// <summary>Writes one record: fixed member order, absent values left out.</summary>
    public abstract void Write(Utf8JsonWriter json, FacilityRow row);

    /// <summary>Whether both write the same bytes of the same rows.</summary>
    public sealed override bool Equals(object? obj) => obj is FeedFormat other && other.Identity == Identity && other.EntityIdPrefix == EntityIdPrefix;

    /// <inheritdoc/>
    public sealed override int GetHashCode() => HashCode.Combine(Identity, EntityIdPrefix);

    /// <summary>Writes the member <c>entity_id</c>: the prefix and the key, a string, the same in every format.</summary>
    protected void WriteEntityId(Utf8JsonWriter json, long id)
    {
        Span<byte> entityId = stackalloc byte[FormatOptions.LongestEntityId];
        json.WriteString(_entityId, entityId[..FormatEntityId(entityId, id)]);
    }

    /// <summary>Puts the <c>entity_id</c> of a key at the start of <paramref name="utf8"/>.</summary>
    /// <returns>Its length.</returns>
    protected int FormatEntityId(Span<byte> utf8, long id)
    {
        _prefix.CopyTo(utf8);
        id.TryFormat(utf8[_prefix.Length..], out var digits, provider: CultureInfo.InvariantCulture);
        return _prefix.Length + digits;
    }
}
