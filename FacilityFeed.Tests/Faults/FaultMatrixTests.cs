// The labs mostly wait for time-outs.
[assembly: LevelOfParallelism(4)]

namespace FacilityFeed.Tests.Faults;

/// <summary>Each fault once, with shortened times: <c>./test faults</c>.</summary>
[Category(Category)]
[Parallelizable(ParallelScope.Children)]
public sealed class FaultMatrixTests
{
    /// <summary>Left out of <c>./test</c>, for they take a quarter of an hour.</summary>
    public const string Category = "Faults";

    // The long ones first: the others are had beside them.
    private static IEnumerable<TestCaseData> Faults() => FaultMatrix.All.OrderBy(fault => fault.Repetitions).Select(fault => new TestCaseData(fault).SetArgDisplayNames(fault.Name));

    [TestCaseSource(nameof(Faults))]
    public async Task EveryPromiseHolds_After(object fault)
    {
        var outcome = await ((Fault)fault).HaveAsync(FaultTimes.Shortened);

        TestContext.Out.WriteLine($"recovered after {outcome.Recovery.TotalSeconds:0.0} s");
        Assert.That(outcome.Recovery, Is.GreaterThanOrEqualTo(TimeSpan.Zero));
    }
}
