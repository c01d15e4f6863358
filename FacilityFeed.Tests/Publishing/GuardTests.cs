using System.Globalization;
using CsCheck;
using FacilityFeed.Domain.Publishing;

namespace FacilityFeed.Tests.Publishing;

/// <summary>Each rule on the two sides of its limit: a value at the limit passes, one record beyond it holds.</summary>
public sealed class GuardTests
{
    private static readonly RunFigures _sound = new()
    {
        PlannedRows = 5000,
        RowsRead = 5000,
        Records = 5000,
        Rejected = 0,
        Shards = 5,
        LargestShard = 100_000,
        LargestJson = 1_000_000,
        Before = 5000,
    };

    private static readonly RunFigures _small = _sound with { PlannedRows = 1, RowsRead = 1, Records = 1, Before = null };

    private static IEnumerable<TestCaseData> Sides()
    {
        yield return Side("MinRecords", new GuardRules { MinRecords = 500 }, _sound with { Records = 500, Before = null }, run => run with { Records = 499 }, "499 records, at least 500 are wanted");
        yield return Side("MaxDropPercent", new GuardRules(), _sound with { Records = 4000 }, run => run with { Records = 3999 }, "3,999 records, 5,000 before, -20.02 %, limit 20 %");
        yield return Side("MaxDropPercent, odd", new GuardRules { MaxDropPercent = 33.3m }, _sound with { Records = 667, Before = 1000 }, run => run with { Records = 666 }, "666 records, 1,000 before, -33.4 %, limit 33.3 %");
        yield return Side("MaxDropCount", new GuardRules { MaxDropPercent = null, MaxDropCount = 100 }, _sound with { Records = 4900 }, run => run with { Records = 4899 }, "4,899 records, 5,000 before, -101, limit 100");
        yield return Side("SmallFeed, drop", new GuardRules(), _sound with { Records = 1, Before = 19 }, run => run with { Before = 20 }, "1 record, 20 before, -95.0 %, limit 20 %");
        yield return Side("MaxGrowthFactor", new GuardRules(), _sound with { Records = 25_000 }, run => run with { Records = 25_001 }, "25,001 records, 5,000 before, 5.0002 times as many, limit 5");
        yield return Side("SmallFeed, growth", new GuardRules(), _sound with { Before = 19 }, run => run with { Before = 20 }, "5,000 records, 20 before, 250 times as many, limit 5");
        yield return Side("MaxRejectPercent", new GuardRules(), _sound with { Records = 4500, Rejected = 500 }, run => run with { Records = 4499, Rejected = 501 }, "501 of 5,000 records rejected, 10.02 %, limit 10 %");
        yield return Side("MaxDriftPercent, fewer", new GuardRules(), _sound with { RowsRead = 4500, Records = 4500 }, run => run with { RowsRead = 4499, Records = 4499 }, "4,499 rows read, 5,000 planned, -10.02 %, limit 10 %");
        yield return Side("MaxDriftPercent, more", new GuardRules(), _sound with { RowsRead = 5500, Records = 5500 }, run => run with { RowsRead = 5501, Records = 5501 }, "5,501 rows read, 5,000 planned, 10.02 %, limit 10 %");
        yield return Side("SmallFeed, drift", new GuardRules(), _small with { PlannedRows = 19 }, run => run with { PlannedRows = 20 }, "1 row read, 20 planned, -95.0 %, limit 10 %");
        yield return Side("MaxShardBytes", new GuardRules(), _sound with { LargestShard = 199_999_999 }, run => run with { LargestShard = 200_000_000 }, "a shard of 200,000,000 bytes, limit 199,999,999: lower ChunkSize");
        yield return Side("MaxShardJsonBytes", new GuardRules(), _sound with { LargestJson = 2_000_000_000 }, run => run with { LargestJson = 2_000_000_001 }, "a shard of 2,000,000,001 bytes before compression, limit 2,000,000,000: lower ChunkSize");
        yield return Side("MaxShards", new GuardRules(), _sound with { Shards = 1000 }, run => run with { Shards = 1001 }, "1,001 shards, limit 1,000: raise ChunkSize");
    }

    [TestCaseSource(nameof(Sides))]
    public void Judge_PassesAtTheLimit_AndHoldsOneBeyond(GuardRules rules, RunFigures atLimit, RunFigures beyond, string breach)
    {
        Assert.That(Guard.Judge(rules, atLimit).Breaches, Is.Empty);
        Assert.That(Guard.Judge(rules, beyond).Breaches, Is.EqualTo(new[] { breach }));
    }

    [Test]
    public void TooLargeAShard_OfARunWithAllTheShardsItMayHave_IsNotMendedByChunkSizeAlone() => Assert.That(
        Guard.Judge(new GuardRules { MaxShards = 3 }, _sound with { Shards = 3, LargestShard = 200_000_000 }).Breaches,
        Is.EqualTo(new[] { "a shard of 200,000,000 bytes, limit 199,999,999: raise MaxShards, and lower ChunkSize" }));

    [Test]
    public void Judge_SaysADrop_InTheWordsThatPeopleAreUsedTo() =>
        Assert.That(Guard.Judge(new GuardRules(), _sound with { Records = 412, Before = 5031 }).Breaches, Is.EqualTo(new[] { "412 records, 5,031 before, -91.8 %, limit 20 %" }));

