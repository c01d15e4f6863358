using FacilityFeed.Scheduler.Hosting;
using FacilityFeed.Scheduler.Scheduling;
using FacilityFeed.Tests.Support;
using Hangfire;
using Microsoft.Extensions.DependencyInjection;

namespace FacilityFeed.Tests.Hosting;

/// <summary>Services that share a state and have different feeds.</summary>
public sealed class DifferentFeedsTests
{
    /// <summary>Each round has a trigger, a plan and a manifest of each feed, and each of them a chance to go to the wrong service.</summary>
    private const int Rounds = 4;

    private static readonly TimeSpan _deadline = TimeSpan.FromSeconds(60);

    [Test]
    public async Task TwoServices_PublishTheirOwnFeeds()
    {
        await using var host = await TestHost.CreateAsync(Facilities.Numbered(1, 15), settings: [("Feeds:facility:Cron", "0 0 29 2 1")]);
        await using var other = await host.AnotherAsync(("Feeds:facility:Enabled", "false"), ("Feeds:studios:Name", "studios"), ("Feeds:studios:Prefix", "studios"), ("Feeds:studios:Cron", "0 0 29 2 1"));
        await ServeAsync(host, host.Services, "shards2-facility");
        await ServeAsync(host, other.Services, "shards2-studios");

        for (var round = 1; round <= Rounds; round++)
        {
            foreach (var feed in new[] { "facility", "studios" })
            {
                // On the dashboard of either of them.
                host.Get<IRecurringJobManager>().Trigger(feed);
            }

            await Until.TrueAsync(async () => await EndedAsync(host) == 2 * round || await FailedAsync(host) != "", _deadline, "a run of each feed");
        }

        Assert.That(await FailedAsync(host), Is.Empty, "failed jobs");
        Assert.That(await host.State.ScalarAsync<long>("SELECT count(*) FROM feed.run WHERE state = 'published' AND feed = 'facility'"), Is.EqualTo(Rounds));
        Assert.That(await host.State.ScalarAsync<long>("SELECT count(*) FROM feed.run WHERE state = 'published' AND feed = 'studios'"), Is.EqualTo(Rounds));
    }

    private static async Task ServeAsync(TestHost host, IServiceProvider service, string queue)
    {
        service.GetRequiredService<FeedSchedules>().Register();
        service.GetRequiredService<JobServers>().StartAll(JobClocks.RetriesAndSchedules);
        await Until.TrueAsync(() => Task.FromResult(host.Get<LivingServers>().Queues().Contains(queue)), _deadline, "the service's workers");
    }

    private static Task<long> EndedAsync(TestHost host) => host.State.ScalarAsync<long>("SELECT count(*) FROM feed.run WHERE state NOT IN ('planning', 'running', 'publishing')");

    private static Task<string> FailedAsync(TestHost host) => host.State.ScalarAsync<string>(
        "SELECT coalesce(string_agg(s.data ->> 'ExceptionMessage', '; '), '') FROM hangfire.job j JOIN hangfire.state s ON s.id = j.stateid WHERE j.statename = 'Failed'")!;
}
