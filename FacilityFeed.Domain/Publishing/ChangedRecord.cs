namespace FacilityFeed.Domain.Publishing;

/// <summary>A record that two feeds have, with other bytes.</summary>
/// <param name="EntityId">Its id, fit to be printed.</param>
/// <param name="Members">What differs, some of it at least; nothing when the same values are written otherwise.</param>
public sealed record ChangedRecord(string EntityId, IReadOnlyList<ChangedMember> Members);
