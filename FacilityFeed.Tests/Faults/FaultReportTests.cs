namespace FacilityFeed.Tests.Faults;

public sealed class FaultReportTests
{
    [Test]
    public void EachRow_HasItsMedianWorstAndLimit_AndSaysWhenAPromiseDidNotHold()
    {
        var record = new FaultRecord();
        var (first, second, third) = (FaultMatrix.All[1], FaultMatrix.All[2], FaultMatrix.All[3]);
        foreach (var seconds in new[] { 30, 10, 20 })
        {
            record.Add(first, new FaultOutcome(TimeSpan.FromSeconds(seconds), [Domain.CrashPoint.RunWritten]));
        }

        record.Fail(second, new InvalidOperationException("a key in two shards"));
        record.Add(third, new FaultOutcome(TimeSpan.FromSeconds(75), []));
        record.Add(third, new FaultOutcome(TimeSpan.FromSeconds(75.4), []));

        var report = FaultReport.Write(record, TimeSpan.FromMinutes(61), 6).Split('\n');

        Assert.That(report, Has.One.StartsWith($"| {first.Name} |").And.EndsWith("| 3 | 0 | 20.0 s | 30.0 s | 75 s |"));
        Assert.That(report, Has.One.StartsWith($"| {second.Name} |").And.EndsWith("| 1 | 1 | – | – | 75 s |"));
        Assert.That(report, Has.One.StartsWith($"| {third.Name} |").And.EndsWith("| 2 | 1 | 75.2 s | **75.4 s** | 75 s |"), "a recovery that took too long");
        Assert.That(report, Has.One.StartsWith("**2 did not hold.**"));
        Assert.That(record.Failures, Has.One.EqualTo($"{third.Name}: recovered after 75.4 s, which is more than 75 s"));
        Assert.That(report, Has.One.Contains("RunWritten 3, PlanJobWritten 0"));
    }

    [Test]
    public void EveryRow_HasANameOfItsOwn() => Assert.That(FaultMatrix.All.Select(fault => fault.Name), Is.Unique);
}
