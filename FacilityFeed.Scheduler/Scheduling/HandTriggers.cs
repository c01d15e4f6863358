using FacilityFeed.Infrastructure.Feeds;
using FacilityFeed.Infrastructure.Ledger;

namespace FacilityFeed.Scheduler.Scheduling;

/// <summary>Carries triggers by hand out. Whatever executes one, and however often, comes to the same run: its key is the trigger's id.</summary>
public sealed class HandTriggers(TriggerLedger ledger, RunLedger runs, RunTrigger trigger, FeedCatalog feeds)
{
    /// <summary>Name of the job parameter that holds the trigger's id; stored.</summary>
    public const string Parameter = "TriggerId";

    /// <summary>One execution of a trigger's job.</summary>
    /// <param name="id">The trigger.</param>
    /// <param name="jobId">The job.</param>
    /// <returns>What to say of it on the job's page.</returns>
    public async Task<string> RunAsync(long id, string jobId)
    {
        if (await ledger.TryTakeAsync(id, jobId) is not { } taken)
        {
            return await ledger.FindAsync(id) switch
            {
                null => $"trigger {id} is not in the ledger any more",
                { JobId: { } other } when other != jobId => $"job {other} has taken trigger {id} over",
                { RunId: { } run } => TriggerText.Of(run),
                var (_, _, reason) => reason ?? $"trigger {id} is over",
            };
        }

        try
        {
            var feed = feeds.Get(taken.Feed);
            var triggered = await trigger.TriggerAsync(feed, $"trigger {id}", taken.Origin, joinsActive: false);
            await EndAsync(taken, triggered);
            return TriggerText.Of(taken.Feed, triggered);
        }
        catch (Exception)
        {
            await RestAsync(taken);
            throw;
        }
    }

    private async Task EndAsync(TakenTrigger taken, Triggered triggered)
    {
        using var transaction = LedgerTransaction.Begin();
        var isQueued = triggered.Kind == TriggerKind.Queued;
        if (await ledger.TryEndAsync(taken, isQueued ? null : triggered.RunId, triggered.Kind == TriggerKind.Begun ? null : TriggerText.Of(taken.Feed, triggered)) && taken.Repair is { } repair && !isQueued)
        {
            await runs.AddEventAsync(triggered.RunId, RunLedger.RepairEvent, repair);
        }

        transaction.Complete();
    }

    /// <summary>What went wrong goes on to Hangfire, whatever happens here.</summary>
    private async Task RestAsync(TakenTrigger taken)
    {
        try
        {
            await ledger.RestAsync(taken);
        }
        catch (Exception away) when (StateFailure.IsOne(away))
        {
            // The next attempt, or the watcher, takes the trigger all the same.
        }
    }
}
