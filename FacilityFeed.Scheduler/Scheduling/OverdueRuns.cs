using FacilityFeed.Domain.Feeds;
using FacilityFeed.Infrastructure.Ledger;

namespace FacilityFeed.Scheduler.Scheduling;

/// <summary>Starts further runs of feeds that are late. Beside the schedule, of which no time counts as had.</summary>
public sealed class OverdueRuns(FeedFreshness freshness, RunTrigger trigger, RunLedger runs)
{
    /// <summary>Between a run that failed and the first further one; it doubles with each that fails too, up to the schedule's own.</summary>
    private static readonly TimeSpan _firstDistance = TimeSpan.FromMinutes(30);

    /// <summary>The late feeds that a further run is due of.</summary>
    public IReadOnlyList<(FeedDefinition Feed, Freshness Freshness, string Key)> ListDue() =>
        [.. from late in freshness.List() where IsDue(late.Freshness, late.Age, freshness.GapOf(late.Definition, late.Age)) select (late.Definition, late.Freshness, KeyOf(late.Freshness, late.Age))];

    /// <summary>Starts a further run.</summary>
    /// <param name="feed">The feed.</param>
    /// <param name="late">Why.</param>
    /// <param name="key">Names this further run: who else sees the same starts the same.</param>
    /// <returns>The run; null where one has begun meanwhile.</returns>
    public async Task<long?> TryStartAsync(FeedDefinition feed, Freshness late, string key)
    {
        using var transaction = LedgerTransaction.Begin();
        if (await trigger.TryBeginAsync(feed, key, FreshnessLedger.Overdue, due: null) is not { } runId)
        {
            return null;
        }

        await runs.AddEventAsync(runId, FreshnessLedger.Overdue, $"the feed is late: {late.Words}");
        transaction.Complete();
        return runId;
    }

    /// <summary>Whether a feed is late and nothing speaks against a further run of it: no pause, no run at work or asked for, none that waits for a person or was decided against, and no failure a moment ago.</summary>
    /// <param name="late">How late it is.</param>
    /// <param name="age">What the ledger knows of it.</param>
    /// <param name="gap">The longest time between two runs of its schedule.</param>
    public static bool IsDue(Freshness late, FeedAge age, TimeSpan? gap) =>
        late.IsLate && age is { IsPaused: false, IsActive: false, IsHeld: false, IsAskedFor: false }
        && !(late.AsOf - age.WithdrawnAt < late.MaxAge)
        && !(late.AsOf - age.FailedAt < DistanceOf(age.FurtherFailed, gap ?? _firstDistance));

    private static TimeSpan DistanceOf(int failed, TimeSpan gap)
    {
        var distance = _firstDistance;
        for (var doubled = 0; doubled < failed && distance < gap; doubled++)
        {
            distance *= 2;
        }

        return distance < gap ? distance : gap;
    }

    private static string KeyOf(Freshness late, FeedAge age) => $"{FreshnessLedger.Overdue} {new DateTimeOffset(late.CountsFrom!.Value, TimeSpan.Zero).ToUnixTimeMilliseconds()} {age.Further + 1}";
}
