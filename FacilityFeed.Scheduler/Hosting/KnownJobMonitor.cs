using System.Globalization;
using System.Text.Json;
using Hangfire.PostgreSql;
using Hangfire.States;
using Hangfire.Storage;
using Hangfire.Storage.Monitoring;
using Npgsql;

namespace FacilityFeed.Scheduler.Hosting;

/// <summary>
/// What the dashboard lists. One row that is none of ours, in whatever way, hides itself alone: Hangfire's own lists fail as a whole. Nothing is changed here.
/// </summary>
internal sealed class KnownJobMonitor(PostgreSqlStorage storage, NpgsqlDataSource state, string schema) : PostgreSqlMonitoringApi(storage, storage.QueueProviders), IMonitoringApi
{
    private const string Unknown = "unknown";
    private const string ServerId = "ServerId";

    private readonly PostgreSqlStorage _storage = storage;
    private readonly KnownJobCounts _counts = new(state, schema);

    public new StatisticsDto GetStatistics() => _counts.Statistics(_storage.QueueProviders.Sum(provider => provider.GetJobQueueMonitoringApi().GetQueues().Count()));

    public new IDictionary<DateTime, long> SucceededByDatesCount() => _counts.Daily("succeeded");

    public new IDictionary<DateTime, long> FailedByDatesCount() => _counts.Daily("failed");

    public new IDictionary<DateTime, long> HourlySucceededJobs() => _counts.Hourly("succeeded");

    public new IDictionary<DateTime, long> HourlyFailedJobs() => _counts.Hourly("failed");

    public new JobList<EnqueuedJobDto> EnqueuedJobs(string queue, int from, int perPage) =>
        Read(base.EnqueuedJobs, queue, at => Ids(queue).GetEnqueuedJobIds(queue, at, 1), from, perPage, () => new EnqueuedJobDto { State = EnqueuedState.StateName });

    public new JobList<FetchedJobDto> FetchedJobs(string queue, int from, int perPage) =>
        Read(base.FetchedJobs, queue, at => Ids(queue).GetFetchedJobIds(queue, at, 1), from, perPage, () => new FetchedJobDto());

    public new JobList<ProcessingJobDto> ProcessingJobs(int from, int count)
    {
        var jobs = Read(base.ProcessingJobs, ProcessingState.StateName, from, count, () => new ProcessingJobDto());
        jobs.ForEach(job => job.Value.ServerId ??= Unknown);
        return jobs;
    }

    public new JobList<ScheduledJobDto> ScheduledJobs(int from, int count) => Read(base.ScheduledJobs, ScheduledState.StateName, from, count, () => new ScheduledJobDto());

    public new JobList<SucceededJobDto> SucceededJobs(int from, int count)
    {
        var jobs = Read(base.SucceededJobs, SucceededState.StateName, from, count, () => new SucceededJobDto());
        // More than the page can write as a time.
        foreach (var (_, job) in jobs.Where(job => job.Value.TotalDuration is { } milliseconds && !IsTime(milliseconds)))
        {
            job.TotalDuration = null;
        }

        return jobs;
    }

    public new JobList<FailedJobDto> FailedJobs(int from, int count) =>
        Read(base.FailedJobs, FailedState.StateName, from, count, () => new FailedJobDto { ExceptionMessage = "The row of this job cannot be read: look who may write to the state database, then delete the job" });

    public new JobList<DeletedJobDto> DeletedJobs(int from, int count) => Read(base.DeletedJobs, DeletedState.StateName, from, count, () => new DeletedJobDto());

    public new IList<QueueWithTopEnqueuedJobsDto> Queues() =>
    [
        .. _storage.QueueProviders.SelectMany(provider => provider.GetJobQueueMonitoringApi().GetQueues()).Order(StringComparer.Ordinal)
            .Select(queue => new QueueWithTopEnqueuedJobsDto { Name = queue, Length = EnqueuedCount(queue), Fetched = FetchedCount(queue), FirstJobs = EnqueuedJobs(queue, 0, 5) }),
    ];

    /// <summary>Who says that it serves queues; of one whose row cannot be read, only the name and when it last said so.</summary>
    public new IList<ServerDto> Servers()
    {
        IList<ServerDto> servers;
        try
        {
            servers = base.Servers();
        }
        catch (Exception unreadable) when (unreadable is not NpgsqlException)
        {
            servers = Rows($"""SELECT id, lastheartbeat FROM "{schema}".server""", row => new ServerDto { Name = row.GetString(0), Heartbeat = row.GetDateTime(1) });
        }

        foreach (var server in servers)
        {
            server.Queues = [.. (server.Queues ?? []).OfType<string>()];
        }

        return servers;
    }

