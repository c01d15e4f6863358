using System.Globalization;
using System.Text;
using FacilityFeed.Domain;
using FacilityFeed.Scheduler.Watching;
using FacilityFeed.Tests.Faults.Lab;

namespace FacilityFeed.Tests.Faults;

/// <summary>Writes the published fault matrix.</summary>
internal static class FaultReport
{
    public static string Write(FaultRecord record, TimeSpan length, int labs)
    {
        var text = new StringBuilder();
        Head(text, record, length, labs);
        text.AppendLine("| fault | what is done; recovery time | times | failed | median | worst | at most |");
        text.AppendLine("|---|---|---:|---:|---:|---:|---:|");
        foreach (var fault in FaultMatrix.All)
        {
            var recoveries = record.RecoveriesOf(fault);
            text.AppendLine(CultureInfo.InvariantCulture, $"| {fault.Name} | {Describe(fault)} | {record.CountOf(fault)} | {record.FailuresOf(fault)} | {Seconds(recoveries, Median)} | {Worst(fault, recoveries)} | {(fault.Limit is { } limit ? $"{limit.TotalSeconds:0} s" : "–")} |");
        }

        Points(text, record);
        return text.ToString();
    }

    private static void Head(StringBuilder text, FaultRecord record, TimeSpan length, int labs)
    {
        var times = WatchTimes.Shipped;
        text.AppendLine(CultureInfo.InvariantCulture, $"""
            # What FacilityFeed survives

            Written by `./test soak` (`FacilityFeed.Tests/Faults`); do not edit. `./test faults` has each fault once, with shortened times, in about a quarter of an hour.

            Each fault is had in a laboratory of its own: state and source on real PostgreSQL servers, the store a folder or a Ceph gateway, the service the real
            program as a process of its own (but where the row says otherwise), on {DateTime.UtcNow:yyyy-MM-dd}, {Environment.ProcessorCount} shared cores, {labs} laboratories at a time, {length.TotalMinutes:0} minutes in all.
            A run has 40 chunks unless the row says otherwise. Settings are as shipped unless the row says otherwise: an attempt beats every {times.Beat.TotalSeconds:0} s, is silent after
            {times.Silence.TotalSeconds:0} s, a job that has left its queue may take {times.Start.TotalSeconds:0} s to begin, the watcher looks every {times.Interval.TotalSeconds:0} s, Hangfire hands a dead process's job out again after {times.Invisibility.TotalMinutes:0} min, a lock row counts for {times.LockLease.TotalMinutes:0} min,
            retries come after {string.Join(" s, then ", FaultTimes.Shipped.Retries.Seconds)} s each, for {FaultTimes.Shipped.Retries.Patience!.Value.TotalMinutes:0} min. In the source, rows are inserted, updated and deleted throughout, 25 times a second.

            After each fault, and again after one further run that shows that nothing keeps the feed from being made:

            """);
        foreach (var promise in Promises.Words)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"- {promise}");
        }

        text.AppendLine();
        text.AppendLine("Where the table has a time that the recovery takes at most, a longer one counts as failed and is set in bold.").AppendLine();
        if (record.Failures.Count > 0)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"**{record.Failures.Count} did not hold.** See the column.").AppendLine();
        }
    }

    private static void Points(StringBuilder text, FaultRecord record)
    {
        text.AppendLine().AppendLine("## Crash points").AppendLine();
        text.AppendLine("Listed in `FacilityFeed.Domain/CrashPoint.cs`, each between two lasting effects; how often a process died, stopped or hung there:").AppendLine();
        text.AppendLine(string.Join(", ", Enum.GetValues<CrashPoint>().Select(point => $"{point} {record.Hits.GetValueOrDefault(point)}")) + ".");
    }

    private static string Describe(Fault fault) => string.Join(". ", new[] { fault.What, fault.Also.Length > 0 ? $"Also asserted: {fault.Also}" : "", fault.Settings.Length > 0 ? $"Settings: {fault.Settings}" : "" }.Where(part => part.Length > 0));

    private static string Worst(Fault fault, IReadOnlyList<TimeSpan> recoveries)
    {
        var worst = Seconds(recoveries, all => all[^1]);
        return recoveries.Count > 0 && recoveries[^1] > fault.Limit ? $"**{worst}**" : worst;
    }

    private static TimeSpan Median(IReadOnlyList<TimeSpan> recoveries) => (recoveries[(recoveries.Count - 1) / 2] + recoveries[recoveries.Count / 2]) / 2;

    private static string Seconds(IReadOnlyList<TimeSpan> recoveries, Func<IReadOnlyList<TimeSpan>, TimeSpan> choose) =>
        recoveries.Count == 0 || recoveries[^1] == TimeSpan.Zero ? "–" : $"{choose(recoveries).TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture)} s";
}
