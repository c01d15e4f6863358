using System.Globalization;
using System.Text.Json;
using FacilityFeed.Domain.Publishing;
using FacilityFeed.Infrastructure.Ledger;

namespace FacilityFeed.Scheduler.Commands;

/// <summary>What <c>diff</c> answers; the member names are part of the command's contract.</summary>
internal static class DifferenceText
{
    private static readonly JsonSerializerOptions _json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    public static async Task WriteAsync(RunView run, RunView against, FeedDifference difference, bool isJson)
    {
        if (isJson)
        {
            await Console.Out.WriteLineAsync(ToJson(run, against, difference));
            return;
        }

        await Console.Out.WriteLineAsync(string.Create(CultureInfo.InvariantCulture,
            $"run {run.Id} ({StateName.Of(run.State)}) against run {against.Id} ({StateName.Of(against.State)}): {difference.Added:N0} added, {difference.Removed:N0} removed, {difference.Changed:N0} changed, {difference.Same:N0} the same"));
        await WriteAsync(difference.AddedSamples.Select(sample => $"+ {sample.EntityId} {sample.Label}"), difference.Added, "added");
        await WriteAsync(difference.RemovedSamples.Select(sample => $"- {sample.EntityId} {sample.Label}"), difference.Removed, "removed");
        await WriteAsync(difference.ChangedSamples.Select(ToText), difference.Changed, "changed");
    }

    private static async Task WriteAsync(IEnumerable<string> samples, long count, string kind)
    {
        foreach (var sample in samples)
        {
            await Console.Out.WriteLineAsync(sample.TrimEnd());
        }

        if (count > FeedDifference.MostSamples)
        {
            await Console.Out.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"... and {count - FeedDifference.MostSamples:N0} more {kind}"));
        }
    }

    private static string ToText(ChangedRecord record) => record.Members.Count == 0
        ? $"~ {record.EntityId} the same values, written otherwise"
        : $"~ {record.EntityId} {string.Join("; ", record.Members.Select(member => $"{member.Member}: {member.Old ?? "none"} -> {member.New ?? "none"}"))}";

    private static string ToJson(RunView run, RunView against, FeedDifference difference) => JsonSerializer.Serialize(new
    {
        Run = run.Id,
        State = StateName.Of(run.State),
        Against = against.Id,
        AgainstState = StateName.Of(against.State),
        difference.Added,
        difference.Removed,
        difference.Changed,
        difference.Same,
        difference.AddedSamples,
        difference.RemovedSamples,
        difference.ChangedSamples,
    }, _json);
}