    [Test]
    public void Judge_SaysGrowthBeyondItsLimit_WithTheDigitsThatTell() => Assert.That(
        Guard.Judge(new GuardRules(), _sound with { Records = 500_001, Before = 100_000 }).Breaches, Is.EqualTo(new[] { "500,001 records, 100,000 before, 5.00001 times as many, limit 5" }));

    [TestCase(100_000, 47, "2,128 times as many, limit 5")]
    [TestCase(500_001, 100_000, "5.00001 times as many, limit 5")]
    [TestCase(50_004, 10_000, "5.0004 times as many, limit 5")]
    [TestCase(9_900, 330, "30 times as many, limit 5")]
    [TestCase(750, 100, "7.5 times as many, limit 5")]
    [TestCase(1_234, 100, "12.3 times as many, limit 5")]
    [TestCase(505, 100, "5.05 times as many, limit 5")]
    [TestCase(long.MaxValue / 2, 20, "230,584,300,921,369,395 times as many, limit 5")]
    public void Judge_SaysGrowth_WithTheDigitsThatTellItFromItsLimit_AndNoMore(long records, long before, string said) =>
        Assert.That(Guard.Judge(new GuardRules(), _sound with { Records = records, Before = before }).Breaches[0], Does.EndWith(said));

    [TestCase("5.00004", 500_010, 100_000, "5.0001 times as many, limit 5.00004")]
    [TestCase("1.000001", 1_000_002, 1_000_000, "1.000002 times as many, limit 1.000001")]
    public void Judge_SaysALimit_WithAllItsDigits(string limit, long records, long before, string said) =>
        Assert.That(Guard.Judge(new GuardRules { MaxGrowthFactor = decimal.Parse(limit, CultureInfo.InvariantCulture) }, _sound with { Records = records, Before = before }).Breaches[0], Does.EndWith(said));

    [TestCase(10_000, 1_500_000, 10, "14,900 %, limit 10 %")]
    [TestCase(10_000, 15_000, 10, "50.0 %, limit 10 %")]
    [TestCase(10_000_000, 11_000_001, 10, "10.00001 %, limit 10 %")]
    [TestCase(10_000, 20_000, 99, "100 %, limit 99 %")]
    public void Judge_SaysDrift_WithTheDigitsThatTellItFromItsLimit_AndNoMore(long planned, long read, int limit, string said) =>
        Assert.That(Guard.Judge(new GuardRules { MaxDriftPercent = limit, MaxGrowthFactor = null }, _sound with { PlannedRows = planned, RowsRead = read, Before = null }).Breaches, Is.EqualTo(new[] { $"{read.ToString("N0", CultureInfo.InvariantCulture)} rows read, {planned.ToString("N0", CultureInfo.InvariantCulture)} planned, {said}" }));

    [Test]
    public void Judge_ComparesNoDrift_WhereNothingWasPlanned() => Assert.That(Guard.Judge(new GuardRules { SmallFeed = 0 }, _sound with { PlannedRows = 0 }).Breaches, Is.Empty);

    [TestCase(20, false)]
    [TestCase(21, true)]
    [TestCase(1000, true)]
    [TestCase(1001, false, Description = "held, so there is nothing to warn of")]
    public void Judge_WarnsOfManyShards_AndLetsThemPass(int shards, bool isWarned)
    {
        var verdict = Guard.Judge(new GuardRules(), _sound with { Shards = shards });

        Assert.That(verdict.Warnings.Count == 1, Is.EqualTo(isWarned));
        Assert.That(verdict.Breaches.Count == 0, Is.EqualTo(shards <= 1000));
    }

    [Test]
    public void Judge_NamesEveryBreach() =>
        Assert.That(Guard.Judge(new GuardRules { MinRecords = 1000 }, _sound with { Records = 10, Rejected = 4990, Shards = 2000 }).Breaches, Has.Count.EqualTo(4));

    [Test]
    public void Judge_ComparesWithNothing_WhereNothingIsPublished() => Assert.That(Guard.Judge(new GuardRules(), _small).Breaches, Is.Empty);

    [Test]
    public void Judge_ObeysLimitsThatAreOff() => Assert.That(Guard.Judge(
        new GuardRules { MaxDropPercent = null, MaxGrowthFactor = null, MaxRejectPercent = null, MaxDriftPercent = null },
        _sound with { Records = 1, RowsRead = 1_000_000, Rejected = 999_999 }).Breaches, Is.Empty);

    [Test]
    public void Judge_IsMonotonic_FewerRecordsAreNeverBetter() => Gen.Select(Gen.Long[20, 10_000_000], Gen.Long[1, 10_000_000], Gen.Decimal[0, 100]).Sample((before, records, limit) =>
    {
        var rules = new GuardRules { MaxDropPercent = limit, MaxGrowthFactor = null };
        bool Holds(long count) => Guard.Judge(rules, _sound with { Records = count, RowsRead = count, PlannedRows = count, Before = before }).Breaches.Count > 0;
        return !Holds(records) || records == 1 || Holds(records - 1);
    });

    private static TestCaseData Side(string name, GuardRules rules, RunFigures atLimit, Func<RunFigures, RunFigures> beyond, string breach) =>
        new TestCaseData(rules, atLimit, beyond(atLimit), breach).SetName($"Judge_PassesAtTheLimit_AndHoldsOneBeyond({name})");
}
