using Hangfire;
using Hangfire.Common;
using Hangfire.Storage;

namespace FacilityFeed.Scheduler.Scheduling;

/// <summary>
/// Fields of Hangfire's recurring entries, changed under Hangfire's own lock of the entry and only while it exists: a field written to a
/// deleted entry would bring half of it back. Fields that Hangfire does not know it leaves alone, until the entry is deleted.
/// </summary>
public sealed class RecurringEntries(JobStorage storage)
{
    /// <summary>What an entry shows as its last execution: the state of this job.</summary>
    public const string LastJobField = "LastJobId";

    /// <summary>When an entry was triggered the last time; without it the page shows no last execution. When <see cref="NextField"/> is due, Hangfire looks for a time of the cron after it.</summary>
    public const string LastExecutionField = "LastExecution";

    public const string NextField = "NextExecution";

    /// <summary>What Hangfire calls the lock of an entry.</summary>
    public static string LockOf(string id) => $"lock:recurring-job:{id}";

    /// <summary>
    /// Whether an entry may say that it was executed at a time. Hangfire reckons its next time from it, and would leave out one that is due
    /// already, or that could not be had and is tried again.
    /// </summary>
    public static bool MayShow(IReadOnlyDictionary<string, string> entry, DateTime execution) =>
        string.IsNullOrEmpty(entry.GetValueOrDefault("Error")) && entry.GetValueOrDefault(NextField) is { Length: > 0 } next && execution < JobHelper.DeserializeDateTime(next);

    /// <returns>The fields of the entry; null when there is no such entry.</returns>
    public IReadOnlyDictionary<string, string>? Read(string id)
    {
        using var connection = storage.GetConnection();
        return Read(connection, id);
    }

    /// <summary>Sets one field.</summary>
    /// <param name="id">The entry.</param>
    /// <param name="field">Name of the field.</param>
    /// <param name="patience">How long Hangfire's lock is waited for.</param>
    /// <param name="choose">Gives the value for the entry as it is, asked first without the lock and then under it; null leaves it.</param>
    /// <exception cref="DistributedLockTimeoutException">The lock was taken all the time.</exception>
    public void Set(string id, string field, TimeSpan patience, Func<IStorageConnection, IReadOnlyDictionary<string, string>, string?> choose)
    {
        using var connection = storage.GetConnection();
        if (Choose(connection) is null)
        {
            return;
        }

        using (connection.AcquireDistributedLock(LockOf(id), patience))
        {
            if (Choose(connection) is { } value)
            {
                using var transaction = connection.CreateWriteTransaction();
                transaction.SetRangeInHash(KeyOf(id), [new(field, value)]);
                transaction.Commit();
            }
        }

        string? Choose(IStorageConnection open) => Read(open, id) is { } entry && choose(open, entry) is { } value && entry.GetValueOrDefault(field) != value ? value : null;
    }

    /// <summary>Lets an entry show a job that was triggered by hand. For whoever holds the entry's lock, and within his transaction; does nothing where there is no such entry.</summary>
    public void ShowJob(string id, string jobId, DateTime now)
    {
        using var connection = storage.GetConnection();
        if (Read(connection, id) is { } entry)
        {
            using var transaction = connection.CreateWriteTransaction();
            transaction.SetRangeInHash(KeyOf(id), MayShow(entry, now) ? [new(LastJobField, jobId), new(LastExecutionField, JobHelper.SerializeDateTime(now))] : [new(LastJobField, jobId)]);
            transaction.Commit();
        }
    }

    /// <summary>Has an entry come due at its next time again: Hangfire goes by a number beside the entry, and by nothing in it.</summary>
    /// <param name="id">The entry.</param>
    /// <param name="patience">How long Hangfire's lock is waited for.</param>
    /// <exception cref="DistributedLockTimeoutException">The lock was taken all the time.</exception>
    public void PutInOrder(string id, TimeSpan patience)
    {
        using var connection = storage.GetConnection();
        using var mine = connection.AcquireDistributedLock(LockOf(id), patience);
        if (Read(connection, id)?.GetValueOrDefault(NextField) is { Length: > 0 } next)
        {
            using var transaction = connection.CreateWriteTransaction();
            transaction.AddToSet("recurring-jobs", id, JobHelper.ToTimestamp(JobHelper.DeserializeDateTime(next)));
            transaction.Commit();
        }
    }

    private static Dictionary<string, string>? Read(IStorageConnection connection, string id) => connection.GetAllEntriesFromHash(KeyOf(id));

    private static string KeyOf(string id) => $"recurring-job:{id}";
}
