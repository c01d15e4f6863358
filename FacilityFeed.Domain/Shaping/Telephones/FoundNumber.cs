namespace FacilityFeed.Domain.Shaping.Telephones;

/// <summary>What was found in a telephone column.</summary>
/// <param name="Number"><c>+</c> and digits, valid; null when no number there is certain.</param>
/// <param name="Removed">What was cut off, if anything.</param>
internal readonly record struct FoundNumber(string? Number, Flaw? Removed);
