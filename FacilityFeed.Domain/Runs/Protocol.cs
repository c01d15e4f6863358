namespace FacilityFeed.Domain.Runs;

/// <summary>
/// What the makers of a run promise, as a number that each run carries. Whatever changes a run or one of its chunks says with which number
/// it writes, and the database refuses a lower one: an older build that lives beside this one so never judges what it does not know.
/// </summary>
/// <remarks>
/// Raise the number, and the names of the queues with it, with any change of what an attempt must record, of a type in the ledger, or of
/// what the guard judges. Builds that name none count as 1.
/// </remarks>
public static class Protocol
{
    /// <summary>What this build promises.</summary>
    public const int Number = 2;

    /// <summary>Stands in each SET list of a statement that changes <c>feed.run</c> or <c>feed.chunk</c>, where a trigger reads and clears it.</summary>
    public const string Writer = "writer = 2";
}
