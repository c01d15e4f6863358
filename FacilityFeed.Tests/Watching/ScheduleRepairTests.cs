using FacilityFeed.Scheduler.Scheduling;
using FacilityFeed.Scheduler.Watching;
using FacilityFeed.Tests.Support;
using Hangfire;
using Hangfire.Storage;

namespace FacilityFeed.Tests.Watching;

/// <summary>The watcher brings the schedules of all feeds back, whatever stands in one entry.</summary>
public sealed class ScheduleRepairTests
{
    private static readonly (string, string)[] _twoFeeds = [("Feeds:studios:Name", "studios"), ("Feeds:studios:Prefix", "studios"), ("Feeds:studios:Cron", "0 4 * * *")];

    [Test]
    public async Task AnEntryOfAFeed_ThatCannotBeRead_IsRegisteredAgain_AndSoAreTheOthers()
    {
        await using var host = await TestHost.CreateAsync(Facilities.EmptyTable, settings: _twoFeeds);
        host.Get<FeedSchedules>().Register();
        host.Get<Watcher>().RunsSchedules = true;
        await host.State.ExecuteAsync("INSERT INTO hangfire.hash (key, field, value) VALUES ('recurring-job:foreign', 'Job', '{'); INSERT INTO hangfire.set (key, value, score) VALUES ('recurring-jobs', 'foreign', 1)");

        foreach (var (field, value) in new[] { ("Cron", "x"), ("Job", "{"), ("Job", ""), ("TimeZoneId", "Mars/Phobos"), ("NextExecution", "soon"), ("LastExecution", "never"), ("CreatedAt", "x"), ("Misfire", "7"), ("V", "x"), ("LastJobId", "notanid") })
        {
            await host.State.ExecuteAsync($"""
                INSERT INTO hangfire.hash (key, field, value) VALUES ('recurring-job:facility', '{field}', '{value}') ON CONFLICT (key, field) DO UPDATE SET value = excluded.value;
                DELETE FROM hangfire.hash WHERE key = 'recurring-job:studios'
                """);

            await host.Get<Watcher>().TickAsync(CancellationToken.None);

            foreach (var feed in new[] { "facility", "studios" })
            {
                var entry = HangfireJob.Recurring(host, feed);
                Assert.That((entry.Error, entry.NextExecution is not null, entry.Job?.Type), Is.EqualTo(((string?)null, true, typeof(TriggerJob))), $"{feed} after {field} = {value}");
            }

            if (field != "LastJobId")
            {
                Assert.That(await host.State.ScalarAsync<string>($"SELECT value FROM hangfire.hash WHERE key = 'recurring-job:facility' AND field = '{Renewal.Field}'"), Does.Contain($"could not be read: its {field} is '{value}'"));
            }
        }
    }

    [TestCase("-1")]
    [TestCase("-0.5")]
    [TestCase("'NaN'")]
    [TestCase("1e300")]
    public async Task AnEntryOfAFeed_ThatWouldNeverComeDue_ComesAtItsNextTime_AlsoAtOneThatWasMissed(string score)
    {
        await using var host = await TestHost.CreateAsync(Facilities.EmptyTable, settings: _twoFeeds);
        host.Get<FeedSchedules>().Register();
        host.Get<Watcher>().RunsSchedules = true;
        var others = await host.State.ScalarAsync<double>("SELECT score FROM hangfire.set WHERE value = 'studios'");
        await host.State.ExecuteAsync($"""
            UPDATE hangfire.hash SET value = '2026-01-02T03:00:00.0000000Z' WHERE key = 'recurring-job:facility' AND field = 'NextExecution';
            UPDATE hangfire.set SET score = {score} WHERE key = 'recurring-jobs' AND value = 'facility'
            """);

        await host.Get<Watcher>().TickAsync(CancellationToken.None);

        Assert.That(await host.State.ScalarAsync<double>("SELECT score FROM hangfire.set WHERE value = 'facility'"), Is.EqualTo(new DateTimeOffset(2026, 1, 2, 3, 0, 0, TimeSpan.Zero).ToUnixTimeSeconds()));
        Assert.That(await host.State.ScalarAsync<double>("SELECT score FROM hangfire.set WHERE value = 'studios'"), Is.EqualTo(others));
        Assert.That(await host.State.ScalarAsync<string>($"SELECT string_agg(key, ',') FROM hangfire.hash WHERE field = '{Renewal.Field}'"), Is.EqualTo("recurring-job:facility"), "said in it alone");
        Assert.That(host.Get<FeedSchedules>().FindBroken(), Is.Empty);
    }

