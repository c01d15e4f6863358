using System.Globalization;
using System.Runtime.CompilerServices;
using FacilityFeed.Domain.Ledger;
using FacilityFeed.Scheduler.Jobs;
using FacilityFeed.Scheduler.Scheduling;
using FacilityFeed.Scheduler.Watching;
using FacilityFeed.Tests.Support;
using Hangfire;
using Hangfire.Client;
using Hangfire.Common;
using Hangfire.Server;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace FacilityFeed.Tests.Scheduling;

/// <summary>A host whose clock a test moves, with Hangfire's own scheduler of recurring jobs by that clock. Trigger jobs are run when the test says so; plan jobs never.</summary>
internal sealed class Timetable : IAsyncDisposable
{
    // Hangfire's classes log to the host that was built last before them, and do not live longer than it.
    private static readonly ConditionalWeakTable<IServiceProvider, RecurringJobScheduler> _schedulers = [];

    private Timetable(TestHost host, FakeTimeProvider clock) => (Host, Clock) = (host, clock);

    public TestHost Host { get; }

    public FakeTimeProvider Clock { get; }

    /// <summary>With the feed's schedule registered.</summary>
    /// <param name="start">UTC.</param>
    /// <param name="cron">Of the feed.</param>
    /// <param name="settings">Further settings.</param>
    public static async Task<Timetable> CreateAsync(string start, string cron, params (string Key, string Value)[] settings)
    {
        var clock = new FakeTimeProvider(At(start));
        var host = await TestHost.CreateAsync(Facilities.EmptyTable, clock: clock, settings: [("Feeds:facility:Cron", cron), ("Feeds:facility:TimeZone", "UTC"), ("Feeds:facility:MaxAge", "off"), .. settings]);
        host.Get<Watcher>().RunsSchedules = true;
        host.Get<FeedSchedules>().Register();
        _schedulers.Add(host.Services, Scheduler(host.Services));
        return new Timetable(host, clock);
    }

    /// <summary>UTC.</summary>
    public static DateTime At(string time) => DateTime.Parse(time, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal | DateTimeStyles.AssumeUniversal);

    public void SetClock(string time) => Clock.SetUtcNow(At(time));

    /// <summary>One look of Hangfire's scheduler, in a host.</summary>
    public static void Schedule(IServiceProvider services)
    {
        var scheduler = _schedulers.GetValue(services, Scheduler);
        var context = new BackgroundProcessContext("test", services.GetRequiredService<JobStorage>(), new Dictionary<string, object>(), Guid.NewGuid(), CancellationToken.None, CancellationToken.None, CancellationToken.None);
        while (EnqueueNextRecurringJobs(scheduler, context) > 0)
        {
        }
    }

    public void Schedule() => Schedule(Host.Services);

    public Task<bool> WatchAsync() => Host.Get<Watcher>().TickAsync(CancellationToken.None);

    public Task<IReadOnlyList<string>> WorkAsync(IServiceProvider? services = null) => WorkAsync(services ?? Host.Services, Host.State);

    /// <summary>Runs the trigger jobs that wait, in a host.</summary>
    /// <returns>What each of them says.</returns>
    public static async Task<IReadOnlyList<string>> WorkAsync(IServiceProvider services, TestDatabase state)
    {
        var said = new List<string>();
        while (await state.ScalarAsync<string?>("""
            DELETE FROM hangfire.jobqueue WHERE jobid = (SELECT min(q.jobid) FROM hangfire.jobqueue q JOIN hangfire.job j ON j.id = q.jobid WHERE j.invocationdata ->> 'Type' LIKE '%TriggerJob%')
            RETURNING jobid::text
            """) is { } jobId)
        {
            said.Add(Run(services, jobId));
            await state.ExecuteAsync($"UPDATE hangfire.job SET statename = 'Succeeded' WHERE id = {jobId}");
        }

        return said;
    }

    /// <summary>Executes one job, as a worker would.</summary>
    public static string Run(IServiceProvider services, string jobId)
    {
        using var connection = services.GetRequiredService<JobStorage>().GetConnection();
        var data = connection.GetJobData(jobId);
        var performer = new BackgroundJobPerformer(services.GetRequiredService<IJobFilterProvider>(), services.GetRequiredService<JobActivator>());
        return (string)performer.Perform(new PerformContext(services.GetRequiredService<JobStorage>(), connection, new BackgroundJob(jobId, data.Job, data.CreatedAt), new JobCancellationToken(false)));
    }

    /// <summary>What Hangfire's scheduler would write at a moment.</summary>
    /// <returns>The job.</returns>
    public string Trigger(DateTime time)
    {
        using var connection = Host.Get<JobStorage>().GetConnection();
        var id = Host.Get<IBackgroundJobClient>().Create(Job.FromExpression<TriggerJob>(job => job.RunAsync("facility", null!, CancellationToken.None), FeedQueues.Coordination("facility")), new Hangfire.States.EnqueuedState());
        connection.SetJobParameter(id, "RecurringJobId", "\"facility\"");
        connection.SetJobParameter(id, "Time", new DateTimeOffset(time).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture));
        return id;
    }

    /// <summary>Ends the active run of the feed.</summary>
    public async Task EndRunAsync(string feed = "facility")
    {
        if (await Host.Runs.FindActiveAsync(feed) is { } active)
        {
            await Host.Runs.TryEndAsync(active, RunState.Cancelled, "test");
        }
    }

    /// <summary>What the ledger says of the due times: <c>01-10 03:00 schedule</c> for a run and who asked for it, <c>01-10 03:00-05:00 3 missed</c> for a gap.</summary>
    public Task<string> LedgerAsync(string feed = "facility") => Host.State.ScalarAsync<string>($"""
        SELECT coalesce(string_agg(to_char(first_due_at AT TIME ZONE 'UTC', 'MM-DD HH24:MI') || CASE WHEN count > 1 THEN to_char(due_at AT TIME ZONE 'UTC', '/MM-DD HH24:MI ') || count ELSE '' END
            || coalesce(' ' || r.origin || CASE r.state WHEN 'skipped' THEN ' skipped' ELSE '' END, '') || coalesce(' ' || o.reason, ''), ', ' ORDER BY due_at), '')
        FROM feed.occurrence o LEFT JOIN feed.run r ON r.id = o.run_id WHERE o.feed = '{feed}'
        """);

    public ValueTask DisposeAsync() => Host.DisposeAsync();

    private static RecurringJobScheduler Scheduler(IServiceProvider services) => new(
        new BackgroundJobFactory(services.GetRequiredService<IJobFilterProvider>()), TimeSpan.FromSeconds(5), new DefaultTimeZoneResolver(), () => services.GetRequiredService<TimeProvider>().GetUtcNow().UtcDateTime);

    [UnsafeAccessor(UnsafeAccessorKind.Method)]
    private static extern int EnqueueNextRecurringJobs(RecurringJobScheduler scheduler, BackgroundProcessContext context);
}
