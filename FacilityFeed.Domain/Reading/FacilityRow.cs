namespace FacilityFeed.Domain.Reading;

/// <summary>
/// One row of the source as it came: text is UTF-8, empty where the column is NULL or what it holds is not of its kind.
/// A source fills one instance again and again, so a row is valid only until the next one is read.
/// </summary>
public sealed class FacilityRow
{
    /// <summary>The key.</summary>
    public long Id { get; set; }

    /// <summary>Column <c>name</c>.</summary>
    public ReadOnlyMemory<byte> Name { get; set; }

    /// <summary>Column <c>phone</c>.</summary>
    public ReadOnlyMemory<byte> Phone { get; set; }

    /// <summary>Column <c>url</c>.</summary>
    public ReadOnlyMemory<byte> Url { get; set; }

    /// <summary>Column <c>latitude</c>, in degrees.</summary>
    public double? Latitude { get; set; }

    /// <summary>Column <c>longitude</c>, in degrees.</summary>
    public double? Longitude { get; set; }

    /// <summary>Column <c>country</c>.</summary>
    public ReadOnlyMemory<byte> Country { get; set; }

    /// <summary>Column <c>locality</c>.</summary>
    public ReadOnlyMemory<byte> Locality { get; set; }

    /// <summary>Column <c>region</c>.</summary>
    public ReadOnlyMemory<byte> Region { get; set; }

    /// <summary>Column <c>postal_code</c>.</summary>
    public ReadOnlyMemory<byte> PostalCode { get; set; }

    /// <summary>Column <c>street_address</c>.</summary>
    public ReadOnlyMemory<byte> StreetAddress { get; set; }

    /// <summary>What the source has in columns that are empty here, for it is not of their kind. Most rows have none.</summary>
    public IList<UnusableValue> Unusable { get; } = [];
}
