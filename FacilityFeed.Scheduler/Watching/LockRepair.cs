using FacilityFeed.Infrastructure.Ledger;

namespace FacilityFeed.Scheduler.Watching;

/// <summary>Removes lock rows that killed processes left: retries and schedules wait for them.</summary>
public sealed class LockRepair(WatchLedger ledger, RepairNotes notes, WatchTimes times) : IRepair
{
    public string Subject => "Hangfire's locks";

    public async Task RepairAsync(bool isWakening, CancellationToken cancellationToken)
    {
        // Half as long again, for Hangfire's holders write their own clock into the row.
        foreach (var name in await ledger.RemoveLocksAsync(times.LockLease + (times.LockLease / 2), cancellationToken))
        {
            notes.Log($"the lock '{name}' was older than its lease, or of a time that is still to come, so its holder is dead or its clock wrong; it was removed");
        }
    }
}
