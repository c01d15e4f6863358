using FacilityFeed.Scheduler.Scheduling;
using FacilityFeed.Tests.Support;
using Hangfire;
using Hangfire.Storage;

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
        Assert.That((jobs[0].Id, jobs[0].Cron, jobs[0].TimeZoneId, jobs[0].Job.Queue), Is.EqualTo(("facility", "15 4 * * *", "Europe/Berlin", "coordination")));
    }

    [Test]
    public async Task Register_RemovesTheScheduleOfAFeedThatIsGone()
    {
        await using var host = await TestHost.CreateAsync(Facilities.EmptyTable);
        host.Get<IRecurringJobManager>().AddOrUpdate<TriggerJob>("old", job => job.RunAsync("old", null!, CancellationToken.None), Cron.Daily);

        host.Get<FeedSchedules>().Register();

        Assert.That(Recurring(host).Select(job => job.Id), Is.EqualTo(new[] { "facility" }));
    }

    private static List<RecurringJobDto> Recurring(TestHost host)
    {
        using var connection = host.Get<JobStorage>().GetConnection();
        return connection.GetRecurringJobs();
    }
}
