namespace FacilityFeed.Domain.Publishing;

/// <summary>A member that differs between two records. All values are JSON, cut and fit to be printed.</summary>
/// <param name="Member">Its path, as in <c>location.address.locality</c>.</param>
/// <param name="Old">What it was; null when it was not there.</param>
/// <param name="New">What it is; null when it is no longer there.</param>
public sealed record ChangedMember(string Member, string? Old, string? New);
