using System.Diagnostics;
using FacilityFeed.Domain;
using FacilityFeed.Tests.Faults.Lab;

namespace FacilityFeed.Tests.Faults.Rows;

/// <summary>Processes that are killed, at every step and at any moment.</summary>
internal static class KillRows
{
    private static readonly TimeSpan _pace = TimeSpan.FromMilliseconds(150);

    // However many processors a machine has, the run lasts.
    private static readonly Dictionary<string, string> _twoWorkers = new() { ["Feeds__facility__Workers"] = "2" };

    public static IEnumerable<Fault> All() =>
    [
        Undisturbed(),
        .. AtEveryPoint(),
        .. new[] { CrashPoint.NamesClaimed, CrashPoint.ShardStored, CrashPoint.ManifestStored, CrashPoint.AliasStored, CrashPoint.RunPublished }.Select(point => AtPoint(point, isOnS3: true)),
        BesideAnother(),
        UnderABacklog(),
        AtRandom(),
        AHundredTimes(),
        ByTerm(),
    ];

    /// <summary>What the others are compared with.</summary>
    private static Fault Undisturbed() => Fault.InLab("nothing but rows that are inserted, updated and deleted",
        "throughout the run, as in all the others; from the trigger until the run is published", async lab =>
        {
            var service = await lab.ServeAsync();
            var start = Stopwatch.GetTimestamp();
            await service.TriggerAsync();
            await lab.PublishedAsync();
            var whole = FaultLab.Since(start);
            Assert.That(await lab.ScalarAsync<long>("SELECT count(*) FROM feed.run_event WHERE event = 'repair'"), Is.Zero, "repairs");
            await lab.AssertPromisesAsync(service);
            return whole;
        }) with
    { Also = "nothing is repaired" };

    public static IEnumerable<Fault> AtEveryPoint() => Enum.GetValues<CrashPoint>().Select(point => AtPoint(point));

    private static Fault AtPoint(CrashPoint point, bool isOnS3 = false) => Fault.InLab($"kill -9 at {point}{(isOnS3 ? ", on S3" : "")}",
        point < CrashPoint.RunPublished
            ? "the only service dies at this point and is started again at once; from the kill until the run is published"
            : "the only service dies at this point, when the run is published already; from the kill until it is up again", async lab =>
        {
            var first = await lab.ServeAsync(point, ChunkOf(point));
            await first.TriggerAsync();
            await first.DieAsync();

            var second = await lab.ServeAsync();
            return await lab.RecoverAsync(second, first.DiedAt);
        }, new LabPlan { IsOnS3 = isOnS3 }) with
    { Limit = FaultLimits.Killed };

    private static Fault BesideAnother() => Fault.InLab("kill -9 in a chunk, another service lives",
        "one of two services dies at ChunkHalfRead; from the kill until the run is published", async lab =>
        {
            var other = await lab.ServeAsync(pace: _pace);
            var killed = await lab.ServeAsync(CrashPoint.ChunkHalfRead);
            await other.TriggerAsync();
            await killed.DieAsync();
            var killedAt = await lab.ScalarAsync<DateTime>("SELECT clock_timestamp()");

            await lab.PublishedAsync();
            var recovery = FaultLab.Since(killed.DiedAt);
            await AssertAgainAsync(lab, killedAt);
            await lab.AssertPromisesAsync(other);
            return recovery;
        }) with
    { Limit = FaultLimits.Killed, Also = "its chunk runs again within 90 s of the kill" };

    private static Fault UnderABacklog() => Fault.InLab("kill -9 in a chunk under a backlog",
        "the only service dies in chunk 100 of 600, is started again at once and has the rest before it; from the kill until chunk 100 is being made again", async lab =>
        {
            var first = await lab.ServeAsync(CrashPoint.ChunkHalfRead, chunk: 100);
            await first.TriggerAsync();
            await first.DieAsync();
            var killedAt = await lab.ScalarAsync<DateTime>("SELECT clock_timestamp()");

            // So slow that the backlog outlasts the recovery.
            var second = await lab.ServeAsync(pace: lab.Times.Watch.Silence / 90);
            await lab.PublishedAsync();
            var again = await AssertAgainAsync(lab, killedAt);
            Assert.That(await lab.ScalarAsync<long>("SELECT count(*) FROM feed.chunk WHERE run_id = 1 AND started_at > (SELECT started_at FROM feed.chunk WHERE run_id = 1 AND number = 100)"),
                Is.GreaterThan(50), "chunks that were still waiting");
            await lab.AssertPromisesAsync(second);
            return again;
        }, new LabPlan { Rows = 6000, Settings = _twoWorkers }) with
    { Limit = FaultLimits.Killed, Also = "it runs again within 90 s of the kill, before chunks that have waited" };

