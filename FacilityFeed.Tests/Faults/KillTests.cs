using FacilityFeed.Tests.Faults.Rows;

namespace FacilityFeed.Tests.Faults;

/// <summary>Of the fault matrix, what every run of the tests has: a process killed at every crash point.</summary>
[Parallelizable(ParallelScope.Children)]
public sealed class KillTests
{
    private static IEnumerable<TestCaseData> Faults() => KillRows.AtEveryPoint().Select(fault => new TestCaseData(fault).SetArgDisplayNames(fault.Name));

    [TestCaseSource(nameof(Faults))]
    public async Task EveryPromiseHolds_After(object fault)
    {
        var outcome = await ((Fault)fault).HaveAsync(FaultTimes.Shortened);

        Assert.That(outcome.Hits, Has.Count.EqualTo(1), "the point that was hit");
    }
}
