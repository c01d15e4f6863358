using FacilityFeed.Scheduler.Hosting;
using FacilityFeed.Scheduler.Scheduling;
using FacilityFeed.Tests.Support;
using Hangfire;
using Hangfire.Common;
using Hangfire.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace FacilityFeed.Tests.Scheduling;

public sealed class FeedSchedulesTests
{
    [Test]
    public async Task Register_KeepsOneRecurringJobPerFeed_InItsTimeZone()
    {
        await using var host = await TestHost.CreateAsync(Facilities.EmptyTable, settings: [("Feeds:facility:Cron", "15 4 * * *"), ("Feeds:facility:TimeZone", "Europe/Berlin")]);

        host.Get<FeedSchedules>().Register();
        host.Get<FeedSchedules>().Register();

        var jobs = Recurring(host);
        Assert.That(jobs, Has.Count.EqualTo(1));
        Assert.That((jobs[0].Id, jobs[0].Cron, jobs[0].TimeZoneId, jobs[0].Job.Queue), Is.EqualTo(("facility", "15 4 * * *", "Europe/Berlin", "feed2-facility")));
    }

    [Test]
    public async Task Register_TakesAReleasedScheduleOver_WithItsNextTime()
    {
        await using var host = await TestHost.CreateAsync(Facilities.EmptyTable);
        var released = Job.FromExpression<TriggerJob>(job => job.RunAsync("facility", null!, CancellationToken.None), "feed-facility");
        host.Get<IRecurringJobManagerV2>().AddOrUpdate("facility", released, host.Feed.Cron, new RecurringJobOptions { TimeZone = host.Feed.TimeZone });
        // As of a schedule whose time came while no service was up.
        await host.State.ExecuteAsync("UPDATE hangfire.hash SET value = '2026-01-02T03:00:00.0000000Z' WHERE key = 'recurring-job:facility' AND field = 'NextExecution'");

        host.Get<FeedSchedules>().Register();

        var job = Recurring(host).Single();
        Assert.That((job.Job.Queue, job.NextExecution), Is.EqualTo(("feed2-facility", new DateTime(2026, 1, 2, 3, 0, 0, DateTimeKind.Utc))));
    }

    [Test]
    public async Task Register_KeepsTheScheduleOfAFeedThatNobodyWorksOn()
    {
        await using var host = await TestHost.CreateAsync(Facilities.EmptyTable);
        host.Get<IRecurringJobManager>().AddOrUpdate<TriggerJob>("old", job => job.RunAsync("old", null!, CancellationToken.None), Cron.Daily);

        host.Get<FeedSchedules>().Register();

        Assert.That(Recurring(host).Select(job => job.Id), Is.EquivalentTo(new[] { "facility", "old" }));
    }

    [Test]
    public async Task Register_KeepsTheScheduleOfAnotherServicesFeed()
    {
        await using var host = await TestHost.CreateAsync(Facilities.EmptyTable);
        await using var other = await host.AnotherAsync(("Feeds:studios:Name", "studios"), ("Feeds:studios:Prefix", "studios"), ("Feeds:studios:Cron", "0 0 29 2 1"));
        other.Services.GetRequiredService<FeedSchedules>().Register();
        other.Services.GetRequiredService<JobServers>().StartAll(JobClocks.RetriesOnly);
        await Until.TrueAsync(() => Task.FromResult(host.Get<LivingServers>().Queues().Contains("shards2-studios")), TimeSpan.FromSeconds(20), "the other service's workers");

        host.Get<FeedSchedules>().Register();

        Assert.That(Recurring(host).Select(job => job.Id), Is.EquivalentTo(new[] { "facility", "studios" }));
    }

    private static List<RecurringJobDto> Recurring(TestHost host)
    {
        using var connection = host.Get<JobStorage>().GetConnection();
        return connection.GetRecurringJobs();
    }
}
