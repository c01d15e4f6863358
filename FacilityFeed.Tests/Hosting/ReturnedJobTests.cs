using FacilityFeed.Scheduler.Hosting;
using FacilityFeed.Scheduler.Jobs;
using FacilityFeed.Tests.Support;
using Hangfire;

namespace FacilityFeed.Tests.Hosting;

/// <summary>A worker lets go of a job while the state database is away.</summary>
public sealed class ReturnedJobTests
{
    [Test]
    public async Task TheJobGoesBackToItsQueue_AsSoonAsTheDatabaseHearsIt()
    {
        await using var host = await TestHost.CreateAsync(Facilities.Numbered(1, 1));
        host.Get<FeedJobs>().CreatePlan(host.Feed, 1);
        using var connection = host.Get<JobStorage>().GetConnection();
        var fetched = connection.FetchNextJob([FeedQueues.Coordination(host.Feed.Key)], CancellationToken.None);
        Assert.That(await WaitingAsync(host), Is.Zero);

        await host.State.ExecuteAsync("ALTER TABLE hangfire.jobqueue RENAME TO away");
        Assert.That(fetched.Requeue, Throws.Exception);
        fetched.Dispose();
        await host.State.ExecuteAsync("ALTER TABLE hangfire.away RENAME TO jobqueue");

        await Until.TrueAsync(async () => await WaitingAsync(host) == 1, TimeSpan.FromSeconds(20), "the job to be back");
    }

    [Test]
    public async Task AJobThatWasTakenMeanwhile_StaysWithWhoTookIt()
    {
        await using var host = await TestHost.CreateAsync(Facilities.Numbered(1, 1));
        host.Get<FeedJobs>().CreatePlan(host.Feed, 1);
        using var connection = host.Get<JobStorage>().GetConnection();
        var fetched = connection.FetchNextJob([FeedQueues.Coordination(host.Feed.Key)], CancellationToken.None);

        await host.State.ExecuteAsync("ALTER TABLE hangfire.jobqueue RENAME TO away");
        fetched.Dispose();
        await host.State.ExecuteAsync("UPDATE hangfire.away SET fetchedat = fetchedat + interval '1 second'; ALTER TABLE hangfire.away RENAME TO jobqueue");

        // The next word of the same kind is heard: so that one was too.
        using var theirs = host.Get<JobStorage>().GetConnection();
        host.Get<FeedJobs>().CreatePlan(host.Feed, 2);
        var next = theirs.FetchNextJob([FeedQueues.Coordination(host.Feed.Key)], CancellationToken.None);
        await host.State.ExecuteAsync("ALTER TABLE hangfire.jobqueue RENAME TO away");
        next.Dispose();
        await host.State.ExecuteAsync("ALTER TABLE hangfire.away RENAME TO jobqueue");
        await Until.TrueAsync(async () => await WaitingAsync(host) > 0, TimeSpan.FromSeconds(20), "the other job to be back");
        Assert.That(await WaitingAsync(host), Is.EqualTo(1));
    }

    private static Task<long> WaitingAsync(TestHost host) => host.State.ScalarAsync<long>("SELECT count(*) FROM hangfire.jobqueue WHERE fetchedat IS NULL");
}
