using Hangfire;
using Hangfire.Storage;
using Hangfire.Storage.Monitoring;

namespace FacilityFeed.Tests.Support;

/// <summary>A job as Hangfire's own dashboard sees it.</summary>
public static class HangfireJob
{
    public static JobDetailsDto Details(TestHost host, string jobId) => host.Get<JobStorage>().GetMonitoringApi().JobDetails(jobId);

    /// <summary>The newest entry of the job's history.</summary>
    public static StateHistoryDto State(TestHost host, string jobId) => Details(host, jobId).History[0];

    public static Task UntilAsync(TestHost host, string jobId, string state) =>
        Until.TrueAsync(() => Task.FromResult(State(host, jobId).StateName == state), TimeSpan.FromSeconds(30), $"job {jobId} to be {state}");

    /// <summary>A feed's entry on the recurring page; its last job's state is what the page colours.</summary>
    public static RecurringJobDto Recurring(TestHost host, string feed = "facility")
    {
        using var connection = host.Get<JobStorage>().GetConnection();
        return connection.GetRecurringJobs([feed]).Single();
    }

    private const string Counters = "SELECT key, value FROM hangfire.counter UNION ALL SELECT key, value FROM hangfire.aggregatedcounter";

    /// <summary>How often Hangfire counted such an end, in all and by the day.</summary>
    public static async Task<(long All, long ThisDay)> CountedAsync(TestHost host, string end) => (
        await host.State.ScalarAsync<long>($"SELECT coalesce(sum(value), 0)::bigint FROM ({Counters}) c WHERE key = 'stats:{end}'"),
        await host.State.ScalarAsync<long>($"SELECT coalesce(sum(value), 0)::bigint FROM ({Counters}) c WHERE key ~ '^stats:{end}:\\d+-\\d+-\\d+$'"));
}
