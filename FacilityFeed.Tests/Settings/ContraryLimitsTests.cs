namespace FacilityFeed.Tests.Settings;

public sealed class ContraryLimitsTests
{
    private const string Feed = "Feeds:facility:";

    [Test]
    public void MoreChunksThanTheGuardTakesShards_IsWarnedOf_WhereSomebodyWroteIt() => Assert.That(Configured.With((Feed + "MaxChunks", "2000")).Warnings, Is.EqualTo(new[]
    {
        "Feeds:facility:MaxChunks is 2000 and Feeds:facility:Guard:MaxShards 1000: a run is planned with at most 1,000 chunks, for with more shards it would never be published. Raise Guard:MaxShards, where the partner takes so many, or lower MaxChunks",
    }));

    [Test]
    public void AWarningThatNeverComes_IsWarnedOf() => Assert.That(Configured.With((Feed + "Guard:WarnShards", "50"), (Feed + "Guard:MaxShards", "50")).Warnings, Has.One.EqualTo(
        "Feeds:facility:Guard:WarnShards is 50 and Feeds:facility:Guard:MaxShards 50, so nothing is ever warned of: more shards than the second are never published. Lower WarnShards"));

    [TestCase(Feed + "MaxChunks", "1000")]
    [TestCase(Feed + "Guard:MaxShards", "7")]
    [TestCase(Feed + "Guard:WarnShards", "999")]
    public void WhatAgrees_IsNotWarnedOf(string name, string value) => Assert.That(Configured.With((name, value)).Warnings, Is.Empty);
}
