using Hangfire;
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

        using (connection.AcquireDistributedLock($"lock:recurring-job:{id}", patience))
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

    private static Dictionary<string, string>? Read(IStorageConnection connection, string id) => connection.GetAllEntriesFromHash(KeyOf(id));

    private static string KeyOf(string id) => $"recurring-job:{id}";
}
