namespace FacilityFeed.Domain.Shaping;

/// <summary>A record that was rejected or warned of, to be looked at.</summary>
/// <param name="IsRejected">Whether it was left out; otherwise it went out changed.</param>
/// <param name="Id">Its key in the source.</param>
/// <param name="Field">The field, as in <c>postal_code</c>.</param>
/// <param name="Reason">The reason code, as in <c>postal_code_missing</c>.</param>
/// <param name="Value">The field's value as it came, cut and with control characters escaped; empty when there was none.</param>
public sealed record NotedRecord(bool IsRejected, long Id, string Field, string Reason, string Value);
