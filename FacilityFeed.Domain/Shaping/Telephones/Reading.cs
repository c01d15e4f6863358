namespace FacilityFeed.Domain.Shaping.Telephones;

/// <summary>What digits were read as.</summary>
/// <param name="Number"><c>+</c> and digits, valid; null when there is none that is certain.</param>
/// <param name="IsAmbiguous">Whether there were two.</param>
/// <param name="HasMore">Whether digits were left over: a second number, the end of a range.</param>
internal readonly record struct Reading(string? Number, bool IsAmbiguous = false, bool HasMore = false)
{
    /// <summary>No number.</summary>
    public static Reading None => default;

    /// <summary>Two that are equally good.</summary>
    public static Reading Ambiguous => new(null, IsAmbiguous: true);
}
