namespace FacilityFeed.Tests.Faults;

public sealed class FaultReportTests
{
    [Test]
    public void EachRow_HasItsMedianAndWorst_AndSaysWhenAPromiseDidNotHold()
    {
        var record = new FaultRecord();
        var (first, second) = (FaultMatrix.All[1], FaultMatrix.All[2]);
        foreach (var seconds in new[] { 30, 10, 20 })
        {
            record.Add(first, new FaultOutcome(TimeSpan.FromSeconds(seconds), [Domain.CrashPoint.RunWritten]));
        }

        record.Fail(second, new InvalidOperationException("a key in two shards"));

        var report = FaultReport.Write(record, TimeSpan.FromMinutes(61), 6).Split('\n');

        Assert.That(report, Has.One.StartsWith($"| {first.Name} |").And.EndsWith("| 3 | 0 | 20.0 s | 30.0 s |"));
        Assert.That(report, Has.One.StartsWith($"| {second.Name} |").And.EndsWith("| 1 | 1 | – | – |"));
        Assert.That(report, Has.One.StartsWith("**1 did not hold.**"));
        Assert.That(report, Has.One.Contains("RunWritten 3, PlanJobWritten 0"));
    }

    [Test]
    public void EveryRow_HasANameOfItsOwn() => Assert.That(FaultMatrix.All.Select(fault => fault.Name), Is.Unique);
}
