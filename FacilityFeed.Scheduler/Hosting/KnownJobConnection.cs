using System.Globalization;
using System.Text.Json;
using System.Transactions;
using FacilityFeed.Domain;
using FacilityFeed.Scheduler.Scheduling;
using Hangfire.Common;
using Hangfire.PostgreSql;
using Hangfire.States;
using Hangfire.Storage;
using Npgsql;

namespace FacilityFeed.Scheduler.Hosting;

/// <summary>
/// Gives Hangfire of its own tables only what a job of ours can be, however the row came there. What it gives as "cannot be loaded" Hangfire moves to
/// the failed jobs at once; what its own connection throws at is a job that it takes from the queue again and again.
/// </summary>
internal sealed partial class KnownJobConnection(PostgreSqlStorage storage, NpgsqlDataSource state, string schema, TimeSpan lockLease, ILogger log) : PostgreSqlConnection(storage)
{
    private const string Schedule = "schedule";
    private const string Awaiting = "awaiting";
    private const string RecurringJobs = "recurring-jobs";
    private const string RecurringJob = "recurring-job:";
    private const string RetryCount = "RetryCount";
    private const string Unreadable = "Unreadable";

    // The parameter that a row's call is kept in, for whoever asks where it came from.
    private const string Kept = "UnreadableCall";

    private readonly OwnedLocks _locks = new(state, schema, lockLease);

    // Within a transaction the row is one of its own, and goes with it.
    public override IDisposable AcquireDistributedLock(string resource, TimeSpan timeout) =>
        Transaction.Current is null ? _locks.Acquire($"{schema}:{resource}", timeout) : base.AcquireDistributedLock(resource, timeout);

    public override IFetchedJob FetchNextJob(string[] queues, CancellationToken cancellationToken) => new ReturnedJob(base.FetchNextJob(queues, cancellationToken));

    public override JobData? GetJobData(string id)
    {
        JobData? data;
        try
        {
            data = base.GetJobData(id);
        }
        catch (Exception unreadable) when (unreadable is Newtonsoft.Json.JsonException or NullReferenceException)
        {
            return Clear(id, KnownJobs.Unreadable(unreadable));
        }

        if (data?.LoadException is { } failure)
        {
            data.LoadException = Refused(KnownJobs.Unreadable(failure.InnerException ?? failure));
        }
        else if (data?.Job is { } job && KnownJobs.Refusal(job) is { } refusal)
        {
            data.Job = null;
            data.LoadException = Refused(new FeedRejectedException(refusal));
        }

        return data;
    }

    /// <summary>A parameter as it is stored; of ours none is more than a number or a text.</summary>
    /// <exception cref="FeedRejectedException">It is something else.</exception>
    public override string? GetJobParameter(string id, string name)
    {
        var value = base.GetJobParameter(id, name);
        if (value is null)
        {
            return null;
        }

        if (name == RetryCount)
        {
            // No reason to hold a job up: its tries are counted anew.
            return int.TryParse(value, CultureInfo.InvariantCulture, out _) ? value : null;
        }

        return IsPlain(value) ? value : throw new FeedRejectedException($"the parameter {name} of job {id} is neither a number nor a text. No version of this program stores such a one: look who may write to the state database");
    }

    /// <summary>The state that a job stands in. What the pages ask for in it is there and can be read, or the state is called unreadable.</summary>
    public override StateData? GetStateData(string jobId)
    {
        StateData? now;
        try
        {
            now = base.GetStateData(jobId);
        }
        catch (Newtonsoft.Json.JsonException)
        {
            return new StateData { Name = Unreadable, Data = new Dictionary<string, string>() };
        }

        if (now is null)
        {
            return null;
        }

        now.Data ??= new Dictionary<string, string>();
        if (now.Data.TryGetValue("EnqueueAt", out var time) && !RecurringFields.IsTime(time))
        {
            now.Data.Remove("EnqueueAt");
        }

        if (now.Name == AwaitingState.StateName && !(now.Data.TryGetValue("ParentId", out var parent) && IdOf(parent) is { } id && Existing([id], "stateid IS NOT NULL").Count > 0))
        {
            now.Name = Unreadable;
        }

        return now;
    }

    /// <summary>A page of a set: where it is one of jobs, those that can be shown.</summary>
    public override List<string> GetRangeFromSet(string key, int startingFrom, int endingAt)
    {
        var values = base.GetRangeFromSet(key, startingFrom, endingAt);
        return key switch
        {
            "retries" => values.FindAll(value => IdOf(value) is not null),
            Awaiting => values.FindAll(value => IdOf(value) is not null && GetJobData(value) is not null),
            _ => values,
        };
    }

    /// <summary>A hash; one of a recurring job as Hangfire can read it.</summary>
    public override Dictionary<string, string>? GetAllEntriesFromHash(string key) =>
        base.GetAllEntriesFromHash(key) is { } hash ? key.StartsWith(RecurringJob, StringComparison.Ordinal) ? RecurringFields.Readable(hash) : hash : null;

    private HashSet<long> Existing(long[] ids, string condition)
    {
        using var command = state.CreateCommand($"""SELECT id FROM "{schema}".job WHERE id = ANY($1) AND {condition}""");
        command.Parameters.Add(new NpgsqlParameter { Value = ids });
        using var rows = command.ExecuteReader();
        var existing = new HashSet<long>();
        while (rows.Read())
        {
            existing.Add(rows.GetInt64(0));
        }

        return existing;
    }

    private static long? IdOf(string? value) => long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : null;

    /// <summary>Without a call the dashboard can show the row, which its lists otherwise fail at; what stood there is kept beside it.</summary>
    private JobData? Clear(string id, FeedRejectedException reason)
    {
        using var command = state.CreateCommand($$"""
            WITH kept AS (INSERT INTO "{{schema}}".jobparameter (jobid, name, value) SELECT id, '{{Kept}}', to_json(invocationdata::text)::text FROM "{{schema}}".job WHERE id = $1)
            UPDATE "{{schema}}".job SET invocationdata = '{}' WHERE id = $1 RETURNING statename, createdat
            """);
        command.Parameters.Add(new NpgsqlParameter { Value = long.Parse(id, CultureInfo.InvariantCulture) });
        using var row = command.ExecuteReader();
        return row.Read() ? new JobData { State = row.IsDBNull(0) ? null : row.GetString(0), CreatedAt = row.GetDateTime(1), LoadException = Refused(reason) } : null;
    }

    private static JobLoadException Refused(FeedRejectedException reason) => new(reason.Message, reason);

    private static bool IsPlain(string value)
    {
        try
        {
            using var read = JsonDocument.Parse(value);
            return read.RootElement.ValueKind is not (JsonValueKind.Object or JsonValueKind.Array);
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
