using FacilityFeed.Domain;
using FacilityFeed.Domain.Ledger;
using FacilityFeed.Scheduler.Watching;
using FacilityFeed.Tests.Support;

namespace FacilityFeed.Tests.Exporting;

/// <summary>A thread that never goes on, in a process that lives.</summary>
public sealed class HungAttemptTests
{
    private static readonly WatchTimes _times = new() { Stall = TimeSpan.FromSeconds(2), Beat = TimeSpan.FromMilliseconds(200) };

    [TestCase(CrashPoint.PlanTaken, "Run 1 plan")]
    [TestCase(CrashPoint.ChunkHalfRead, "Run 1 chunk 1")]
    [TestCase(CrashPoint.ManifestTaken, "Run 1 manifest")]
    public async Task AHungAttempt_IsGivenUpVisibly_AndMadeAgain(CrashPoint point, string what)
    {
        using var forEver = new ManualResetEventSlim();
        await using var host = await TestHost.CreateAsync(Facilities.Numbered(1, 25), watch: _times, points: new HangOnce(point, forEver));

        var run = await host.PublishAsync();

        Assert.That((run.State, run.Records), Is.EqualTo((RunState.Published, 25L)), run.Reason);
        Assert.That(await host.State.ScalarAsync<string>("SELECT string_agg(data ->> 'ExceptionMessage', '') FROM hangfire.state WHERE name = 'Failed'"),
            Does.StartWith($"{what}: nothing has moved for"));
        forEver.Set();
    }

    [Test]
    public async Task AnAttemptThatHangsWithinItsTransaction_DoesNotKeepTheOthersFromGoingOn()
    {
        // It holds the run's row: no other chunk could be counted until the database takes it away.
        using var forEver = new ManualResetEventSlim();
        await using var host = await TestHost.CreateAsync(Facilities.Numbered(1, 25), watch: _times, points: new HangOnce(CrashPoint.ChunkCounted, forEver));

        var run = await host.PublishAsync();

        Assert.That((run.State, run.Records), Is.EqualTo((RunState.Published, 25L)), run.Reason);
        forEver.Set();
    }

    [TestCase(CrashPoint.FannedOut)]
    [TestCase(CrashPoint.ChunkFinished)]
    [TestCase(CrashPoint.RunPublished)]
    public async Task AnAttemptThatHangs_WhenItNoLongerCounts_FreesItsWorker(CrashPoint point)
    {
        using var forEver = new ManualResetEventSlim();
        await using var host = await TestHost.CreateAsync(Facilities.Numbered(1, 25), watch: _times, points: new HangOnce(point, forEver));

        var run = await host.PublishAsync();

        Assert.That((run.State, run.Records), Is.EqualTo((RunState.Published, 25L)), run.Reason);
        await Until.TrueAsync(async () => await host.State.ScalarAsync<long>("SELECT count(*) FROM hangfire.job WHERE statename <> 'Succeeded'") == 0, TimeSpan.FromSeconds(60), "the hung job to end");
        forEver.Set();
    }

    [Test]
    public async Task AnAttemptThatSaysWhatItWaitsFor_IsNotTakenForHung()
    {
        // The jump to the first range's end takes longer than the stall, and less than a statement may.
        var slowPlan = Facilities.Slow(20, 0.15).Replace("'COPY%'", "'%OFFSET%'", StringComparison.Ordinal);
        await using var host = await TestHost.CreateAsync(slowPlan, watch: _times);

        var run = await host.PublishAsync();

        Assert.That(run.State, Is.EqualTo(RunState.Published), run.Reason);
        Assert.That(await host.State.ScalarAsync<int>("SELECT plan_attempt FROM feed.run"), Is.EqualTo(1));
        Assert.That(await host.State.ScalarAsync<double>("SELECT extract(epoch FROM r.at - p.at)::float8 FROM feed.run_event p JOIN feed.run_event r ON r.event = 'running' WHERE p.event = 'planning'"), Is.GreaterThan(_times.Stall.TotalSeconds));
    }

    private sealed class HangOnce(CrashPoint at, ManualResetEventSlim forEver) : CrashPoints
    {
        private int _isHung;

        public override void Pass(CrashPoint point, int chunk = 0)
        {
            if (point == at && (chunk is 0 or 1) && Interlocked.Exchange(ref _isHung, 1) == 0)
            {
                forEver.Wait();
            }
        }
    }
}