    public new JobDetailsDto? JobDetails(string jobId)
    {
        JobDetailsDto? job;
        try
        {
            job = base.JobDetails(jobId);
        }
        catch (Exception unreadable) when (unreadable is not NpgsqlException)
        {
            job = long.TryParse(jobId, NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? ReadableDetails(id) : null;
        }

        // The page asks for these, of whatever job.
        foreach (var past in (job?.History ?? []).Where(past => past.StateName == ProcessingState.StateName && !(past.Data.TryGetValue(ServerId, out var server) && server is not null)))
        {
            past.Data[ServerId] = Unknown;
        }

        // None of our jobs has any, so the page need not follow them.
        if (job is not null && job.Properties.Remove("Continuations", out var continuations))
        {
            job.Properties["Continuations, not followed"] = continuations;
        }

        return job;
    }

    private JobDetailsDto? ReadableDetails(long id)
    {
        var job = Rows($"""SELECT createdat, expireat FROM "{schema}".job WHERE id = $1""", row => new JobDetailsDto { CreatedAt = row.GetDateTime(0), ExpireAt = row.IsDBNull(1) ? null : row.GetDateTime(1) }, id).SingleOrDefault();
        if (job is null)
        {
            return null;
        }

        using var connection = _storage.GetConnection();
        job.Job = connection.GetJobData(id.ToString(CultureInfo.InvariantCulture))?.Job;
        job.Properties = Rows($"""SELECT name, value FROM "{schema}".jobparameter WHERE jobid = $1""", row => (Name: row.GetString(0), Value: row.IsDBNull(1) ? "" : row.GetString(1)), id)
            .DistinctBy(parameter => parameter.Name).ToDictionary(parameter => parameter.Name, parameter => parameter.Value);
        job.History = Rows($"""SELECT name, reason, createdat, data::text FROM "{schema}".state WHERE jobid = $1 ORDER BY id DESC""", row => new StateHistoryDto
        {
            StateName = row.GetString(0),
            Reason = row.IsDBNull(1) ? null : row.GetString(1),
            CreatedAt = row.GetDateTime(2),
            Data = row.IsDBNull(3) ? [] : TextsOf(row.GetString(3)),
        }, id);
        return job;
    }

    /// <summary>The fields of a JSON object that are texts.</summary>
    private static Dictionary<string, string> TextsOf(string json)
    {
        using var read = JsonDocument.Parse(json);
        var texts = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var field in read.RootElement.ValueKind == JsonValueKind.Object ? read.RootElement.EnumerateObject().Where(field => field.Value.ValueKind == JsonValueKind.String) : [])
        {
            texts[field.Name] = field.Value.GetString()!;
        }

        return texts;
    }

    private static bool IsTime(long milliseconds) => Math.Abs((double)milliseconds) < TimeSpan.MaxValue.TotalMilliseconds;

    private IPersistentJobQueueMonitoringApi Ids(string queue) => _storage.QueueProviders.GetProvider(queue).GetJobQueueMonitoringApi();

    private JobList<T> Read<T>(Func<int, int, JobList<T>> read, string stateName, int from, int count, Func<T> unreadable) =>
        Read(read, at => Rows($"""SELECT id FROM "{schema}".job WHERE statename = $1 ORDER BY id DESC LIMIT 1 OFFSET $2""", row => row.GetInt64(0), stateName, at), from, count, unreadable);

    private static JobList<T> Read<T>(Func<string, int, int, JobList<T>> read, string queue, Func<int, IEnumerable<long>> idAt, int from, int count, Func<T> unreadable) =>
        Read((at, many) => read(queue, at, many), idAt, from, count, unreadable);

    /// <summary>The page as Hangfire reads it; where it cannot, each half of it, down to the one row that stays <paramref name="unreadable"/>.</summary>
    private static JobList<T> Read<T>(Func<int, int, JobList<T>> read, Func<int, IEnumerable<long>> idAt, int from, int count, Func<T> unreadable)
    {
        try
        {
            return read(from, count);
        }
        catch (Exception failure) when (failure is not NpgsqlException)
        {
            var half = count / 2;
            return new JobList<T>(count <= 1
                ? idAt(from).Select(id => KeyValuePair.Create(id.ToString(CultureInfo.InvariantCulture), unreadable()))
                : Read(read, idAt, from, half, unreadable).Concat(Read(read, idAt, from + half, count - half, unreadable)));
        }
    }

    private List<T> Rows<T>(string sql, Func<NpgsqlDataReader, T> read, params object[] parameters)
    {
        using var command = state.CreateCommand(sql);
        command.Parameters.AddRange(parameters.Select(value => new NpgsqlParameter { Value = value }).ToArray());
        using var rows = command.ExecuteReader();
        var all = new List<T>();
        while (rows.Read())
        {
            all.Add(read(rows));
        }

        return all;
    }
}