    /// <summary>The bound that the service promises, whatever the times are.</summary>
    private static async Task<TimeSpan> AssertAgainAsync(FaultLab lab, DateTime killedAt)
    {
        var again = await lab.ScalarAsync<TimeSpan>("SELECT max(started_at) - @killedAt FROM feed.chunk WHERE run_id = 1 AND attempt > 1", new { killedAt });
        Assert.That(again, Is.LessThan(TimeSpan.FromSeconds(90)));
        return again;
    }

    private static Fault AtRandom() => Fault.InLab("kill -9 at a random moment",
        "the only service dies at a random moment of the first 5 s after the trigger and is started again at once; from the kill until the run is published", async lab =>
        {
            var first = await lab.ServeAsync(pace: _pace * 2);
            await first.TriggerAsync();
            await RandomMomentAsync(TimeSpan.Zero, TimeSpan.FromSeconds(5));
            await lab.AssertActiveAsync();
            await first.KillAsync();

            var second = await lab.ServeAsync();
            return await lab.RecoverAsync(second, first.DiedAt);
        }, new LabPlan { Settings = _twoWorkers }) with
    { Repetitions = 20, Limit = FaultLimits.Killed };

    private static Fault AHundredTimes() => Fault.InLab("kill -9 at random moments, 100 times in one run",
        "the only service dies within 3 s of its start, a hundred times over, in a run of 2000 chunks; from the last kill until the run is published, with all the chunks that were left", async lab =>
        {
            // 2000 chunks.
            const int Kills = 100;
            FaultService? last = null;
            for (var kill = 1; kill <= Kills; kill++)
            {
                last = await lab.ServeAsync(pace: TimeSpan.FromMilliseconds(400));
                if (kill == 1)
                {
                    await last.TriggerAsync();
                }

                await RandomMomentAsync(TimeSpan.FromSeconds(0.2), TimeSpan.FromSeconds(3));
                Assert.That(await lab.ScalarAsync<long>("SELECT count(*) FROM feed.run WHERE state IN ('published', 'failed')"), Is.Zero, $"the run ended before kill {kill}");
                await last.KillAsync();
            }

            var final = await lab.ServeAsync();
            return await lab.RecoverAsync(final, last!.DiedAt);
        }, new LabPlan { Rows = 20_000, Settings = new Dictionary<string, string> { ["Feeds__facility__MaxChunks"] = "2000" } }) with
    { Repetitions = 1 };

    private static Fault ByTerm() => Fault.InLab("SIGTERM at a random moment",
        "the only service is told to stop at a random moment of the first 4 s after the trigger; it is started again when it has ended; from the signal until the run is published", async lab =>
        {
            var first = await lab.ServeAsync(pace: _pace * 2);
            await first.TriggerAsync();
            await RandomMomentAsync(TimeSpan.Zero, TimeSpan.FromSeconds(4));
            await lab.AssertActiveAsync();
            var told = Stopwatch.GetTimestamp();
            var end = await first.Run.TermAsync();
            Assert.That((end.ExitCode, FaultLab.Since(told) < TimeSpan.FromSeconds(35)), Is.EqualTo((0, true)), end.Errors);
            await lab.AssertNothingVisibleAsync();

            var second = await lab.ServeAsync();
            await lab.PublishedAsync();
            var recovery = FaultLab.Since(told);
            Assert.That(await lab.ScalarAsync<long>("SELECT count(*) FROM hangfire.jobparameter WHERE name = 'RetryCount' AND value <> '0'"), Is.Zero, "retries used");
            Assert.That(await lab.ScalarAsync<long>("SELECT count(*) FROM feed.run_event WHERE event = 'repair'"), Is.Zero, "repairs: what was at work went back to its queue by itself");
            await lab.AssertPromisesAsync(second);
            return recovery;
        }, new LabPlan { Settings = _twoWorkers }) with
    { Repetitions = 10, Limit = FaultLimits.Killed, Also = "exit code 0 within 35 s; no manifest is there in between; no retry is used, and nothing needs a repair" };

    // In the middle of the run, where a point has a chunk.
    private static int ChunkOf(CrashPoint point) => point is >= CrashPoint.ChunkTaken and <= CrashPoint.ChunkFinished and not (CrashPoint.ObjectUnnamed or CrashPoint.ManifestJobWritten) ? 3 : 0;

    private static async Task RandomMomentAsync(TimeSpan least, TimeSpan most)
    {
        // No wait for something: the moment itself is the fault.
        using var timer = new PeriodicTimer(least + (Random.Shared.NextDouble() * (most - least)) + TimeSpan.FromMilliseconds(1));
        await timer.WaitForNextTickAsync();
    }
}
