namespace FacilityFeed.Domain.Publishing;

/// <summary>A record that one of two feeds has. Both values are fit to be printed.</summary>
/// <param name="EntityId">Its id.</param>
/// <param name="Label">Its name; its address in the web where it has no name; else empty.</param>
public sealed record SampleRecord(string EntityId, string Label);
