using System.Globalization;
using FacilityFeed.Domain;
using FacilityFeed.Domain.Shaping;
using FacilityFeed.Infrastructure.Ledger;

namespace FacilityFeed.Scheduler.Commands;

/// <summary>What shaping did to a run, in words.</summary>
internal static class ShapingText
{
    /// <summary>How often each reason was met, as in <c>rejected: postal_code_missing 12, country_unknown 3</c>; a line for rejections and one for warnings, where there were any.</summary>
    public static IEnumerable<string> Of(IReadOnlyList<ReasonCount> counts) =>
        from kind in counts.GroupBy(count => count.IsRejected)
        select $"{(kind.Key ? "rejected" : "warned")}: {string.Join(", ", kind.Select(count => string.Create(CultureInfo.InvariantCulture, $"{count.Reason} {count.Count:N0}")))}";

    /// <summary>How many of a run's records a list of them shows.</summary>
    public static string Listed(RunView run, int listed, bool isWarnings) => isWarnings
        ? string.Create(CultureInfo.InvariantCulture, $"run {run.Id}: {listed:N0} of {Counted.Of(run.Warned, "warning is", "warnings are")} kept, at most {ShapingTally.MostWarnings} of each reason")
        : string.Create(CultureInfo.InvariantCulture, $"run {run.Id}: {listed:N0} of {Counted.Of(run.Rejected, "rejected record is", "rejected records are")} kept, at most {ShapingTally.MostRejects:N0}");
}
