using FacilityFeed.Infrastructure.Ledger;
using FacilityFeed.Scheduler.Hosting;

namespace FacilityFeed.Scheduler.Watching;

/// <summary>Removes lock rows that killed processes left: retries and schedules wait for them.</summary>
public sealed class LockRepair(WatchLedger ledger, RepairNotes notes) : IRepair
{
    /// <summary>Hangfire's holders write their own clock into the row.</summary>
    private static readonly TimeSpan _margin = TimeSpan.FromSeconds(30);

    public string Subject => "Hangfire's locks";

    public async Task RepairAsync(bool isWakening, CancellationToken cancellationToken)
    {
        foreach (var name in await ledger.RemoveLocksAsync(HangfireStorage.LockLease + _margin, cancellationToken))
        {
            notes.Log($"the lock '{name}' was older than its lease, so its holder is dead; it was removed");
        }
    }
}
