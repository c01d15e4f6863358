using System.Text.Encodings.Web;
using System.Text.Json;
using FacilityFeed.Infrastructure.Ledger;

namespace FacilityFeed.Scheduler.Commands;

/// <summary>What <c>status --json</c> answers, with the words of <c>publish --json</c>. The member names are part of the command's contract; times are UTC.</summary>
internal static class StatusJson
{
    private static readonly JsonSerializerOptions _json = new(JsonSerializerDefaults.Web) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Of(string stateDatabase, IReadOnlyList<FeedStatus> feeds, IReadOnlyList<RunView> runs) => JsonSerializer.Serialize(new
    {
        stateDatabase,
        feeds = feeds.Select(feed => new
        {
            feed = feed.Key,
            feed.Definition?.Name,
            feed.Definition?.Cron,
            timeZone = feed.Definition?.TimeZone.Id,
            nextTimes = feed.NextTimes.Select(time => time.UtcDateTime),
            feed.Warnings,
            pausedAt = feed.Pause?.PausedAt,
            feed.Pause?.PausedBy,
            waiting = feed.IsWaiting,
            lastDue = feed.LastDue is { } due ? new { due.DueAt, due.FirstDueAt, times = due.Count, due.RunId, due.Reason } : null,
            late = feed.Freshness?.IsLate,
            lateFrom = Utc(feed.Freshness?.LateFrom),
            goodAt = Utc(feed.Freshness?.GoodAt),
            maxAgeSeconds = feed.Freshness?.MaxAge?.TotalSeconds,
        }),
        runs = runs.Select(Members),
    }, _json);

    public static string Of(string stateDatabase, RunStatus status) => JsonSerializer.Serialize(new
    {
        stateDatabase,
        run = Members(status.Run),
        needsForce = status.Excess is not null,
        reasons = status.Reasons.Select(reason => new { reason.Reason, rejected = reason.IsRejected, reason.Count }),
        chunks = status.Chunks.Select(chunk => new
        {
            chunk = chunk.Number,
            chunk.FirstId,
            chunk.LastId,
            state = StateName.Of(chunk.State),
            chunk.Attempt,
            chunk.JobId,
            chunk.RowsRead,
            chunk.Records,
            chunk.Rejected,
            @object = chunk.ObjectName,
            chunk.Bytes,
            chunk.Sha256,
            chunk.StoreRetries,
            chunk.Error,
        }),
        events = status.Events.Select(entry => new { at = Utc(entry.At), entry.Event, entry.Detail }),
    }, _json);

    private static object Members(RunView run) => new
    {
        runId = run.Id,
        run.Feed,
        run.Name,
        run.Origin,
        state = StateName.Of(run.State),
        requestedAt = Utc(run.RequestedAt),
        finishedAt = Utc(run.FinishedAt),
        publishedAt = Utc(run.PublishedAt),
        run.Manifest,
        chunks = run.ChunkCount ?? 0,
        run.ChunksDone,
        run.ChunksFailed,
        run.Shards,
        run.PlannedRows,
        run.RowsRead,
        run.Records,
        run.Rejected,
        warnings = run.Warned,
        run.Drift,
        run.Bytes,
        seconds = run.Duration is { } duration ? Math.Round(duration.TotalSeconds, 3) : (double?)null,
        run.Reason,
    };

    private static DateTime? Utc(DateTime? time) => time is { } known ? DateTime.SpecifyKind(known, DateTimeKind.Utc) : null;
}
