using System.Globalization;
using FacilityFeed.Domain.Feeds;
using FacilityFeed.Infrastructure.Ledger;

namespace FacilityFeed.Scheduler.Diagnosing;

/// <summary>Says when a feed's schedule starts runs, and what keeps it from that or may surprise.</summary>
internal static class ScheduleExam
{
    public static async Task<IReadOnlyList<Finding>> ExamineAsync(string subject, FeedDefinition feed, Databases? databases, TimeProvider time, CancellationToken cancellationToken)
    {
        var warning = FeedCalendar.Warning(feed);
        return
        [
            await FindPauseAsync(feed, databases, cancellationToken) is { } pause
                ? new Finding(Severity.Warning, subject, string.Create(CultureInfo.InvariantCulture, $"paused since {pause.PausedAt:yyyy-MM-dd HH:mm:ss} (UTC), by {pause.PausedBy}, so it starts no run: ./run resume {feed.Key} lets it again"))
                : new Finding(Severity.Ok, subject, $"next runs {FeedCalendar.NextText(feed, time.GetUtcNow())}"),
            .. warning is null ? Array.Empty<Finding>() : [new Finding(Severity.Warning, subject, warning)],
        ];
    }

    private static async Task<FeedPause?> FindPauseAsync(FeedDefinition feed, Databases? databases, CancellationToken cancellationToken)
    {
        try
        {
            return databases is null ? null : (await new FeedLedger(databases.State).ListPausesAsync(cancellationToken)).FirstOrDefault(pause => pause.Feed == feed.Key);
        }
        catch (Exception away) when (StateFailure.IsOne(away))
        {
            // The state has a check of its own, which says so.
            return null;
        }
    }
}
