using FacilityFeed.Domain.Reading;

namespace FacilityFeed.Domain.Shaping;

/// <summary>The rule for values that are not of their column's kind: missing, and said.</summary>
internal static class UnusableValues
{
    /// <summary>What the source has in a field that is empty for want of its kind; null in any other field.</summary>
    public static ReadOnlyMemory<byte>? Find(IList<UnusableValue> unusable, FacilityField field)
    {
        for (var at = 0; at < unusable.Count; at++)
        {
            if (FieldOf(unusable[at].Column) == field)
            {
                return unusable[at].Value;
            }
        }

        return null;
    }

    /// <summary>For a row that goes out without them.</summary>
    public static void WarnOfTexts(IList<UnusableValue> unusable, RowWarnings warnings)
    {
        for (var at = 0; at < unusable.Count; at++)
        {
            if (FieldOf(unusable[at].Column) is var field and not FacilityField.Coordinates)
            {
                warnings.Add(field, Flaw.Unusable, unusable[at].Value);
            }
        }
    }

    private static FacilityField FieldOf(string column) => column switch
    {
        "name" => FacilityField.Name,
        "phone" => FacilityField.Telephone,
        "url" => FacilityField.Url,
        "country" => FacilityField.Country,
        "locality" => FacilityField.Locality,
        "region" => FacilityField.Region,
        "postal_code" => FacilityField.PostalCode,
        "street_address" => FacilityField.StreetAddress,
        FacilityColumns.Latitude or FacilityColumns.Longitude => FacilityField.Coordinates,
        _ => throw new ArgumentOutOfRangeException(nameof(column), column, "is no column of a field"),
    };
}
