using FacilityFeed.Domain.Shaping;
using FacilityFeed.Domain.Storing;

namespace FacilityFeed.Domain.Exporting;

/// <summary>What an attempt proved it did.</summary>
/// <param name="RowsRead">Rows read, which is also the database's own count of the range.</param>
/// <param name="Records">Records written.</param>
/// <param name="JsonBytes">Length of the shard before it was compressed; 0 when there is none.</param>
/// <param name="Tally">What was rejected and warned of; <c>RowsRead = Records + Tally.Rejected</c>.</param>
/// <param name="Shard">The stored shard; null when there were no records, for then no shard is made.</param>
public sealed record ChunkOutcome(long RowsRead, long Records, long JsonBytes, ShapingTally Tally, StoredObject? Shard);
