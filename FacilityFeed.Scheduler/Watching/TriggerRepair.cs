using FacilityFeed.Infrastructure.Feeds;
using FacilityFeed.Infrastructure.Ledger;
using FacilityFeed.Scheduler.Hosting;
using FacilityFeed.Scheduler.Jobs;
using FacilityFeed.Scheduler.Scheduling;
using Hangfire.Storage;

namespace FacilityFeed.Scheduler.Watching;

/// <summary>
/// Carries triggers by hand on whose jobs will never end by themselves, and settles those that nothing can come of. Whatever still works on one that was
/// given to another job comes to the same run.
/// </summary>
public sealed class TriggerRepair(TriggerLedger ledger, FeedCatalog feeds, FeedJobs jobs, RecurringEntries entries, RepairNotes notes, WatchTimes times, TimeProvider time) : IRepair
{
    /// <summary>Hangfire's own word is no verdict, but one that it repeats must end some time.</summary>
    private const int MostVerdicts = 5;

    /// <summary>A trigger that kills or hangs whatever works on it must end some time.</summary>
    private const int MostReplacements = 100;

    private static readonly TimeSpan _briefly = TimeSpan.FromSeconds(1);

    private readonly Sightings _sightings = new(time);

    public string Subject => "the triggers by hand";

    public async Task RepairAsync(bool isWakening, CancellationToken cancellationToken)
    {
        var open = await ledger.ListOpenAsync(feeds.All.Select(feed => feed.Key), times.Silence, cancellationToken);
        if (isWakening)
        {
            _sightings.Forget();
        }

        _sightings.See(open.Where(trigger => trigger.Trouble is not null).Select(NameOf));
        foreach (var trigger in open)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (trigger.Trouble is { } trouble && IsCertain(trigger, trouble, isWakening))
            {
                await MendAsync(trigger, trouble);
            }
        }
    }

    private static string NameOf(OpenTrigger trigger) => $"{trigger.Trouble} {trigger.JobId} {trigger.Attempt}";

    /// <summary>What is normal for a moment is trouble when it stays so.</summary>
    private bool IsCertain(OpenTrigger trigger, TriggerTrouble trouble, bool isWakening) => trouble switch
    {
        TriggerTrouble.Dead or TriggerTrouble.Lost => true,
        TriggerTrouble.Silent => !isWakening,
        TriggerTrouble.NotBegun => _sightings.AgeOf(NameOf(trigger)) >= times.Start,
        _ => _sightings.AgeOf(NameOf(trigger)) >= times.Silence,
    };

    private Task MendAsync(OpenTrigger trigger, TriggerTrouble trouble) => trouble switch
    {
        TriggerTrouble.Deleted => GiveUpAsync(trigger, "the job was deleted in the dashboard"),
        TriggerTrouble.Failed or TriggerTrouble.Ended when trigger.Replacements >= MostVerdicts => GiveUpAsync(trigger, trigger.JobReason ?? "Hangfire ended its jobs again and again, and kept no reason"),
        _ when trigger.Replacements >= MostReplacements => GiveUpAsync(trigger, $"{trigger.Replacements} jobs were given to it in turn, and the last one too ended without a word: see the log of the process for what kills or hangs it"),
        _ => ReplaceAsync(trigger, Explain(trouble, trigger.JobReason)),
    };

    /// <summary>Does nothing when the trigger got on meanwhile.</summary>
    private async Task ReplaceAsync(OpenTrigger trigger, string why)
    {
        string jobId;
        string how;
        using (var transaction = LedgerTransaction.Begin())
        {
            jobId = jobs.CreateTrigger(trigger.Feed, FeedQueues.Coordination(trigger.Feed), trigger.Id);
            how = $"job {trigger.JobId ?? "(none)"} {why}; job {jobId} takes over";
            if (!await ledger.TryReplaceAsync(trigger, jobId, $"its trigger: {how}"))
            {
                return;
            }

            transaction.Complete();
        }

        notes.Log($"a trigger of feed {trigger.Feed}: {how}");
        Show(trigger, jobId);
    }

    private async Task GiveUpAsync(OpenTrigger trigger, string reason)
    {
        if (await ledger.TryGiveUpAsync(trigger, reason))
        {
            notes.Log($"a trigger of feed {trigger.Feed}: job {trigger.JobId} is given up, and the ledger had not been told: {reason}");
        }
    }

    private void Show(OpenTrigger trigger, string jobId)
    {
        try
        {
            entries.Set(feeds.Get(trigger.Feed).RecurringJobId, RecurringEntries.LastJobField, _briefly, (_, entry) => entry.GetValueOrDefault(RecurringEntries.LastJobField) == trigger.JobId ? jobId : null);
        }
        catch (DistributedLockTimeoutException)
        {
            // The entry shows the run as soon as there is one.
        }
    }

    private string Explain(TriggerTrouble trouble, string? reason) => trouble switch
    {
        TriggerTrouble.Dead => "was at work in a process that is gone",
        TriggerTrouble.Silent => $"has come to no end for {times.Silence.TotalSeconds:0} s",
        TriggerTrouble.NotBegun => $"left its queue and has not begun for {times.Start.TotalSeconds:0} s",
        TriggerTrouble.Unscheduled => "waited for its next try, and Hangfire's schedule did not have it",
        TriggerTrouble.Lost => "is not in Hangfire any more",
        TriggerTrouble.Failed => $"was given up by Hangfire ({reason ?? "it kept no reason"}), and the ledger had not been told",
        _ => "ended without an effect on the ledger",
    };
}
