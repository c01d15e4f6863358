using System.Collections.Concurrent;
using FacilityFeed.Domain;

namespace FacilityFeed.Tests.Faults.Mixed;

/// <summary>This build beside an earlier one: <c>./test mixed COMMIT</c>.</summary>
[Category("Mixed")]
public sealed class MixedBuildsTests
{
    /// <summary>Rounds at a time. They mostly wait.</summary>
    private static readonly int _atATime = int.Parse(Environment.GetEnvironmentVariable("MIXED_LABS") ?? "3", System.Globalization.CultureInfo.InvariantCulture);

    // A few of them alone: MIXED_POINTS=ChunkTaken,ShardMade.
    private static IEnumerable<CrashPoint> Points() => Environment.GetEnvironmentVariable("MIXED_POINTS") is { } some ? some.Split(',').Select(Enum.Parse<CrashPoint>) : Enum.GetValues<CrashPoint>();

    [Test]
    [Explicit("needs an earlier build, and a quarter of an hour")]
    public async Task NothingUnguardedIsPublished_AndNothingIsStranded_WhereverEitherBuildDies()
    {
        var failures = new ConcurrentBag<string>();
        await Parallel.ForEachAsync(Points(), new ParallelOptions { MaxDegreeOfParallelism = _atATime }, async (point, _) =>
        {
            await using var lab = await MixedLab.CreateAsync();
            try
            {
                var seen = await new MixedRound(lab, point).HaveAsync();
                await TestContext.Progress.WriteLineAsync($"{DateTime.UtcNow:HH:mm:ss} {seen}");
            }
            catch (Exception failure)
            {
                failures.Add($"{point}: {failure.Message}");
                await TestContext.Progress.WriteLineAsync($"{DateTime.UtcNow:HH:mm:ss} {point}: FAILED {failure}\n{await lab.DescribeAsync()}");
            }
        });

        Assert.That(failures, Is.Empty);
    }
}
