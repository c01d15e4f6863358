using System.Globalization;

namespace FacilityFeed.Scheduler.Scheduling;

/// <summary>That the watcher registered a schedule anew, as it is kept in a field of the recurring entry.</summary>
/// <param name="At">UTC.</param>
/// <param name="Why">What had become of it, as in "was deleted".</param>
public sealed record Renewal(DateTime At, string Why)
{
    /// <summary>Name of the field; stored.</summary>
    public const string Field = "FacilityFeedRenewal";

    public const string Deleted = "was deleted";

    /// <returns>Null when the entry was not registered anew.</returns>
    public static Renewal? Parse(string? text) =>
        text?.Split(' ', 2) is [var at, var why] && DateTime.TryParse(at, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal, out var time) ? new Renewal(time, why) : null;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{At:O} {Why}");
}
