using System.Globalization;
using FacilityFeed.Domain;
using FacilityFeed.Domain.Feeds;
using Hangfire;
using Hangfire.Common;
using Hangfire.Storage;

namespace FacilityFeed.Scheduler.Scheduling;

/// <summary>
/// The fields of a recurring entry as Hangfire's scheduler and page read them. They take them for what they wrote themselves: one that is not, of one
/// entry, ends the reading of all.
/// </summary>
internal static class RecurringFields
{
    /// <summary>What the error of an entry that cannot be read begins with.</summary>
    public const string Unreadable = "could not be read: ";

    private const string Error = "Error";
    private const string Zone = "TimeZoneId";
    private const string UnknownHere = ", which this machine does not know";

    private static readonly DefaultTimeZoneResolver _timeZones = new();

    private static readonly Dictionary<string, Func<string, bool>> _rules = new(StringComparer.Ordinal)
    {
        ["Cron"] = cron => Works(() => FeedCalendar.Check(cron)),
        ["Job"] = call => Works(() => InvocationData.DeserializePayload(call)),
        [Zone] = zone => zone.Length == 0 || Works(() => _timeZones.GetTimeZoneById(zone)),
        [RecurringEntries.LastExecutionField] = IsTime,
        [RecurringEntries.NextField] = IsTime,
        ["CreatedAt"] = IsTime,
        // Relaxed, as all of ours: another may make a job for each second since 1970.
        ["Misfire"] = mode => mode is "0",
        ["V"] = version => version.Length == 0 || int.TryParse(version, CultureInfo.InvariantCulture, out _),
        [RecurringEntries.LastJobField] = job => job.Length == 0 || long.TryParse(job, NumberStyles.None, CultureInfo.InvariantCulture, out _),
    };

    /// <returns>Why an entry cannot be read, begun with <see cref="Unreadable"/>; null when it can.</returns>
    public static string? Fault(IReadOnlyDictionary<string, string> entry) => Faults(entry) is { Count: > 0 } faults ? $"{Unreadable}{string.Join(", ", faults.Select(fault => fault.Why))}{(IsOfZone(faults) ? UnknownHere : "")}" : null;

    /// <summary>Whether a fault is only that this machine does not know the entry's time zone: another may, and run it.</summary>
    /// <param name="fault">What <see cref="Fault"/> says. Where it is another, a quoted value or a field is its end.</param>
    public static bool IsZoneUnknownHere(string fault) => fault.EndsWith(UnknownHere, StringComparison.Ordinal);

    /// <summary>An entry as it can be read: what is none of ours is left out, and the page shows its error where the next time would stand.</summary>
    public static Dictionary<string, string> Readable(Dictionary<string, string> entry)
    {
        var faults = Faults(entry);
        if (faults.Count == 0)
        {
            return entry;
        }

        var readable = entry.Where(field => faults.All(fault => fault.Field != field.Key)).ToDictionary(StringComparer.Ordinal);
        readable.Remove(RecurringEntries.NextField);
        if (IsOfZone(faults))
        {
            // Whoever triggers it here would write for good that its zone is UTC: without a call it cannot be triggered.
            readable.Remove("Job");
        }

        // The page shows nothing of an error that has no frame of a stack.
        readable[Error] = $"{Fault(entry)}\n   at {typeof(RecurringFields).FullName}.{nameof(Readable)}()";
        return readable;
    }

    private static bool IsOfZone(List<(string Field, string Why)> faults) => faults is [(Zone, _)];

    private static List<(string Field, string Why)> Faults(IReadOnlyDictionary<string, string> entry)
    {
        var faults = new List<(string, string)>();
        foreach (var (field, isOurs) in _rules)
        {
            if (!entry.TryGetValue(field, out var value))
            {
                if (field is "Cron" or "Job")
                {
                    faults.Add((field, $"it has no {field}"));
                }
            }
            else if (value is null || !isOurs(value))
            {
                faults.Add((field, $"its {field} is '{ShownValue.Of(value ?? "", 60)}'"));
            }
        }

        return faults;
    }

    /// <summary>Whether Hangfire can read a value as a time, or as none.</summary>
    public static bool IsTime(string? value) => string.IsNullOrEmpty(value) || Works(() => JobHelper.DeserializeDateTime(value));

    private static bool Works(Action read)
    {
        try
        {
            read();
            return true;
        }
        catch (Exception)
        {
            return false;
        }
    }
}
