using FacilityFeed.Domain.Publishing;

namespace FacilityFeed.Tests.Settings;

public sealed class GuardSettingsTests
{
    private const string Guard = "Feeds:facility:Guard:";

    [Test]
    public void Read_HasTheUsualLimits_WhenNoneIsSet() => Assert.That(Configured.With().Feeds["facility"].Guard, Is.EqualTo(new GuardRules()));

    [Test]
    public void Read_TakesEveryLimit()
    {
        var guard = Configured.With(
            ("Feeds__facility__Guard__MinRecords", "500"), (Guard + "MaxDropPercent", "12.5"), (Guard + "MaxDropCount", "100"), (Guard + "MaxGrowthFactor", "1.5"), (Guard + "SmallFeed", "0"),
            (Guard + "MaxRejectPercent", "0"), (Guard + "MaxDriftPercent", "3"), (Guard + "MaxShardBytes", "4"), (Guard + "MaxShardJsonBytes", "5"), (Guard + "WarnShards", "6"), (Guard + "MaxShards", "7")).Feeds["facility"].Guard;

        Assert.That(guard, Is.EqualTo(new GuardRules
        {
            MinRecords = 500,
            MaxDropPercent = 12.5m,
            MaxDropCount = 100,
            MaxGrowthFactor = 1.5m,
            SmallFeed = 0,
            MaxRejectPercent = 0,
            MaxDriftPercent = 3,
            MaxShardBytes = 4,
            MaxShardJsonBytes = 5,
            WarnShards = 6,
            MaxShards = 7,
        }));
    }

    [Test]
    public void Read_TurnsLimitsOff()
    {
        var guard = Configured.With((Guard + "MaxDropPercent", "off"), (Guard + "MaxDropCount", "OFF"), (Guard + "MaxGrowthFactor", "off"), (Guard + "MaxRejectPercent", "off"), (Guard + "MaxDriftPercent", "off")).Feeds["facility"].Guard;

        Assert.That(guard, Is.EqualTo(new GuardRules { MaxDropPercent = null, MaxGrowthFactor = null, MaxRejectPercent = null, MaxDriftPercent = null }));
    }

    [TestCase("MaxDropPercent", "-1", "a number from 0 to 100, or off")]
    [TestCase("MaxDropPercent", "100.1", "a number from 0 to 100, or off")]
    [TestCase("MaxDropPercent", "20 %", "a number from 0 to 100, or off")]
    [TestCase("MaxDropPercent", "1,5", "a number from 0 to 100, or off")]
    [TestCase("MaxDropCount", "1.5", "a whole number from 0 to 2147483647, or off")]
    [TestCase("MaxGrowthFactor", "0.9", "a number from 1 to 1000000, or off")]
    [TestCase("MaxRejectPercent", "none", "a number from 0 to 100, or off")]
    [TestCase("MinRecords", "0", "a whole number from 1 to 2147483647")]
    [TestCase("MinRecords", "off", "a whole number from 1 to 2147483647")]
    public void Read_RefusesWhatIsNoLimit(string name, string value, string wanted) =>
        Assert.That(Configured.ProblemsWith((Guard + name, value)), Is.EqualTo(new[] { $"{Guard}{name} is '{value}': it must be {wanted}" }));

    [TestCase(Guard + "MaxDropPercnt")]
    [TestCase("Feeds:facility:MaxDropPercent")]
    [TestCase("Feeds:facility:Guard")]
    public void Read_TellsAKeyThatIsNoLimit(string key) => Assert.That(Configured.ProblemsWith((key, "50")), Has.Count.EqualTo(1).And.Some.StartsWith($"{key} is not a setting"));
}
