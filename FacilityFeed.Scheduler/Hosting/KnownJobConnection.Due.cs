using FacilityFeed.Domain;
using FacilityFeed.Scheduler.Scheduling;
using Hangfire.Storage;

namespace FacilityFeed.Scheduler.Hosting;

/// <content>What Hangfire's clocks are given as due.</content>
internal sealed partial class KnownJobConnection
{
    /// <summary>
    /// What is due. Hangfire's clocks stop at one entry that they cannot read, and all that is due after it, of every feed, waits: so such an entry is
    /// removed from the schedule, and a recurring job of that kind put where Hangfire itself puts the ones that it has disabled.
    /// </summary>
    public override List<string> GetFirstByLowestScoreFromSet(string key, double fromScore, double toScore, int count)
    {
        // All of the recurring ones: however many are passed over, those after them come.
        var due = base.GetFirstByLowestScoreFromSet(key, fromScore, toScore, key == RecurringJobs ? int.MaxValue : count);
        return key switch
        {
            Schedule => WithoutStrangers(due),
            RecurringJobs => [.. due.Where(IsReadable).Take(count)],
            _ => due,
        };
    }

    private List<string> WithoutStrangers(List<string> due)
    {
        // A job that names its queue stands there with it: "feed-facility:17".
        var ids = due.ToDictionary(entry => entry, entry => IdOf(entry[(entry.IndexOf(':', StringComparison.Ordinal) + 1)..]), StringComparer.Ordinal);
        var existing = Existing([.. ids.Values.OfType<long>()], "true");
        var strangers = due.FindAll(entry => ids[entry] is not { } id || !existing.Contains(id));
        if (strangers.Count > 0)
        {
            using var transaction = CreateWriteTransaction();
            strangers.ForEach(entry => transaction.RemoveFromSet(Schedule, entry));
            transaction.Commit();
            LogStrangers(Counted.Of(strangers.Count, "due entry", "due entries"), ShownValue.Of(strangers[0], 60));
        }

        return due.FindAll(entry => !strangers.Contains(entry));
    }

    /// <summary>Whether Hangfire can read a recurring job. One that nobody can is put aside, under Hangfire's own lock of it: whoever is renewing it has the last word.</summary>
    private bool IsReadable(string id)
    {
        if (Fault() is not { } fault)
        {
            return true;
        }

        // To the service whose feed it is it may be whole.
        if (RecurringFields.IsZoneUnknownHere(fault))
        {
            return false;
        }

        try
        {
            using var mine = AcquireDistributedLock($"lock:{RecurringJob}{id}", TimeSpan.Zero);
            if (Fault() is { } still && !RecurringFields.IsZoneUnknownHere(still))
            {
                using var transaction = CreateWriteTransaction();
                transaction.AddToSet(RecurringJobs, id, -1);
                transaction.Commit();
            }
        }
        catch (DistributedLockTimeoutException)
        {
            // Somebody is at work on it. It is passed over, and looked at again the next time.
        }

        return false;

        string? Fault() => base.GetAllEntriesFromHash($"{RecurringJob}{id}") is { } entry ? RecurringFields.Fault(entry) : null;
    }

    [LoggerMessage(6012, LogLevel.Warning, "Removed {Entries} of Hangfire's schedule that named no job, '{First}' first. No version of this program makes such entries: look who may write to the state database")]
    private partial void LogStrangers(string entries, string first);
}
