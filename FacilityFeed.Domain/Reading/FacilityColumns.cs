namespace FacilityFeed.Domain.Reading;

/// <summary>The columns a source table must have.</summary>
public static class FacilityColumns
{
    /// <summary>The integer key.</summary>
    public const string Key = "id";

    /// <summary>The first coordinate, in degrees.</summary>
    public const string Latitude = "latitude";

    /// <summary>The second coordinate, in degrees.</summary>
    public const string Longitude = "longitude";

    /// <summary>All columns, in the order in which a source reads them: the key, text, then in the middle the two coordinates.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        Key, "name", "phone", "url", Latitude, Longitude, "country", "locality", "region", "postal_code", "street_address",
    ];

    /// <summary>Whether a column is a coordinate, a number of degrees; every other column but the key is text.</summary>
    public static bool IsCoordinate(string column) => column is Latitude or Longitude;
}
