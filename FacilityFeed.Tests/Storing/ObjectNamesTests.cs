using CsCheck;
using FacilityFeed.Domain.Storing;
using FacilityFeed.Domain.Writing;

namespace FacilityFeed.Tests.Storing;

public sealed class ObjectNamesTests
{
    private const string Feed = "reservewithgoogle.entity";
    private const long Generation = 1_750_000_000;

    [TestCase(1, 1, Compression.Gzip, "reservewithgoogle.entity-1750000000_0001.json.gz")]
    [TestCase(7, 2, Compression.Gzip, "reservewithgoogle.entity-1750000000_0007-2.json.gz")]
    [TestCase(7, 13, Compression.None, "reservewithgoogle.entity-1750000000_0007-13.json")]
    [TestCase(9999, 1, Compression.None, "reservewithgoogle.entity-1750000000_9999.json")]
    [TestCase(12345, 1, Compression.Gzip, "reservewithgoogle.entity-1750000000_12345.json.gz")]
    public void Shard_AddsTheAttempt_FromTheSecondOn(int chunk, int attempt, Compression compression, string expected) =>
        Assert.That(ObjectNames.Shard(Feed, Generation, chunk, attempt, compression), Is.EqualTo(expected));

    [Test]
    public void Manifest_IsNamedAfterTheRun() =>
        Assert.That(ObjectNames.Manifest(Feed, Generation), Is.EqualTo("reservewithgoogle.entity-1750000000.filesetdesc.json"));

    [Test]
    public void ChunkOf_GivesTheChunkBack() => _shards.Sample(shard =>
        Assert.That(ObjectNames.ChunkOf(Name(shard), shard.Feed, shard.Generation), Is.EqualTo(shard.Chunk)));

    [Test]
    public void Shard_GivesEachAttemptItsOwnName() => Gen.Select(_shards, _shards).Sample((one, other) =>
        Assert.That(Name(one) == Name(other), Is.EqualTo(one == other)));

    [TestCase("metadata.json")]
    [TestCase("reservewithgoogle.entity-1750000000.filesetdesc.json")]
    [TestCase("reservewithgoogle.entity-1750000001_0001.json.gz")]
    [TestCase("reservewithgoogle.entity-17500000000_0001.json.gz")]
    [TestCase("other-1750000000_0001.json.gz")]
    [TestCase("reservewithgoogle.entity-1750000000_001.json.gz")]
    [TestCase("reservewithgoogle.entity-1750000000_0001.json.bz2")]
    [TestCase("reservewithgoogle.entity-1750000000_0001.json.gz.tmp")]
    [TestCase("reservewithgoogle.entity-1750000000_0001-.json.gz")]
    [TestCase("reservewithgoogle.entity-1750000000_-0001.json.gz")]
    [TestCase("reservewithgoogle.entity-1750000000_00x1.json.gz")]
    [TestCase("reservewithgoogle.entity-1750000000_99999999999999999999.json.gz")]
    [TestCase("reservewithgoogle.entity-1750000000_٠٠٠١.json.gz")]
    [TestCase("reservewithgoogle.entity-1750000000_0001.json.gz\n")]
    [TestCase("reservewithgoogleXentity-1750000000_0001.json.gz")]
    [TestCase("RESERVEWITHGOOGLE.ENTITY-1750000000_0001.json.gz")]
    [TestCase("a/reservewithgoogle.entity-1750000000_0001.json.gz")]
    [TestCase("")]
    public void ChunkOf_IsNull_WhenTheNameIsForeign(string name) => Assert.That(ObjectNames.ChunkOf(name, Feed, Generation), Is.Null);

    private static readonly Gen<(string Feed, long Generation, int Chunk, int Attempt, Compression Compression)> _shards = Gen.Select(
        Gen.OneOf(Gen.Const(Feed), Gen.Const("a"), Gen.Const("a-1_0001"), Gen.Const("x.json.gz")),
        Gen.Long[1, 4_000_000_000],
        Gen.OneOf(Gen.Int[1, 3], Gen.Int[1, 999_999]),
        Gen.OneOf(Gen.Int[1, 3], Gen.Int[1, 1000]),
        Gen.Enum<Compression>());

    private static string Name((string Feed, long Generation, int Chunk, int Attempt, Compression Compression) shard) =>
        ObjectNames.Shard(shard.Feed, shard.Generation, shard.Chunk, shard.Attempt, shard.Compression);
}
