using FacilityFeed.Scheduler.Hosting;
using Hangfire;
using Hangfire.Common;
using Hangfire.Storage;

namespace FacilityFeed.Scheduler.Scheduling;

/// <summary>
/// Hangfire's manager of recurring jobs, but for the trigger by hand: Hangfire's own moves the schedule to the next time after now, so that a time which
/// is due is never had, and gives a job that cannot be told from the schedule's.
/// </summary>
/// <param name="hangfire">Does everything else.</param>
/// <param name="requests">Where a trigger of a feed goes.</param>
internal sealed class FeedRecurringJobs(IRecurringJobManagerV2 hangfire, TriggerRequests requests) : IRecurringJobManagerV2
{
    public JobStorage Storage => hangfire.Storage;

    public void AddOrUpdate(string recurringJobId, Job job, string cronExpression, RecurringJobOptions options) => hangfire.AddOrUpdate(recurringJobId, job, cronExpression, options);

    public void RemoveIfExists(string recurringJobId) => hangfire.RemoveIfExists(recurringJobId);

    public void Trigger(string recurringJobId) => TriggerJob(recurringJobId);

    /// <returns>The job; null when there is no such entry.</returns>
    public string? TriggerJob(string recurringJobId)
    {
        using var connection = Storage.GetConnection();
        // What is no feed's, or cannot be read, Hangfire refuses in its own words; and a feed that an earlier build alone has knows no ledger of triggers.
        return connection.GetRecurringJobs([recurringJobId]) is [{ Job: { } job } entry] && job.Type == typeof(TriggerJob) && KnownJobs.Refusal(job) is null && requests.IsOfThisBuild(entry)
            ? requests.Request(entry, TriggerRequests.TriggerNow)
            : hangfire.TriggerJob(recurringJobId);
    }
}

/// <summary>Gives the dashboard, and whoever else asks for one, that manager. The dashboard asks for a factory before it asks for a manager.</summary>
internal sealed class FeedRecurringJobsFactory(IJobFilterProvider filters, ITimeZoneResolver timeZones, TriggerRequests requests, TimeProvider time) : IRecurringJobManagerFactoryV2
{
    public IRecurringJobManager GetManager(JobStorage storage) => GetManagerV2(storage);

    public IRecurringJobManagerV2 GetManagerV2(JobStorage storage) => new FeedRecurringJobs(new RecurringJobManager(storage, filters, timeZones, () => time.GetUtcNow().UtcDateTime), requests);
}
