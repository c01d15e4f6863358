using System.Diagnostics;
using FacilityFeed.Domain;
using FacilityFeed.Tests.Support;

namespace FacilityFeed.Tests.Faults;

/// <summary>
/// Every fault as often as its row says, with the settings as shipped; writes <c>docs/faults.md</c>. Takes an hour, most of which is waiting
/// for time-outs: <c>./test soak</c>.
/// </summary>
[Category("Soak")]
public sealed class FaultSoak
{
    /// <summary>Labs at a time. They mostly wait.</summary>
    private static readonly int _atATime = int.Parse(Environment.GetEnvironmentVariable("SOAK_LABS") ?? "8", System.Globalization.CultureInfo.InvariantCulture);

    [Test]
    [Explicit("takes an hour")]
    public async Task EveryPromiseHolds_WithTheShippedSettings()
    {
        var start = Stopwatch.GetTimestamp();
        var record = new FaultRecord();
        var options = new ParallelOptions { MaxDegreeOfParallelism = _atATime };
        // The long ones first, and a row's repetitions not all at the same time.
        var all = FaultMatrix.All.OrderBy(fault => fault.Repetitions).SelectMany(fault => Enumerable.Range(1, fault.Repetitions).Select(time => (fault, time))).OrderBy(having => having.time);
        await Parallel.ForEachAsync(all, options, async (having, _) => await HaveAsync(having.fault, record));

        var missed = Enum.GetValues<CrashPoint>().Except(record.Hits.Keys).ToList();
        await File.WriteAllTextAsync(Repository.File("docs/faults.md"), FaultReport.Write(record, Stopwatch.GetElapsedTime(start), _atATime));
        Assert.That(record.Failures, Is.Empty);
        Assert.That(missed, Is.Empty, "crash points that were never hit");
    }

    private static IEnumerable<TestCaseData> Faults() => FaultMatrix.All.Select(fault => new TestCaseData(fault).SetArgDisplayNames(fault.Name));

    /// <summary>One row as the soak has it, once: for whoever works on it.</summary>
    [Explicit("takes minutes")]
    [Parallelizable(ParallelScope.Children)]
    [TestCaseSource(nameof(Faults))]
    public async Task TheLimitHolds_After(object fault)
    {
        var outcome = await ((Fault)fault).HaveAsync(FaultTimes.Shipped);

        TestContext.Out.WriteLine($"recovered after {outcome.Recovery.TotalSeconds:0.0} s");
        Assert.That(outcome.Recovery, Is.LessThanOrEqualTo(((Fault)fault).Limit ?? TimeSpan.MaxValue));
    }

    private static async Task HaveAsync(Fault fault, FaultRecord record)
    {
        try
        {
            var outcome = await fault.HaveAsync(FaultTimes.Shipped);
            record.Add(fault, outcome);
            await TestContext.Progress.WriteLineAsync($"{DateTime.UtcNow:HH:mm:ss} {fault.Name}: {outcome.Recovery.TotalSeconds:0.0} s");
        }
        catch (Exception failure)
        {
            record.Fail(fault, failure);
            await TestContext.Progress.WriteLineAsync($"{DateTime.UtcNow:HH:mm:ss} {fault.Name}: FAILED {failure}");
        }
    }
}
