using FacilityFeed.Tests.Faults.Rows;

namespace FacilityFeed.Tests.Faults;

/// <summary>All faults, in the order of the published matrix.</summary>
internal static class FaultMatrix
{
    public static IReadOnlyList<Fault> All { get; } =
    [
        .. KillRows.All(),
        .. DatabaseRows.All(),
        .. SessionRows.All(),
        .. DistanceRows.All(),
        .. StoreRows.All(),
        .. FrozenRows.All(),
        .. ClockRows.All(),
        .. OperatorRows.All(),
    ];
}
