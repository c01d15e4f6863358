using System.Text;
using FacilityFeed.Domain.Storing;
using FacilityFeed.Domain.Writing;
using static FacilityFeed.Tests.Publishing.Verdicts;

namespace FacilityFeed.Tests.Publishing;

/// <summary>What is wrong with manifest and alias; each with the ledger's help and from outside alone.</summary>
[TestFixture(true)]
[TestFixture(false)]
public sealed class FeedVerifierTests(bool isRecorded)
{
    private PublishedFeed _feed = null!;

    [SetUp]
    public async Task PublishAsync() => _feed = await PublishedFeed.CreateAsync();

    [TearDown]
    public void Remove() => _feed.Dispose();

    [Test]
    public async Task VerifyAsync_FindsNothing_WhenAllIsWell([Values] Compression compression, [Values] bool isAlias)
    {
        using var feed = await PublishedFeed.CreateAsync(compression);

        var verdict = await feed.VerifyAsync(isRecorded, isAlias ? ObjectNames.Alias : PublishedFeed.ManifestName);

        Assert.That(verdict.Problems, Is.Empty);
        Assert.That(Notes(verdict), Has.Count.EqualTo(1).And.Some.Contains(isRecorded ? "run 12" : "the ledger does not know this feed"));
        Assert.That(verdict.Shards, Is.EqualTo(3));
        Assert.That(verdict.Records, Is.EqualTo(30));
        Assert.That(verdict.Bytes, Is.EqualTo(feed.Recorded.Shards.Sum(shard => shard.Stored.Bytes)));
    }

    [Test]
    public async Task VerifyAsync_FindsNothing_WhenKeysAreNegative()
    {
        using var feed = await PublishedFeed.CreateAsync(firstId: -15);

        Assert.That(Told(await feed.VerifyAsync(isRecorded)), Is.Empty);
    }

    [Test]
    public async Task VerifyAsync_OnlyNotes_WhenAnOldManifestIsBesideANewerAlias()
    {
        await _feed.PublishLaterAsync();

        var verdict = await _feed.VerifyAsync(isRecorded, PublishedFeed.ManifestName);

        Assert.That(verdict.Problems, Is.Empty);
        Assert.That(Notes(verdict), Has.Some.Contains("is not the current feed"));
    }

    [Test]
    public async Task VerifyAsync_NamesTheManifest_WhenThereIsNone()
    {
        _feed.Delete(ObjectNames.Alias);

        Assert.That(Told(await _feed.VerifyAsync(isRecorded)), Has.Count.EqualTo(1).And.Some.EndsWith("metadata.json does not exist"));
    }

    [TestCase("")]
    [TestCase("not a manifest")]
    [TestCase("""{"generation_timestamp":1750000000,"name":"reservewithgoogle.entity","data_file":[]}""")]
    public async Task VerifyAsync_NamesTheManifest_WhenItIsNone(string text)
    {
        _feed.Overwrite(ObjectNames.Alias, Encoding.UTF8.GetBytes(text));

        Assert.That(Told(await _feed.VerifyAsync(isRecorded)), Has.Count.EqualTo(1).And.Some.StartsWith("metadata.json is not a manifest"));
    }

    [TestCase(true, "metadata.json")]
    [TestCase(false, "reservewithgoogle.entity-1750000000.filesetdesc.json")]
    public async Task VerifyAsync_Complains_WhenTheTwinIsMissing(bool isAliasMissing, string missing)
    {
        _feed.Delete(missing);

        var verdict = await _feed.VerifyAsync(isRecorded, isAliasMissing ? PublishedFeed.ManifestName : ObjectNames.Alias);

        Assert.That(Told(verdict), Has.Some.StartsWith($"{missing} is missing"));
    }

    [Test]
    public async Task VerifyAsync_Complains_WhenTheAliasIsOlderThanTheManifest()
    {
        _feed.Overwrite(ObjectNames.Alias, (_feed.Manifest with { GenerationTimestamp = PublishedFeed.Generation - 1 }).ToBytes());

        Assert.That(Told(await _feed.VerifyAsync(isRecorded, PublishedFeed.ManifestName)), Has.Some.Contains("differ"));
    }

    [Test]
    public async Task VerifyAsync_Complains_WhenOneOfTheTwinsIsEdited([Values] bool isAlias, [Values] bool isAliasVerified)
    {
        var edited = _feed.Manifest with { DataFiles = [_feed.Shard(1), _feed.Shard(2)] };
        _feed.Overwrite(isAlias ? ObjectNames.Alias : PublishedFeed.ManifestName, edited.ToBytes());

        var verdict = await _feed.VerifyAsync(isRecorded, isAliasVerified ? ObjectNames.Alias : PublishedFeed.ManifestName);

        Assert.That(Told(verdict), Has.Some.Contains("differ"));
    }

