using System.Globalization;

namespace FacilityFeed.Domain.Feeds;

/// <summary>
/// How old what a feed's partner has may become, and whether it is older: then the feed is late. The one value of that word, wherever it is said or
/// acted upon. Times are UTC.
/// </summary>
/// <param name="Feed">Key of the feed.</param>
/// <param name="GoodAt">When it was last published, a held run by a person also, or last found unchanged; null: never.</param>
/// <param name="FirstAt">When its first run was asked for; null: none was, and nothing is owed yet.</param>
/// <param name="MaxAge">How old it may become; null: as old as it likes.</param>
/// <param name="AsOf">When this was looked at.</param>
public sealed record Freshness(string Feed, DateTime? GoodAt, DateTime? FirstAt, TimeSpan? MaxAge, DateTime AsOf)
{
    /// <summary>From when its age counts: a feed that was never published is as old as its first run.</summary>
    public DateTime? CountsFrom => GoodAt ?? FirstAt;

    /// <summary>When it becomes late, or became so; null: never.</summary>
    public DateTime? LateFrom => CountsFrom is { } from && MaxAge is { } most && most < DateTime.MaxValue - from ? from + most : null;

    /// <summary>Whether it is older than it may be.</summary>
    public bool IsLate => LateFrom < AsOf;

    /// <summary>Why it is late, for a person.</summary>
    public string Words => GoodAt is { } good
        ? $"nothing of it was published or found unchanged since {Text(good)} UTC, which is more than {AgeText}"
        : $"it was never published since its first run of {Text(CountsFrom ?? AsOf)} UTC, which is more than {AgeText}";

    private string AgeText => $"its MaxAge of {TimeText.Of(MaxAge ?? TimeSpan.Zero)}";

    private static string Text(DateTime utc) => utc.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);
}
