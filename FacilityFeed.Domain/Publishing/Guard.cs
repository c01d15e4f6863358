using System.Globalization;

namespace FacilityFeed.Domain.Publishing;

/// <summary>
/// Judges a finished run before its manifest is written: a feed replaces what the partner had, so an empty, shrunken or badly rejected
/// one delists real businesses. A value at its limit passes, one record beyond it does not.
/// </summary>
public static class Guard
{
    /// <summary>Judges a run by its figures.</summary>
    public static GuardVerdict Judge(GuardRules rules, RunFigures run)
    {
        IEnumerable<string?> breaches = [Fewest(rules, run), .. AgainstBefore(rules, run), Rejects(rules, run), Drift(rules, run), .. PartnerLimits(rules, run)];
        IEnumerable<string?> warnings = [run.Shards > rules.WarnShards && run.Shards <= rules.MaxShards ? Text($"{run.Shards:N0} shards, and the partner recommends at most {rules.WarnShards:N0}: raise ChunkSize") : null];
        return new GuardVerdict([.. breaches.OfType<string>()], [.. warnings.OfType<string>()]);
    }

    private static string? Fewest(GuardRules rules, RunFigures run) => run.Records < rules.MinRecords
        ? Text($"{run.Records:N0} records, at least {rules.MinRecords:N0} are wanted")
        : null;

    private static IEnumerable<string?> AgainstBefore(GuardRules rules, RunFigures run)
    {
        if (run.Before is not { } before || before < rules.SmallFeed || before == 0)
        {
            yield break;
        }

        var drop = before - run.Records;
        if (rules.MaxDropPercent is { } percent && drop * 100m > before * percent)
        {
            yield return Text($"{run.Records:N0} records, {before:N0} before, {Percent(-drop, before, percent)}, limit {percent:0.####} %");
        }

        if (rules.MaxDropCount is { } count && drop > count)
        {
            yield return Text($"{run.Records:N0} records, {before:N0} before, {-drop:N0}, limit {count:N0}");
        }

        if (rules.MaxGrowthFactor is { } factor && run.Records > before * factor)
        {
            yield return Text($"{run.Records:N0} records, {before:N0} before, {Times(run.Records, before, factor)} times as many, limit {factor:0.####}");
        }
    }

    private static string? Rejects(GuardRules rules, RunFigures run) => rules.MaxRejectPercent is { } percent && run.Rejected * 100m > run.RowsRead * percent
        ? Text($"{run.Rejected:N0} of {run.RowsRead:N0} records rejected, {Percent(run.Rejected, run.RowsRead, percent)}, limit {percent:0.####} %")
        : null;

    private static string? Drift(GuardRules rules, RunFigures run) =>
        rules.MaxDriftPercent is { } percent && run.PlannedRows > 0 && run.PlannedRows >= rules.SmallFeed && Math.Abs(run.RowsRead - run.PlannedRows) * 100m > run.PlannedRows * percent
            ? Text($"{run.RowsRead:N0} rows read, {run.PlannedRows:N0} planned, {Percent(run.RowsRead - run.PlannedRows, run.PlannedRows, percent)}, limit {percent:0.####} %")
            : null;

    private static IEnumerable<string?> PartnerLimits(GuardRules rules, RunFigures run)
    {
        if (run.LargestShard > rules.MaxShardBytes)
        {
            yield return Text($"a shard of {run.LargestShard:N0} bytes, limit {rules.MaxShardBytes:N0}: lower ChunkSize");
        }

        if (run.LargestJson > rules.MaxShardJsonBytes)
        {
            yield return Text($"a shard of {run.LargestJson:N0} bytes before compression, limit {rules.MaxShardJsonBytes:N0}: lower ChunkSize");
        }

        if (run.Shards > rules.MaxShards)
        {
            yield return Text($"{run.Shards:N0} shards, limit {rules.MaxShards:N0}: raise ChunkSize");
        }
    }

    // One digit, or as many as tell one record beyond the limit from the limit.
    private static string Percent(long part, long whole, decimal limit)
    {
        var percent = part * 100m / whole;
        return Math.Abs(Math.Round(percent, 1)) > limit ? Text($"{percent:0.0} %") : Text($"{percent:0.0#######} %");
    }

    private static string Times(long records, long before, decimal limit)
    {
        var times = records / (decimal)before;
        return Math.Round(times, 4) > limit ? Text($"{times:0.####}") : Text($"{times:0.##########}");
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
