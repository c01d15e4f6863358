using System.Globalization;
using System.Text.Json;

namespace FacilityFeed.Tests.Support;

/// <summary>Rows of Hangfire's tables as somebody makes them by hand who may write to the state database.</summary>
public static class ForgedJobs
{
    /// <summary>A waiting job.</summary>
    /// <returns>Its id.</returns>
    public static Task<string> EnqueueAsync(TestDatabase state, string queue, string type, string method, string[] parameterTypes, params string?[] arguments) =>
        EnqueueAsync(state, queue, Call(type, method, parameterTypes), JsonSerializer.Serialize(arguments));

    /// <summary>A waiting job with any JSON for its call.</summary>
    public static async Task<string> EnqueueAsync(TestDatabase state, string queue, string invocationData, string arguments)
    {
        await using var command = state.Connect.CreateCommand("""
            WITH made AS (INSERT INTO hangfire.job (statename, invocationdata, arguments, createdat) VALUES ('Enqueued', $1::jsonb, $2::jsonb, now()) RETURNING id)
            INSERT INTO hangfire.jobqueue (jobid, queue) SELECT id, $3 FROM made RETURNING jobid
            """);
        command.Parameters.Add(new() { Value = invocationData });
        command.Parameters.Add(new() { Value = arguments });
        command.Parameters.Add(new() { Value = queue });
        return ((long)(await command.ExecuteScalarAsync())!).ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>A recurring job that is due every second, and now.</summary>
    public static async Task RecurAsync(TestDatabase state, string id, string type, string method, string[] parameterTypes, params string?[] arguments)
    {
        var call = JsonSerializer.Serialize(new { t = type, m = method, p = parameterTypes, a = arguments });
        foreach (var (field, value) in new[] { ("Job", call), ("Cron", "* * * * * *"), ("TimeZoneId", "UTC"), ("CreatedAt", "2026-01-01T00:00:00.0000000Z"), ("NextExecution", "2026-01-01T00:00:00.0000000Z"), ("V", "2") })
        {
            await using var entry = state.Connect.CreateCommand("INSERT INTO hangfire.hash (key, field, value) VALUES ($1, $2, $3)");
            entry.Parameters.Add(new() { Value = $"recurring-job:{id}" });
            entry.Parameters.Add(new() { Value = field });
            entry.Parameters.Add(new() { Value = value });
            await entry.ExecuteNonQueryAsync();
        }

        await state.ExecuteAsync($"INSERT INTO hangfire.set (key, value, score) VALUES ('recurring-jobs', '{id}', 1)");
    }

    /// <summary>As Hangfire writes a text into the arguments.</summary>
    public static string Text(string value) => JsonSerializer.Serialize(value);

    private static string Call(string type, string method, string[] parameterTypes) =>
        JsonSerializer.Serialize(new { Type = type, Method = method, ParameterTypes = JsonSerializer.Serialize(parameterTypes), Arguments = (string?)null });
}
