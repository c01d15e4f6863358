namespace FacilityFeed.Domain.Planning;

/// <summary>How one run is cut.</summary>
/// <param name="ChunkSize">Rows in each chunk but the last.</param>
/// <param name="Ranges">Disjoint, in key order, covering every key of the snapshot; empty for an empty source.</param>
public sealed record ChunkPlan(int ChunkSize, IReadOnlyList<ChunkRange> Ranges);
