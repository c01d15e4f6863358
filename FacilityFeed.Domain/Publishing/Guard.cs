using System.Globalization;

namespace FacilityFeed.Domain.Publishing;

/// <summary>
/// Judges a finished run before its manifest is written: a feed replaces what the partner had, so an empty, shrunken or badly rejected
/// one delists real businesses. A value at its limit passes, one record beyond it does not.
/// </summary>
public static class Guard
{
    /// <summary>Of a decimal, which has 28 digits.</summary>
    private const int MostDecimals = 28;

    /// <summary>Judges a run by its figures.</summary>
    public static GuardVerdict Judge(GuardRules rules, RunFigures run)
    {
        IEnumerable<string?> breaches = [Fewest(rules, run), .. AgainstBefore(rules, run), Rejects(rules, run), Drift(rules, run), .. PartnerLimits(rules, run)];
        IEnumerable<string?> warnings = [run.Shards > rules.WarnShards && run.Shards <= rules.MaxShards ? Text($"{Counted.Of(run.Shards, "shard")}, and the partner recommends at most {rules.WarnShards:N0}: raise ChunkSize") : null];
        return new GuardVerdict([.. breaches.OfType<string>()], [.. warnings.OfType<string>()]);
    }

    private static string? Fewest(GuardRules rules, RunFigures run) => run.Records < rules.MinRecords
        ? Text($"{Counted.Of(run.Records, "record")}, at least {Counted.Of(rules.MinRecords, "is", "are")} wanted")
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
            yield return Text($"{Counted.Of(run.Records, "record")}, {before:N0} before, {Percent(-drop, before, percent)}, limit {Limit(percent)} %");
        }

        if (rules.MaxDropCount is { } count && drop > count)
        {
            yield return Text($"{Counted.Of(run.Records, "record")}, {before:N0} before, {-drop:N0}, limit {count:N0}");
        }

        if (rules.MaxGrowthFactor is { } factor && run.Records > before * factor)
        {
            yield return Text($"{Counted.Of(run.Records, "record")}, {before:N0} before, {Times(run.Records, before, factor)} times as many, limit {Limit(factor)}");
        }
    }

    private static string? Rejects(GuardRules rules, RunFigures run) => rules.MaxRejectPercent is { } percent && run.Rejected * 100m > run.RowsRead * percent
        ? Text($"{run.Rejected:N0} of {Counted.Of(run.RowsRead, "record")} rejected, {Percent(run.Rejected, run.RowsRead, percent)}, limit {Limit(percent)} %")
        : null;

    private static string? Drift(GuardRules rules, RunFigures run) =>
        rules.MaxDriftPercent is { } percent && run.PlannedRows > 0 && run.PlannedRows >= rules.SmallFeed && Math.Abs(run.RowsRead - run.PlannedRows) * 100m > run.PlannedRows * percent
            ? Text($"{Counted.Of(run.RowsRead, "row")} read, {run.PlannedRows:N0} planned, {Percent(run.RowsRead - run.PlannedRows, run.PlannedRows, percent)}, limit {Limit(percent)} %")
            : null;

    private static IEnumerable<string?> PartnerLimits(GuardRules rules, RunFigures run)
    {
        // Of a run that has all the shards it may have, the plan has raised the chunk size, and would again.
        var remedy = run.Shards < rules.MaxShards ? "lower ChunkSize" : "raise MaxShards, and lower ChunkSize";
        if (run.LargestShard > rules.MaxShardBytes)
        {
            yield return Text($"a shard of {Counted.Of(run.LargestShard, "byte")}, limit {rules.MaxShardBytes:N0}: {remedy}");
        }

        if (run.LargestJson > rules.MaxShardJsonBytes)
        {
            yield return Text($"a shard of {Counted.Of(run.LargestJson, "byte")} before compression, limit {rules.MaxShardJsonBytes:N0}: {remedy}");
        }

        if (run.Shards > rules.MaxShards)
        {
            yield return Text($"{Counted.Of(run.Shards, "shard")}, limit {rules.MaxShards:N0}: raise ChunkSize");
        }
    }

    private static string Percent(long part, long whole, decimal limit) => $"{Digits(part * 100m / whole, limit, Math.Abs(part) < whole ? 1 : 0)} %";

    private static string Times(long records, long before, decimal limit) => Digits(records / (decimal)before, limit, records < before * 100m && records % before != 0 ? 1 : 0);

    /// <summary>With so many decimals, or as many as tell a value beyond the limit from the limit.</summary>
    private static string Digits(decimal value, decimal limit, int decimals)
    {
        while (Math.Abs(Math.Round(value, decimals)) <= limit && decimals < MostDecimals)
        {
            decimals++;
        }

        return Math.Round(value, decimals).ToString($"N{decimals}", CultureInfo.InvariantCulture);
    }

    private static string Limit(decimal limit) => limit.ToString("#,##0.############################", CultureInfo.InvariantCulture);

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
