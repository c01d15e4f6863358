using FacilityFeed.Scheduler.Hosting;
using FacilityFeed.Scheduler.Scheduling;
using FacilityFeed.Tests.Support;
using Hangfire;
using Microsoft.Extensions.DependencyInjection;

namespace FacilityFeed.Tests.Scheduling;

/// <summary>The schedule of a feed that nobody has stays until a person has it forgotten.</summary>
public sealed class ForgottenFeedsTests
{
    private static readonly (string, string)[] _studios =
        [("Feeds:studios:Name", "studios"), ("Feeds:studios:Prefix", "studios"), ("Feeds:studios:Cron", "0 3 * * *"), ("Feeds:studios:TimeZone", "UTC"), ("Feeds:studios:Overlap", "queue-one")];

    [Test]
    public async Task AFeedThatNobodyHas_IsForgotten_AndWhatIsOpenOfItEnds()
    {
        await using var table = await Timetable.CreateAsync("2027-01-10 02:59", "0 5 * * *");
        await using (var other = await table.Host.AnotherAsync(table.Clock, _studios))
        {
            var studios = other.Services.GetRequiredService<Infrastructure.Settings.ServiceSettings>().Feeds["studios"];
            other.Services.GetRequiredService<FeedSchedules>().Register();
            await other.Services.GetRequiredService<RunTrigger>().TriggerAsync(studios, "by hand", "test", joinsActive: false);
            table.SetClock("2027-01-10 03:00:03");
            table.Schedule();
            await table.WorkAsync(other.Services);
        }

        table.SetClock("2027-01-13 04:00");
        table.Host.Get<FeedSchedules>().Register();
        var result = table.Host.Get<ForgottenFeeds>().Forget("studios");

        Assert.That(result.Message, Is.EqualTo("feed studios is forgotten: its schedule is removed, and 3 times of it that had started no run will start none; the run that waited for the end of the active one is not made. Its runs stay in the ledger"));
        Assert.That(await table.LedgerAsync("studios"), Is.EqualTo("01-10 03:00 forgotten, 01-11 03:00/01-13 03:00 3 forgotten"));
        Assert.That(await table.Host.State.ScalarAsync<string>("SELECT (SELECT string_agg(value, ',') FROM hangfire.set WHERE key = 'recurring-jobs') || ' ' || (SELECT string_agg(feed, ',') FROM feed.schedule) || ' ' || (SELECT count(*) FROM feed.pending_trigger)"), Is.EqualTo("facility facility 0"));
        Assert.That(table.Host.Get<ForgottenFeeds>().Forget("studios").Message, Is.EqualTo("there is no schedule of a feed 'studios': the dashboard's page of recurring jobs shows them all"));

        // It may come back, as a new one.
        await using var back = await table.Host.AnotherAsync(table.Clock, _studios);
        back.Services.GetRequiredService<FeedSchedules>().Register();
        table.SetClock("2027-01-14 03:02");
        await back.Services.GetRequiredService<FacilityFeed.Scheduler.Watching.OccurrenceRepair>().RepairAsync(isWakening: false, CancellationToken.None);
        Assert.That(await table.LedgerAsync("studios"), Does.EndWith("01-13 03:00 3 forgotten, 01-14 03:00 waits"));
    }

    [Test]
    public async Task AFeedThatIsConfiguredHere_OrThatALivingServiceHas_IsNotForgotten()
    {
        await using var host = await TestHost.CreateAsync(Facilities.EmptyTable);
        host.Get<FeedSchedules>().Register();
        await using var other = await host.AnotherAsync([.. _studios, ("Feeds:studios:Cron", "0 0 29 2 1")]);
        other.Services.GetRequiredService<FeedSchedules>().Register();
        other.Services.GetRequiredService<JobServers>().StartAll(JobClocks.RetriesOnly);
        await Until.TrueAsync(() => Task.FromResult(host.Get<LivingServers>().Queues().Any(queue => queue.EndsWith("-studios", StringComparison.Ordinal))), TimeSpan.FromSeconds(20), "the other service's workers");

        var configured = host.Get<ForgottenFeeds>().Forget("facility");
        var living = host.Get<ForgottenFeeds>().Forget("studios");

        Assert.That((configured.IsDone, configured.Message), Is.EqualTo((false, "feed facility is configured here, and would be registered again at the next start. Take Feeds:facility out of the settings or set Feeds:facility:Enabled=false, restart the service, then forget it")));
        Assert.That(living.IsDone, Is.False);
        Assert.That(living.Message, Does.Match(@"^another service works on feed studios \(process \d+ on .*, last seen \d+ s ago\)\. Stop it or take the feed out of its settings, then forget it$"));
        Assert.That(HangfireJob.Recurring(host, "studios").Removed, Is.False);
    }

    [Test]
    public async Task AnotherProgramsRecurringJob_IsNoFeed()
    {
        await using var host = await TestHost.CreateAsync(Facilities.EmptyTable);
        host.Get<IRecurringJobManager>().AddOrUpdate("other", () => Console.WriteLine(), Cron.Yearly);

        Assert.That(host.Get<ForgottenFeeds>().Forget("other").IsDone, Is.False);
        Assert.That(HangfireJob.Recurring(host, "other").Removed, Is.False);
    }
}
