using FacilityFeed.Domain.Feeds;

namespace FacilityFeed.Infrastructure.Ledger.Schedules;

/// <summary>A feed's schedule as it was registered last, by whatever service. Times are UTC.</summary>
public sealed record StoredSchedule
{
    public string Feed { get; init; } = "";

    public string Cron { get; init; } = "";

    /// <summary>Id of the time zone.</summary>
    public string Zone { get; init; } = "";

    /// <summary>Its times count from here, this moment left out.</summary>
    public DateTime Since { get; init; }

    /// <summary>When another cron or zone took the place of an earlier one; null: this is the first.</summary>
    public DateTime? ChangedAt { get; init; }

    /// <summary>All times up to here are in the ledger.</summary>
    public DateTime SettledTo { get; init; }

    /// <summary>When this was read, by the database's clock.</summary>
    public DateTime ReadAt { get; init; }

    /// <summary>When it comes due; null where this machine cannot say, for it does not know the time zone, or the cron of another version.</summary>
    public DueTimes? DueTimes
    {
        get
        {
            try
            {
                return TimeZoneInfo.TryFindSystemTimeZoneById(Zone, out var zone) ? new DueTimes(Cron, zone) : null;
            }
            catch (FormatException)
            {
                return null;
            }
        }
    }

    /// <summary>Whether a feed's settings say the same. Hangfire compares without regard to case.</summary>
    public bool IsThatOf(FeedDefinition feed) => Cron.Equals(feed.Cron, StringComparison.OrdinalIgnoreCase) && Zone.Equals(feed.TimeZone.Id, StringComparison.OrdinalIgnoreCase);
}
