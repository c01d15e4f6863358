using System.Globalization;
using Hangfire.States;
using Hangfire.Storage.Monitoring;
using Npgsql;

namespace FacilityFeed.Scheduler.Hosting;

/// <summary>
/// The numbers of the dashboard, of which every page shows some. Hangfire adds its counters up to whatever comes out, and fails at a sum that is none of
/// its numbers; here such a sum is the next that is one.
/// </summary>
internal sealed class KnownJobCounts(NpgsqlDataSource state, string schema)
{
    /// <param name="queues">How many queues there are.</param>
    public StatisticsDto Statistics(int queues)
    {
        var jobs = Read($"""SELECT statename, count(*) FROM "{schema}".job WHERE statename IS NOT NULL GROUP BY statename""", []);
        var others = Read($"""SELECT 'servers', count(*) FROM "{schema}".server UNION ALL SELECT 'recurring', count(*) FROM "{schema}".set WHERE key = 'recurring-jobs'""", []);
        var ever = Sums(["stats:succeeded", "stats:deleted"]);
        return new StatisticsDto
        {
            Enqueued = jobs.GetValueOrDefault(EnqueuedState.StateName),
            Failed = jobs.GetValueOrDefault(FailedState.StateName),
            Processing = jobs.GetValueOrDefault(ProcessingState.StateName),
            Scheduled = jobs.GetValueOrDefault(ScheduledState.StateName),
            Servers = others["servers"],
            Recurring = others["recurring"],
            Succeeded = ever.GetValueOrDefault("stats:succeeded"),
            Deleted = ever.GetValueOrDefault("stats:deleted"),
            Queues = queues,
        };
    }

    /// <summary>How many jobs came to <paramref name="end"/> on each of the last seven days, UTC; the newest first.</summary>
    public Dictionary<DateTime, long> Daily(string end) => Timeline(end, "yyyy-MM-dd", 7, (now, back) => now.Date.AddDays(-back));

    /// <summary>How many jobs came to <paramref name="end"/> in each of the last 24 hours, UTC; the newest first.</summary>
    public Dictionary<DateTime, long> Hourly(string end) => Timeline(end, "yyyy-MM-dd-HH", 24, (now, back) => now.AddHours(-back));

    private Dictionary<DateTime, long> Timeline(string end, string format, int count, Func<DateTime, int, DateTime> at)
    {
        var now = TimeProvider.System.GetUtcNow().UtcDateTime;
        var times = Enumerable.Range(0, count).Select(back => at(now, back)).ToDictionary(time => time, time => $"stats:{end}:{time.ToString(format, CultureInfo.InvariantCulture)}");
        var sums = Sums([.. times.Values]);
        return times.ToDictionary(time => time.Key, time => sums.GetValueOrDefault(time.Value));
    }

    private Dictionary<string, long> Sums(string[] keys) => Read($"""
        SELECT key, greatest(0, least({long.MaxValue}, sum(value)))::bigint
        FROM (SELECT key, value FROM "{schema}".counter UNION ALL SELECT key, value FROM "{schema}".aggregatedcounter) counters WHERE key = ANY($1) GROUP BY key
        """, keys);

    private Dictionary<string, long> Read(string sql, string[] keys)
    {
        using var command = state.CreateCommand(sql);
        if (keys.Length > 0)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = keys });
        }

        using var rows = command.ExecuteReader();
        var counts = new Dictionary<string, long>(StringComparer.Ordinal);
        while (rows.Read())
        {
            counts.Add(rows.GetString(0), rows.GetInt64(1));
        }

        return counts;
    }
}
