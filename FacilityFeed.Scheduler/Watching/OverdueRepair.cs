using System.Runtime.ExceptionServices;
using FacilityFeed.Scheduler.Scheduling;

namespace FacilityFeed.Scheduler.Watching;

/// <summary>Has a further run started of each feed that is late, unless something speaks against it.</summary>
public sealed partial class OverdueRepair(OverdueRuns overdue, TimeProvider time, ILogger<OverdueRepair> log) : IRepair
{
    /// <summary>What the schedule itself owes, after a night without a service, comes first.</summary>
    private static readonly TimeSpan _grace = TimeSpan.FromMinutes(1);

    private readonly Sightings _sightings = new(time);

    public string Subject => "the feeds that are late";

    public async Task RepairAsync(bool isWakening, CancellationToken cancellationToken)
    {
        if (isWakening)
        {
            _sightings.Forget();
        }

        ExceptionDispatchInfo? first = null;
        var due = overdue.ListDue();
        _sightings.See(due.Select(late => late.Feed.Key));
        foreach (var (feed, late, key) in due.Where(late => _sightings.AgeOf(late.Feed.Key) >= _grace))
        {
            try
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (await overdue.TryStartAsync(feed, late, key) is { } runId)
                {
                    LogStarted(feed.Key, late.Words, runId);
                }
            }
            catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
            {
                // One feed's trouble, as runs of a later build, keeps no other feed from its run.
                first ??= ExceptionDispatchInfo.Capture(failure);
            }
        }

        first?.Throw();
    }

    [LoggerMessage(6018, LogLevel.Warning, "Feed {Feed} is late: {Why}. Run {RunId} was started for it")]
    private partial void LogStarted(string feed, string why, long runId);
}
