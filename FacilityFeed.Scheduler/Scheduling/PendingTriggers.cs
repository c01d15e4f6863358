using System.Runtime.ExceptionServices;
using FacilityFeed.Domain.Feeds;
using FacilityFeed.Infrastructure.Feeds;
using FacilityFeed.Infrastructure.Ledger;
using FacilityFeed.Infrastructure.Ledger.Schedules;

namespace FacilityFeed.Scheduler.Scheduling;

/// <summary>
/// Starts the triggers that waited for the end of an active run. It looks at the ledger rather than being told: a run may end
/// in any process and in many ways, and none of them can be forgotten so.
/// </summary>
public sealed class PendingTriggers(FeedLedger feedLedger, RunLedger runs, ScheduleLedger schedules, FeedCatalog feeds, RunTrigger trigger)
{
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    /// <summary>One look. Safe in several services at a time.</summary>
    /// <exception cref="Exception">What the first that did not start met; the others were started.</exception>
    public async Task StartDueAsync(CancellationToken cancellationToken)
    {
        ExceptionDispatchInfo? failed = null;
        foreach (var pending in await feedLedger.ListDueAsync(cancellationToken))
        {
            // Another service on this state may have feeds that this one does not.
            if (feeds.All.FirstOrDefault(feed => feed.Key == pending.Feed) is { } feed)
            {
                try
                {
                    await StartAsync(feed, pending);
                }
                catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
                {
                    failed ??= ExceptionDispatchInfo.Capture(failure);
                }
            }
        }

        failed?.Throw();
    }

    private async Task StartAsync(FeedDefinition feed, PendingTrigger pending)
    {
        using var transaction = LedgerTransaction.Begin();
        if (!await feedLedger.TryTakeAsync(pending))
        {
            return;
        }

        // Executed twice, the trigger may have begun its run already. Where another run came first, this one goes on waiting.
        if ((await runs.FindByKeyAsync(feed.Key, pending.RunKey) ?? await trigger.TryBeginAsync(feed, pending.RunKey, pending.Origin, due: null)) is { } runId)
        {
            if (pending.DueAt is { } due)
            {
                await schedules.GiveAsync(feed.Key, due, runId);
            }

            transaction.Complete();
        }
    }
}
