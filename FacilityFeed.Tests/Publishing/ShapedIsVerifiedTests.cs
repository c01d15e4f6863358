using CsCheck;
using FacilityFeed.Domain;
using FacilityFeed.Domain.Publishing;
using FacilityFeed.Domain.Reading;
using FacilityFeed.Domain.Shaping;
using FacilityFeed.Domain.Storing;
using FacilityFeed.Domain.Writing;
using FacilityFeed.Infrastructure.Storing;
using FacilityFeed.Tests.Shaping;
using FacilityFeed.Tests.Support;
using static FacilityFeed.Tests.Publishing.Verdicts;

namespace FacilityFeed.Tests.Publishing;

/// <summary>Whatever rows there are: what strict shaping lets through is a feed in which verifying finds nothing.</summary>
public sealed class ShapedIsVerifiedTests
{
    private const long Generation = 1_750_000_000;
    private const int RowsInAShard = 5;

    private static readonly Gen<FacilityRow[]> _rows = Gen.OneOf(Gen.Long, Gen.Long[-30, 30]).HashSet[1, 20].SelectMany(keys =>
        AnyRow.Rows.Array[keys.Count].Select(rows => Numbered(rows, keys)));

    private static readonly Gen<string> _prefix = Gen.OneOf("", "studio-", "v2", "-", "f-1", "0", "a.b_c~");

    [Test]
    public void VerifyAsync_FindsNothing_InWhatWasShaped([Values("facility", "action")] string type, [Values] Compression compression) =>
        Gen.Select(_rows, _prefix).Sample((rows, prefix) =>
        {
            var (shaper, tally) = (new FacilityShaper(Validation.Strict), new ShapingTally());
            var shards = rows.Where(row => shaper.TryShape(row, tally)).Select(Settled).Chunk(RowsInAShard).ToList();
            if (shards.Count == 0)
            {
                return;
            }

            var verdict = Verify(FeedFormats.All.Single(kind => kind.Type == type), prefix, compression, shards);

            Assert.That(Told(verdict), Is.Empty);
            Assert.That((verdict.Records, verdict.Shards), Is.EqualTo((rows.Length - tally.Rejected, shards.Count)));
        }, iter: 500, threads: 1);

    private static FacilityRow[] Numbered(FacilityRow[] rows, HashSet<long> keys)
    {
        foreach (var (key, at) in keys.Order().Select((key, at) => (key, at)))
        {
            rows[at].Id = key;
        }

        return rows;
    }

    /// <summary>A copy that stays as it is when the next row is shaped.</summary>
    private static FacilityRow Settled(FacilityRow row) => new()
    {
        Id = row.Id,
        Name = row.Name.ToArray(),
        Country = row.Country.ToArray(),
        Locality = row.Locality.ToArray(),
        Region = row.Region.ToArray(),
        PostalCode = row.PostalCode.ToArray(),
        StreetAddress = row.StreetAddress.ToArray(),
        Phone = row.Phone.ToArray(),
        Url = row.Url.ToArray(),
        Latitude = row.Latitude,
        Longitude = row.Longitude,
    };

    private static FeedVerdict Verify(FormatKind kind, string prefix, Compression compression, List<FacilityRow[]> shards)
    {
        using var folder = new TempFolder();
        var format = kind.Create(new FormatOptions(prefix, name => name == "ActionKind" ? "dining" : "https://example.com/{entity_id}", (name, why) => Assert.Fail($"{name}: {why}")));
        var manifest = new Manifest(Generation, kind.PartnerName, [.. shards.Select((_, at) => ObjectNames.Shard(kind.PartnerName, Generation, at + 1, attempt: 1, compression))]);
        foreach (var (name, rows) in manifest.DataFiles.Zip(shards))
        {
            File.WriteAllBytes(folder.File(name), Rows.ShardOf(format, compression, rows));
        }

        File.WriteAllBytes(folder.File(ObjectNames.Manifest(kind.PartnerName, Generation)), manifest.ToBytes());
        File.WriteAllBytes(folder.File(ObjectNames.Alias), manifest.ToBytes());
        var store = new LocalFeedStore(new LocalStoreOptions { Path = folder.Path, Section = "Stores:test" }, prefix: "", CrashPoints.None);
        return new FeedVerifier(store, (_, _) => Task.FromResult<RecordedFeed?>(null), TimeProvider.System).VerifyAsync(ObjectNames.Alias, CancellationToken.None).GetAwaiter().GetResult();
    }
}
