namespace FacilityFeed.Domain.Publishing;

/// <summary>What the guard says of a finished run; each a sentence with the numbers.</summary>
/// <param name="Breaches">Why it must not be published without a person; none: it may.</param>
/// <param name="Warnings">What a person should know, and that holds nothing up.</param>
public sealed record GuardVerdict(IReadOnlyList<string> Breaches, IReadOnlyList<string> Warnings);
