using System.Diagnostics;
using FacilityFeed.Domain;
using FacilityFeed.Tests.Faults.Lab;
using FacilityFeed.Tests.Support;

namespace FacilityFeed.Tests.Faults.Rows;

/// <summary>Clocks that differ, schedules that come due twice, and one that never does.</summary>
internal static class ClockRows
{
    public static IEnumerable<Fault> All() => [Ahead(isAheadKilled: false), Ahead(isAheadKilled: true), TwoSchedulers(), Disabled()];

    private static Fault Ahead(bool isAheadKilled) => Fault.InLab($"the clock of one process is two minutes ahead, and {(isAheadKilled ? "it" : "the other")} is killed",
        "two services work on one run, one of them under libfaketime; then on another, in which one dies at ChunkHalfRead; from the kill until that run is published", async lab =>
        {
            var library = Directory.GetDirectories("/usr/lib").Select(folder => Path.Combine(folder, "faketime/libfaketimeMT.so.1")).FirstOrDefault(File.Exists);
            if (library is null)
            {
                TestServers.Missing("libfaketime is not on this machine: apt-get install faketime");
            }

            (string, string)[] ahead = [("LD_PRELOAD", library!), ("FAKETIME", "+120s"), ("FAKETIME_DONT_FAKE_MONOTONIC", "1"), ("FAKETIME_FORCE_MONOTONIC_FIX", "0")];
            var first = await lab.ServeAsync(pace: TimeSpan.FromMilliseconds(150), settings: isAheadKilled ? [] : ahead);
            var second = await lab.ServeAsync(pace: TimeSpan.FromMilliseconds(150), settings: isAheadKilled ? ahead : []);
            Assert.That(await lab.ScalarAsync<long>("SELECT count(*) FROM hangfire.server WHERE (data ->> 'StartedAt')::timestamptz > now() + interval '60 s'"), Is.Positive, "servers whose clock is ahead");
            await first.TriggerAsync();
            await lab.PublishedAsync();
            Assert.That(await lab.ScalarAsync<long>("SELECT count(*) FROM feed.run_event WHERE event = 'repair'"), Is.Zero, "repairs of what was alive");
            var end = await second.Run.TermAsync();
            Assert.That(end.ExitCode, Is.Zero, end.Errors);

            var last = await lab.ScalarAsync<long>("SELECT max(id) FROM feed.run");
            var killed = await lab.ServeAsync(CrashPoint.ChunkHalfRead, settings: isAheadKilled ? ahead : []);
            await first.TriggerAsync();
            await killed.DieAsync();
            return await lab.RecoverAsync(first, killed.DiedAt, last);
        }) with
    { Limit = FaultLimits.Killed, Also = "while both live, nothing is repaired" };

    private static Fault TwoSchedulers() => Fault.InLab("two schedulers on one state database",
        "two services run the same schedule, every five seconds, until eight runs are over; no recovery", async lab =>
        {
            (string, string)[] often = [("FEED_CRON", "*/5 * * * * *")];
            var both = new[] { await lab.ServeAsync(settings: often), await lab.ServeAsync(settings: often) };
            await Until.TrueAsync(async () => await lab.ScalarAsync<long>("SELECT count(*) FROM feed.run WHERE state IN ('published', 'skipped')") >= 8, lab.Times.Patience, "eight runs");
            foreach (var service in both)
            {
                Assert.That((await service.Run.TermAsync()).ExitCode, Is.Zero);
            }

            var single = await lab.ServeAsync();
            await lab.EndedAsync();
            var twice = await lab.ScalarAsync<long>("SELECT count(*) - count(DISTINCT value) FROM hangfire.jobparameter WHERE name = 'Time'");
            Assert.That(twice, Is.Zero, "occurrences that both of them triggered");
            Assert.That(await lab.ScalarAsync<long>("SELECT count(*) - count(DISTINCT run_key) FROM feed.run WHERE origin <> 'overdue'"), Is.Zero, "times that have two runs");
            Assert.That(await lab.ScalarAsync<long>("SELECT count(*) FROM feed.run r WHERE origin IN ('schedule', 'missed, made late') AND NOT EXISTS (SELECT FROM feed.occurrence WHERE run_id = r.id)"), Is.Zero, "runs of the schedule that belong to none of its times");
            Assert.That(await lab.ScalarAsync<long>("SELECT count(*) - count(DISTINCT due_at) FROM feed.occurrence"), Is.Zero, "times that are there twice");
            await lab.AssertPromisesAsync(single);
            return TimeSpan.Zero;
        }) with
    { Repetitions = 1, Also = "no occurrence is triggered by both" };

    private static Fault Disabled() => Fault.InLab("a recurring job that Hangfire has disabled",
        "its row says what Hangfire writes when it gives a schedule up; from there until it is due again", async lab =>
        {
            var service = await lab.ServeAsync();
            await lab.ExecuteAsync("UPDATE hangfire.hash SET value = '' WHERE key = 'recurring-job:facility' AND field = 'NextExecution'; UPDATE hangfire.set SET score = -1 WHERE key = 'recurring-jobs'");
            var start = Stopwatch.GetTimestamp();
            await Until.TrueAsync(async () => await lab.ScalarAsync<double>("SELECT coalesce(max(score), -1) FROM hangfire.set WHERE key = 'recurring-jobs'") > 0, lab.Times.Patience, "the schedule to be registered again");
            var recovery = FaultLab.Since(start);
            await service.TriggerAsync();
            await lab.PublishedAsync();
            await lab.AssertPromisesAsync(service);
            return recovery;
        });
}
