using FacilityFeed.Domain.Ledger;
using FacilityFeed.Infrastructure.Ledger;
using FacilityFeed.Scheduler.Scheduling;
using FacilityFeed.Scheduler.Watching;
using FacilityFeed.Tests.Support;
using Hangfire;
using Hangfire.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace FacilityFeed.Tests.Watching;

public sealed class WatcherTests
{
    private static IEnumerable<TestCaseData> HealthySources() =>
    [
        new TestCaseData(Facilities.Numbered(1, 500), 3).SetArgDisplayNames("many quick chunks"),
        new TestCaseData(Facilities.Slow(5, 1.2), 1).SetArgDisplayNames("a chunk longer than the silence"),
    ];

    [TestCaseSource(nameof(HealthySources))]
    public async Task AHealthyRun_IsNeverRepaired(string source, int rounds)
    {
        // Beats and silence keep the shipped proportions; looks come as fast as they can.
        var times = new WatchTimes { Interval = TimeSpan.FromMilliseconds(1), Silence = TimeSpan.FromSeconds(4.5), Start = TimeSpan.FromSeconds(4.5), Beat = TimeSpan.FromSeconds(1), AliasInterval = TimeSpan.Zero };
        await using var host = await TestHost.CreateAsync(source, watch: times, settings: ("Feeds:facility:Guard:WarnShards", "1000"));
        host.StartWorkers();

        for (var round = 0; round < rounds; round++)
        {
            var runId = await host.TriggerAsync();
            var run = await host.EndOfAsync(runId);
            Assert.That(run.State, Is.EqualTo(RunState.Published), run.Reason);
            Assert.That((await host.Runs.EventsAsync(runId, CancellationToken.None)).Select(line => line.Event), Is.EqualTo(new[] { "planning", "running", "publishing", "published" }));
        }
    }

    [Test]
    public async Task TwoWatchers_DoNotLookAtTheSameTime()
    {
        await using var run = await WatchedRun.PlannedAsync();
        await run.LoseAsync((await run.ChunkAsync(1)).JobId);
        await using var other = await run.Host.AnotherAsync();
        bool whileHeld;
        await using (await WatchLock.TryTakeAsync(other.Services.GetRequiredService<Databases>(), CancellationToken.None))
        {
            whileHeld = await run.Watcher.TickAsync(CancellationToken.None);
        }

        Assert.That(whileHeld, Is.False);
        Assert.That(await run.RepairsAsync(), Is.Empty);
        var looked = await Task.WhenAll(Enumerable.Range(0, 10).Select(number => (number % 2 == 0 ? run.Watcher : other.Services.GetRequiredService<Watcher>()).TickAsync(CancellationToken.None)));
        Assert.That(looked, Has.Some.True);
        Assert.That(await run.RepairsAsync(), Has.Count.EqualTo(1));
    }

    [Test]
    public async Task OldLocks_AndThoseThatNeverGrowOld_AreRemoved_AndYoungOnesAreKept()
    {
        await using var host = await TestHost.CreateAsync(Facilities.EmptyTable);
        await host.State.ExecuteAsync("INSERT INTO hangfire.lock (resource, updatecount, acquired) VALUES ('dead', 0, now() - interval '91 seconds'), ('living', 0, now() - interval '50 seconds'), ('ahead a little', 0, now() + interval '50 seconds'), ('ahead', 0, now() + interval '5 minutes'), ('hangfire:recurring-jobs:lock', 0, '2999-01-01'), ('for ever', 0, 'infinity'), ('never', 0, NULL)");

        await host.Get<Watcher>().TickAsync(CancellationToken.None);

        Assert.That(await host.State.ScalarAsync<string>("SELECT string_agg(resource, ',' ORDER BY resource) FROM hangfire.lock"), Is.EqualTo("ahead a little,living"));
    }

    [TestCase("gone")]
    [TestCase("disabled")]
    [TestCase("failed")]
    public async Task ABrokenSchedule_IsRegisteredAgain_WhereSchedulesRun(string fate)
    {
        await using var host = await TestHost.CreateAsync(Facilities.EmptyTable);
        host.Get<FeedSchedules>().Register();
        await host.State.ExecuteAsync(fate switch
        {
            "gone" => "DELETE FROM hangfire.hash WHERE key = 'recurring-job:facility'; DELETE FROM hangfire.set WHERE key = 'recurring-jobs'",
            "disabled" => "UPDATE hangfire.hash SET value = '' WHERE key = 'recurring-job:facility' AND field = 'NextExecution'; UPDATE hangfire.set SET score = -1 WHERE key = 'recurring-jobs'",
            _ => "INSERT INTO hangfire.hash (key, field, value) VALUES ('recurring-job:facility', 'Error', 'no such type'); UPDATE hangfire.hash SET value = '' WHERE key = 'recurring-job:facility' AND field = 'NextExecution'",
        });
        var watcher = host.Get<Watcher>();

        await watcher.TickAsync(CancellationToken.None);
        var elsewhere = host.Get<FeedSchedules>().FindBroken().Count;
        watcher.RunsSchedules = true;
        await watcher.TickAsync(CancellationToken.None);

        Assert.That((elsewhere, host.Get<FeedSchedules>().FindBroken().Count), Is.EqualTo((1, 0)));
        using var connection = host.Get<JobStorage>().GetConnection();
        Assert.That(connection.GetRecurringJobs().Single(), Has.Property("NextExecution").Not.Null.And.Property("Error").Null);
        Assert.That(await host.State.ScalarAsync<double>("SELECT score FROM hangfire.set WHERE key = 'recurring-jobs'"), Is.Positive);
    }

    [Test]
    public async Task AStateDatabaseThatIsAway_DoesNotEndTheWatcher()
    {
        await using var run = await WatchedRun.PlannedAsync();
        await run.LoseAsync((await run.ChunkAsync(1)).JobId);
        await run.Host.State.ExecuteAsync("ALTER TABLE hangfire.jobqueue RENAME TO away");
        var whileAway = await run.Watcher.TickAsync(CancellationToken.None);

        await run.Host.State.ExecuteAsync("ALTER TABLE hangfire.away RENAME TO jobqueue");
        await run.TickAsync();

        Assert.That(whileAway, Is.True);
        Assert.That(await run.RepairsAsync(), Has.Count.EqualTo(1));
    }
}
