namespace FacilityFeed.Domain.Shaping;

/// <summary>The fields that have a rule, in the order in which they are looked at. The names are stored, in snake case: never rename one.</summary>
public enum FacilityField
{
    /// <summary>The name.</summary>
    Name,

    /// <summary>The country.</summary>
    Country,

    /// <summary>City or town.</summary>
    Locality,

    /// <summary>State or province.</summary>
    Region,

    /// <summary>The postal code.</summary>
    PostalCode,

    /// <summary>Street and number.</summary>
    StreetAddress,

    /// <summary>The telephone number.</summary>
    Telephone,

    /// <summary>The address of its website.</summary>
    Url,

    /// <summary>Latitude and longitude, which are given together.</summary>
    Coordinates,
}
