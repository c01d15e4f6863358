namespace FacilityFeed.Domain.Shaping;

/// <summary>How often one reason was met.</summary>
/// <param name="IsRejected">Whether the records were left out; otherwise they went out changed.</param>
/// <param name="Field">The field, as in <c>postal_code</c>.</param>
/// <param name="Reason">The reason code, as in <c>postal_code_missing</c>.</param>
/// <param name="Count">How often.</param>
public sealed record ReasonCount(bool IsRejected, string Field, string Reason, long Count);
