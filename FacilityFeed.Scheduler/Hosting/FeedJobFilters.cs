using FacilityFeed.Infrastructure.Ledger;
using FacilityFeed.Scheduler.Attempts;
using FacilityFeed.Scheduler.Exporting;
using FacilityFeed.Scheduler.Operating;
using FacilityFeed.Scheduler.Scheduling;
using Hangfire;
using Hangfire.Common;

namespace FacilityFeed.Scheduler.Hosting;

/// <summary>
/// What Hangfire applies to every job here. Held by this host alone instead of Hangfire's process-wide list, and without
/// its culture filter, which costs three round trips a job and serves nobody here.
/// </summary>
public sealed class FeedJobFilters : IJobFilterProvider
{
    private readonly JobFilter[] _filters;
    private readonly JobFilter[] _refusing;

    public FeedJobFilters(FanIn fanIn, TriggerLedger triggers, DecidingJobs deciding, RequeueRedrive requeue, LastJobs lastJobs, FeedOccurrences occurrences, RetryDelays delays, TimeProvider time, ILogger<FeedJobFilters> log)
    {
        // Hangfire asks a provider's filters in the order in which they stand here, whatever their own number.
        object[] filters =
        [
            // Before the statistics: a held run has not succeeded, and a discard that is refused deletes nothing.
            deciding,
            new JobRetries(delays, time),
            new StatisticsHistoryAttribute(),
            // After the retry filter too: what it refuses is not to be tried again.
            requeue,
            new PlainFailures(),
            // After the retry filter: only what it leaves as failed is final.
            new FailureSettlement(fanIn, triggers),
            // After the settlement: it shows what became of the run.
            new RunEnds(lastJobs, occurrences),
        ];
        _filters = Order(filters);
        _refusing = Order([new RefusedJobs(log), new StatisticsHistoryAttribute()]);
    }

    /// <param name="job">Null where its row names none that is known.</param>
    public IEnumerable<JobFilter> GetFilters(Job? job) => job is not null && KnownJobs.Refusal(job) is null ? _filters : _refusing;

    private static JobFilter[] Order(object[] filters) => [.. filters.Select((filter, order) => new JobFilter(filter, JobFilterScope.Global, order))];
}
