using FacilityFeed.Domain;
using FacilityFeed.Scheduler.Exporting;
using FacilityFeed.Scheduler.Operating;
using Hangfire;
using Hangfire.Common;

namespace FacilityFeed.Scheduler.Hosting;

/// <summary>
/// What Hangfire applies to every job here. Held by this host alone instead of Hangfire's process-wide list, and without
/// its culture filter, which costs three round trips a job and serves nobody here.
/// </summary>
public sealed class FeedJobFilters : IJobFilterProvider
{
    /// <summary>Tries after the first one.</summary>
    public const int Retries = 5;

    private readonly JobFilter[] _filters;

    public FeedJobFilters(FanIn fanIn, RequeueRedrive requeue, RetryDelays delays)
    {
        var retry = new AutomaticRetryAttribute
        {
            Attempts = Retries,
            DelaysInSeconds = [.. delays.Seconds],
            ExceptOn = [typeof(FeedRejectedException)],
            OnAttemptsExceeded = AttemptsExceededAction.Fail,
            // Our jobs log what they met themselves: once, and many alike together.
            LogEvents = false,
        };
        var settlement = new FailureSettlement(fanIn);
        _filters =
        [
            new JobFilter(retry, JobFilterScope.Global, retry.Order),
            new JobFilter(new StatisticsHistoryAttribute(), JobFilterScope.Global, null),
            // After the retry filter too: what it refuses is not to be tried again.
            new JobFilter(requeue, JobFilterScope.Global, int.MaxValue - 1),
            // After the retry filter: only what it leaves as failed is final.
            new JobFilter(settlement, JobFilterScope.Global, int.MaxValue),
        ];
    }

    public IEnumerable<JobFilter> GetFilters(Job job) => _filters;
}
