using System.Collections.Concurrent;
using System.Globalization;
using FacilityFeed.Domain.Feeds;
using FacilityFeed.Domain.Ledger;
using FacilityFeed.Infrastructure.Ledger;
using FacilityFeed.Infrastructure.Ledger.Schedules;

namespace FacilityFeed.Scheduler.Scheduling;

/// <summary>
/// What a feed's recurring entry must say in words: that it is paused, that the last trigger was skipped, that the newest run waits for a
/// person or was withdrawn, that the feed is late, that somebody deleted the entry in vain. The page knows none of this, and its colours not all.
/// </summary>
public sealed partial class RecurringNames(FeedLedger feeds, FeedFreshness freshness, RecurringEntries entries, TimeProvider time, ILogger<RecurringNames> log)
{
    /// <summary>A page that is reloaded all the time asks no more than this.</summary>
    private static readonly TimeSpan _memory = TimeSpan.FromSeconds(1);

    /// <summary>How long an entry says that it came back.</summary>
    private static readonly TimeSpan _renewalIsNews = TimeSpan.FromDays(1);

    private readonly ConcurrentDictionary<string, (long At, string Words)> _known = new(StringComparer.Ordinal);

    /// <param name="plain">The name as it is.</param>
    /// <param name="feed">Key of the feed.</param>
    public string Explain(string plain, string feed)
    {
        if (!_known.TryGetValue(feed, out var known) || time.GetElapsedTime(known.At) > _memory)
        {
            known = _known[feed] = (time.GetTimestamp(), Read(feed));
        }

        return plain + known.Words;
    }

    private string Read(string feed)
    {
        try
        {
            return string.Concat(Say(feed, feeds.FindStanding(feed), freshness.Find(feed), Renewal.Parse(entries.Read(feed)?.GetValueOrDefault(Renewal.Field))).Select(word => $" · {word}"));
        }
        catch (Exception away) when (StateFailure.IsOne(away))
        {
            // The page has the same database, and says itself that it is away.
            LogAway(feed, StateFailure.Explain(away));
            return "";
        }
    }

    private IEnumerable<string> Say(string feed, FeedStanding standing, Freshness? freshness, Renewal? renewal)
    {
        if (standing.PausedAt is { } paused)
        {
            yield return $"PAUSED since {Time(paused)} UTC by {standing.PausedBy}: no run starts until ./run resume {feed}";
        }

        if (freshness is { IsLate: true } late)
        {
            yield return $"LATE: {late.Words}";
        }

        // One that met a pause that is over is no news.
        if (standing.SkippedAt is { } skipped && (standing.PausedAt is not null || !standing.IsSkippedByPause))
        {
            yield return $"the trigger of {Time(skipped)} UTC started no run{(standing.IsSkippedByPause ? "" : $": {standing.SkippedReason}")}";
        }

        if (standing is { UnmadeDueAt: { } due, UnmadeReason: { } reason })
        {
            yield return reason == Occurrence.Waits ? $"the run of {Time(due)} UTC waits for the end of the active one" : $"the time {Time(due)} UTC started no run: {reason}";
        }

        if (standing.RunState is { } state && SayOf(state) is { } words)
        {
            yield return $"run {standing.RunId} {words}: ./run status {standing.RunId} says why";
        }

        if (standing.HeldRunId is { } held)
        {
            yield return $"run {held} is still HELD{(standing.HeldRuns > 1 ? $", and {standing.HeldRuns - 1} before it" : "")}: ./run status {held} says why";
        }

        if (renewal is not null && time.GetUtcNow().UtcDateTime - renewal.At < _renewalIsNews)
        {
            yield return renewal.Why == Renewal.Deleted
                ? $"was deleted, and registered again at {Time(renewal.At)} UTC, for the settings name this feed: ./run pause {feed} keeps it from starting runs, Feeds:{feed}:Enabled=false, a restart and then ./run forget {feed} remove it"
                : $"{renewal.Why}, and was registered again at {Time(renewal.At)} UTC";
        }
    }

    private static string? SayOf(RunState newest) => newest switch
    {
        RunState.Failed => "has FAILED",
        RunState.Held => "is HELD",
        RunState.Cancelled => "was CANCELLED",
        RunState.Discarded => "was DISCARDED",
        _ => null,
    };

    private static string Time(DateTime utc) => utc.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);

    [LoggerMessage(1011, LogLevel.Warning, "The recurring entry of feed {Feed} says nothing but its name: {Reason}")]
    private partial void LogAway(string feed, string reason);
}
