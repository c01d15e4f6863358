using System.Globalization;
using FacilityFeed.Domain.Publishing;

namespace FacilityFeed.Infrastructure.Settings;

/// <summary>Reads the <c>Guard</c> section of a feed. A limit that is written <c>off</c> is off.</summary>
internal static class GuardSettings
{
    private const string Off = "off";

    public static GuardRules Read(SettingsReader reader)
    {
        var usual = new GuardRules();
        return new GuardRules
        {
            MinRecords = reader.Whole("MinRecords", (int)usual.MinRecords, least: 1, most: int.MaxValue),
            MaxDropPercent = Limit(reader, "MaxDropPercent", usual.MaxDropPercent, least: 0, most: 100),
            MaxDropCount = (long?)Limit(reader, "MaxDropCount", usual.MaxDropCount, least: 0, most: int.MaxValue, isWhole: true),
            MaxGrowthFactor = Limit(reader, "MaxGrowthFactor", usual.MaxGrowthFactor, least: 1, most: 1_000_000),
            SmallFeed = reader.Whole("SmallFeed", (int)usual.SmallFeed, least: 0, most: int.MaxValue),
            MaxRejectPercent = Limit(reader, "MaxRejectPercent", usual.MaxRejectPercent, least: 0, most: 100),
            MaxDriftPercent = Limit(reader, "MaxDriftPercent", usual.MaxDriftPercent, least: 0, most: 1_000_000),
            MaxShardBytes = reader.Whole("MaxShardBytes", (int)usual.MaxShardBytes, least: 1, most: int.MaxValue),
            MaxShardJsonBytes = reader.Whole("MaxShardJsonBytes", (int)usual.MaxShardJsonBytes, least: 1, most: int.MaxValue),
            WarnShards = reader.Whole("WarnShards", usual.WarnShards, least: 0, most: int.MaxValue),
            MaxShards = reader.Whole("MaxShards", usual.MaxShards, least: 1, most: int.MaxValue),
        };
    }

    private static decimal? Limit(SettingsReader reader, string name, decimal? usual, decimal least, decimal most, bool isWhole = false) =>
        !reader.IsSet(name) ? usual : reader.Parsed(name, Off, text => Parse(text, least, most, isWhole), usual);

    private static decimal? Parse(string text, decimal least, decimal most, bool isWhole)
    {
        if (string.Equals(text, Off, StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        return decimal.TryParse(text, isWhole ? NumberStyles.None : NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var limit) && limit >= least && limit <= most
            ? limit
            : throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"it must be a {(isWhole ? "whole " : "")}number from {least} to {most}, or {Off}"));
    }
}