    [TestCase(1)]
    [TestCase(2)]
    [TestCase(3)]
    public async Task VerifyAsync_NamesTheShard_WhenItsEntryIsRemoved(int number)
    {
        _feed.EditBoth(manifest => manifest with { DataFiles = [.. manifest.DataFiles.Where((_, i) => i != number - 1)] });

        Assert.That(Told(await _feed.VerifyAsync(isRecorded)), Has.Some.StartsWith(_feed.Shard(number)).And.Some.Contains("listed"));
    }

    [Test]
    public async Task VerifyAsync_NamesTheEntry_WhenOneIsAddedThatIsNotThere()
    {
        var added = ObjectNames.Shard(PublishedFeed.Name, PublishedFeed.Generation, 4, 1, Compression.Gzip);
        _feed.EditBoth(manifest => manifest with { DataFiles = [.. manifest.DataFiles, added] });

        Assert.That(Told(await _feed.VerifyAsync(isRecorded)), Has.Some.EqualTo($"{added} is listed, but it is not in the store"));
    }

    [Test]
    public async Task VerifyAsync_NamesTheEntry_WhenAnotherAttemptsShardIsAdded()
    {
        var added = ObjectNames.Shard(PublishedFeed.Name, PublishedFeed.Generation, 3, 2, Compression.Gzip);
        _feed.Overwrite(added, _feed.Read(_feed.Shard(3)));
        _feed.EditBoth(manifest => manifest with { DataFiles = [.. manifest.DataFiles, added] });

        Assert.That(Told(await _feed.VerifyAsync(isRecorded)), Has.Some.StartsWith(added));
    }

    [TestCase("someone-elses_0001.json.gz")]
    [TestCase("reservewithgoogle.entity-1749999999_0004.json.gz")]
    public async Task VerifyAsync_NamesTheEntry_WhenAForeignFileIsAdded(string added)
    {
        _feed.Overwrite(added, PublishedFeed.Records(Compression.Gzip, 31));
        _feed.EditBoth(manifest => manifest with { DataFiles = [.. manifest.DataFiles, added] });

        Assert.That(Told(await _feed.VerifyAsync(isRecorded)), Has.Some.StartsWith($"{added} is listed, but it is not the name of a shard"));
    }

    [Test]
    public async Task VerifyAsync_LooksForNothingOutsideTheFolder_WhateverTheNameIs()
    {
        // The alias would say whose name that is; the file outside is there, and other than it.
        const string Name = "../facilityfeed-outside";
        var outside = _feed.PathOf(ObjectNames.Manifest(Name, PublishedFeed.Generation));
        var manifest = _feed.Manifest with { Name = Name };
        await File.WriteAllTextAsync(outside, "a secret");
        try
        {
            _feed.Overwrite(ObjectNames.Alias, manifest.ToBytes());

            var verdict = await _feed.VerifyAsync(isRecorded);

            Assert.That(Codes(verdict), Has.Some.EqualTo("manifest_name_unfit").And.None.EqualTo("alias_differs").And.None.EqualTo("manifest_missing"));
            Assert.That(verdict.Records, Is.EqualTo(30), "the shards are looked at all the same");
        }
        finally
        {
            File.Delete(outside);
        }
    }

    [Test]
    public async Task VerifyAsync_Complains_WhenEntriesAreInAnotherOrder()
    {
        _feed.EditBoth(manifest => manifest with { DataFiles = [.. manifest.DataFiles.Reverse()] });

        Assert.That(Told(await _feed.VerifyAsync(isRecorded)), Has.Some.Contains("chunk order"));
    }

    [Test]
    public async Task VerifyAsync_Complains_WhenTheTimestampIsChanged([Values] bool isAlias)
    {
        _feed.EditBoth(manifest => manifest with { GenerationTimestamp = manifest.GenerationTimestamp + 1 });

        Assert.That(Told(await _feed.VerifyAsync(isRecorded, isAlias ? ObjectNames.Alias : PublishedFeed.ManifestName)), Is.Not.Empty);
    }

    [Test]
    public async Task VerifyAsync_Complains_WhenTheNameIsChanged()
    {
        _feed.EditBoth(manifest => manifest with { Name = "other" });

        Assert.That(Told(await _feed.VerifyAsync(isRecorded)), Is.Not.Empty);
    }

    [Test]
    public async Task VerifyAsync_FindsTheEdit_WhenOnlyTheLedgerCan()
    {
        // The same manifest in another layout: nothing to be seen from outside.
        var compact = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(_feed.Manifest.ToBytes()).Replace("\n", "", StringComparison.Ordinal));
        _feed.Overwrite(PublishedFeed.ManifestName, compact);
        _feed.Overwrite(ObjectNames.Alias, compact);

        var verdict = await _feed.VerifyAsync(isRecorded);

        Assert.That(Told(verdict), isRecorded ? Has.Some.Contains("is not the manifest that run 12 published") : Is.Empty);
    }
}