    [Test]
    public async Task AForeignEntry_IsPutAsideUnderItsLock_AndOneOfAnUnknownTimeZoneNever()
    {
        await using var host = await TestHost.CreateAsync(Facilities.EmptyTable, settings: _twoFeeds);
        host.Get<FeedSchedules>().Register();
        // Of services that this host does not know.
        await host.State.ExecuteAsync("""
            INSERT INTO hangfire.hash (key, field, value) SELECT copy, field, CASE field WHEN 'TimeZoneId' THEN 'Mars/Phobos' ELSE value END
            FROM hangfire.hash, unnest(ARRAY['recurring-job:away', 'recurring-job:broken']) copy WHERE key = 'recurring-job:facility';
            UPDATE hangfire.hash SET value = 'x' WHERE key = 'recurring-job:broken' AND field = 'Cron';
            INSERT INTO hangfire.set (key, value, score) VALUES ('recurring-jobs', 'away', 1), ('recurring-jobs', 'broken', 2);
            UPDATE hangfire.set SET score = 3 WHERE key = 'recurring-jobs' AND value = 'studios';
            INSERT INTO hangfire.lock (resource, updatecount, acquired) VALUES ('hangfire:lock:recurring-job:broken', 0, now())
            """);
        const string Away = "SELECT string_agg(field || value, ',' ORDER BY field) FROM hangfire.hash WHERE key = 'recurring-job:away'";
        var away = await host.State.ScalarAsync<string>(Away);
        using var connection = (JobStorageConnection)host.Get<JobStorage>().GetConnection();

        Assert.That(connection.GetFirstByLowestScoreFromSet("recurring-jobs", 0, 10, 1), Is.EqualTo(new[] { "studios" }), "those that are passed over take no place");
        Assert.That(await ScoresAsync(host), Is.EqualTo("away 1,broken 2"), "somebody may be renewing it");

        await host.State.ExecuteAsync("DELETE FROM hangfire.lock");
        Assert.That(connection.GetFirstByLowestScoreFromSet("recurring-jobs", 0, 10, 1), Is.EqualTo(new[] { "studios" }));
        Assert.That(await ScoresAsync(host), Is.EqualTo("away 1,broken -1"));

        Assert.That(() => host.Get<IRecurringJobManager>().Trigger("away"), Throws.Exception);
        Assert.That(await host.State.ScalarAsync<string>(Away), Is.EqualTo(away), "nor does a person here change its zone");
    }

    [Test]
    public async Task AnEntry_WhoseLockIsTaken_KeepsNoOtherAway()
    {
        await using var host = await TestHost.CreateAsync(Facilities.EmptyTable, settings: _twoFeeds);
        host.Get<Watcher>().RunsSchedules = true;
        await host.State.ExecuteAsync("INSERT INTO hangfire.lock (resource, updatecount, acquired) SELECT 'hangfire:lock:recurring-job:facility', 0, now() + interval '1 minute'");

        await host.Get<Watcher>().TickAsync(CancellationToken.None);
        Assert.That(Ids(host), Does.Contain("studios").And.Not.Contain("facility"));

        await host.State.ExecuteAsync("DELETE FROM hangfire.lock");
        await host.Get<Watcher>().TickAsync(CancellationToken.None);
        Assert.That(Ids(host), Does.Contain("studios").And.Contain("facility"), "it is tried again");
    }

    [TestCase("feed-facility", "feed2-facility", Description = "of a build before the protocol")]
    [TestCase("feed3-facility", "feed3-facility", Description = "of a later build, which would take it back again and again")]
    public async Task AnEntry_ThatAnotherBuildRegistered_IsTakenFromAnEarlierOneAlone_WithItsNextTime(string queue, string after)
    {
        await using var host = await TestHost.CreateAsync(Facilities.EmptyTable);
        host.Get<Watcher>().RunsSchedules = true;
        var theirs = Hangfire.Common.Job.FromExpression<TriggerJob>(job => job.RunAsync("facility", null!, CancellationToken.None), queue);
        host.Get<IRecurringJobManagerV2>().AddOrUpdate("facility", theirs, host.Feed.Cron, new RecurringJobOptions { TimeZone = host.Feed.TimeZone });
        // Missed, and still to be had.
        await host.State.ExecuteAsync("UPDATE hangfire.hash SET value = '2026-01-02T03:00:00.0000000Z' WHERE key = 'recurring-job:facility' AND field = 'NextExecution'");

        await host.Get<Watcher>().TickAsync(CancellationToken.None);

        var entry = HangfireJob.Recurring(host);
        Assert.That((entry.Job.Queue, entry.NextExecution), Is.EqualTo((after, new DateTime(2026, 1, 2, 3, 0, 0, DateTimeKind.Utc))));
    }

    private static Task<string> ScoresAsync(TestHost host) =>
        host.State.ScalarAsync<string>("SELECT string_agg(value || ' ' || score, ',' ORDER BY value) FROM hangfire.set WHERE value IN ('away', 'broken')");

    private static List<string> Ids(TestHost host)
    {
        using var connection = host.Get<JobStorage>().GetConnection();
        return [.. connection.GetRecurringJobs().Where(job => !job.Removed).Select(job => job.Id)];
    }
}
