using FacilityFeed.Domain;
using FacilityFeed.Infrastructure.Ledger;
using FacilityFeed.Scheduler.Exporting;

namespace FacilityFeed.Scheduler.Watching;

/// <summary>Recomputes a run's countdown from its open chunks, and at zero does what the last chunk should have done.</summary>
public sealed class CountRepair(WatchLedger ledger, KnownFeeds known, FanIn fanIn, RepairNotes notes) : IRepair
{
    public string Subject => "the countdowns of the runs";

    public async Task RepairAsync(bool isWakening, CancellationToken cancellationToken)
    {
        foreach (var (runId, feed) in await ledger.FindMiscountedAsync(known.Recipes, cancellationToken))
        {
            await RecountAsync(runId, feed);
        }
    }

    private async Task RecountAsync(long runId, string feed)
    {
        string what;
        using (var transaction = LedgerTransaction.Begin())
        {
            if (await ledger.TryRecountAsync(runId) is not { } recount)
            {
                return;
            }

            what = $"{Counted.Of(recount.Open, "chunk is", "chunks are")} open, {(recount.Before is { } before ? Counted.Of(before, "was", "were") : "none were")} counted";
            if (recount.WantsManifest)
            {
                what += await fanIn.CompleteAsync(runId, feed) ? "; the manifest job was missing" : "; the run had failed chunks";
            }

            await notes.AddAsync(runId, what);
            transaction.Complete();
        }

        notes.Log(runId, feed, what);
    }
}
