namespace FacilityFeed.Domain.Planning;

/// <summary>The keys of one chunk, both ends included.</summary>
/// <param name="Number">Place in the run, from 1.</param>
/// <param name="FirstId">Lowest key that belongs to the chunk; a row with it need not exist.</param>
/// <param name="LastId">Highest key that belongs to the chunk; a row with it existed when the run was planned.</param>
/// <param name="Rows">Rows in the range when the run was planned.</param>
public readonly record struct ChunkRange(int Number, long FirstId, long LastId, long Rows);
