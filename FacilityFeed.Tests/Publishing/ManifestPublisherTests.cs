using System.Security.Cryptography;
using FacilityFeed.Domain;
using FacilityFeed.Domain.Ledger;
using FacilityFeed.Domain.Publishing;
using FacilityFeed.Domain.Runs;
using FacilityFeed.Domain.Storing;
using FacilityFeed.Domain.Writing;
using FacilityFeed.Infrastructure.Ledger;
using FacilityFeed.Scheduler.Operating;
using FacilityFeed.Scheduler.Publishing;
using FacilityFeed.Tests.Storing;
using FacilityFeed.Tests.Support;

namespace FacilityFeed.Tests.Publishing;

public sealed class ManifestPublisherTests
{
    [Test]
    public async Task ASecondRun_WritesNewNames_AndReplacesOnlyTheAlias()
    {
        await using var host = await TestHost.CreateAsync(Facilities.Numbered(1, 25));
        await host.PublishAsync();
        var before = Hashes(host);

        var second = await host.PublishAsync();

        var after = Hashes(host);
        Assert.That(second.State, Is.EqualTo(RunState.Published), second.Reason);
        Assert.That(before.Where(file => after[file.Key] != file.Value).Select(file => file.Key), Is.EqualTo(new[] { "metadata.json" }));
        Assert.That(after, Has.Count.EqualTo(before.Count + 4), "three shards and a manifest");
        Assert.That(after["metadata.json"], Is.EqualTo(after[second.Manifest!]));
    }

    [Test]
    public async Task TheSameRows_GiveTheSameBytes_RunAfterRun()
    {
        await using var host = await TestHost.CreateAsync(Facilities.Numbered(1, 25));

        var first = await host.PublishAsync();
        var second = await host.PublishAsync();

        var hashes = await Task.WhenAll(new[] { first, second }.Select(async run => (await host.Chunks.ListAsync(run.Id, CancellationToken.None)).Select(chunk => chunk.Sha256)));
        Assert.That(hashes[0], Is.EqualTo(hashes[1]));
    }

    [Test]
    public async Task AnEmptySource_IsHeld_AndMakesNoManifest()
    {
        await using var host = await TestHost.CreateAsync(Facilities.EmptyTable);

        var run = await host.PublishAsync();

        Assert.That((run.State, run.Manifest), Is.EqualTo((RunState.Held, (string?)null)));
        Assert.That(run.Reason, Does.Contain("the source is empty"));
        Assert.That(Directory.Exists(host.StorePath) ? Directory.GetFiles(host.StorePath) : [], Is.Empty);
    }

    [Test]
    public async Task ACountdownThatIsTooLow_PublishesNothing_AndIsMended()
    {
        await using var host = await TestHost.CreateAsync(Facilities.Numbered(1, 25), watch: Watching.WatchedRun.Soon with { Interval = TimeSpan.FromMilliseconds(100) });
        var runId = await RunSteps.FailAsync(host);
        await host.State.ExecuteAsync($"UPDATE feed.chunk SET {Protocol.Writer}, state = 'planned' WHERE number = 2");

        Assert.That(async () => await host.Get<ManifestPublisher>().PublishAsync(runId, (await RunSteps.FindAsync(host, runId)).ManifestJobId!, CancellationToken.None),
            Throws.TypeOf<FeedException>().With.Message.Contains("chunk 2 is planned"));
        Assert.That(Directory.GetFiles(host.StorePath, "*.filesetdesc.json"), Is.Empty);

        host.StartWorkers();
        var run = await host.EndOfAsync(runId);
        Assert.That((run.State, run.Records), Is.EqualTo((RunState.Published, 25L)), run.Reason);
    }

    [Test]
    public async Task ASourceEmptiedAfterThePlan_IsHeld()
    {
        await using var host = await TestHost.CreateAsync(Facilities.Numbered(1, 25));
        var runId = await host.TriggerAsync();
        var planned = await host.Runs.FindAsync(runId, CancellationToken.None);
        await host.Get<Scheduler.Planning.RunPlanner>().PlanAsync(runId, planned!.PlanJobId!, CancellationToken.None);
        await host.Source.ExecuteAsync("TRUNCATE facility");
        host.StartWorkers();

        var run = await host.EndOfAsync(runId);

        Assert.That((run.State, run.Shards), Is.EqualTo((RunState.Held, 0L)));
        Assert.That(Directory.GetFiles(host.StorePath), Is.Empty);
    }

    [TestCase("removed")]
    [TestCase("damaged")]
    public async Task AShardLostBeforeTheManifest_IsMadeOnceMore_UnderANewName(string fate)
    {
        await using var host = await TestHost.CreateAsync(Facilities.Numbered(1, 25));
        var runId = await ExportAsync(host);
        await LoseAsync(host, runId, chunk: 2, fate);
        host.StartWorkers();

        var run = await host.EndOfAsync(runId);

        Assert.That(run.State, Is.EqualTo(RunState.Published), run.Reason);
        Assert.That(PublishTests.ReadIds(host.StorePath, run.Manifest!), Is.EqualTo(Enumerable.Range(1, 25).Select(id => $"{id}")));
        Assert.That(Manifest.Parse(await File.ReadAllBytesAsync(Path.Combine(host.StorePath, run.Manifest!))).DataFiles[1], Does.EndWith("_0002-2.json.gz"));
        Assert.That((await host.Runs.EventsAsync(runId, CancellationToken.None)).Select(line => line.Event), Has.One.EqualTo("chunk reopened"));
    }

    [Test]
    public async Task ManyLostShards_AreMadeOnceMore_AndTheRunIsLockedOnlyWhenTheirJobsAreMade()
    {
        await using var host = await TestHost.CreateAsync(Facilities.Numbered(1, 25));
        var runId = await ExportAsync(host);
        for (var chunk = 1; chunk <= 3; chunk++)
        {
            await LoseAsync(host, runId, chunk, "removed");
        }

        await LockTrap.SetAsync(host);
        host.StartWorkers();

        var run = await host.EndOfAsync(runId);

        Assert.That((run.State, run.Records), Is.EqualTo((RunState.Published, 25L)), run.Reason);
        Assert.That((await RunSteps.EventsAsync(host, runId)).Where(line => line.StartsWith("chunk reopened", StringComparison.Ordinal)).Select(line => line.Split(':')[1]), Is.EqualTo(new[] { " chunk 1", " chunk 2", " chunk 3" }));
    }

    [Test]
    public async Task AShardLostTwice_FailsTheRun_AndLeavesTheLastFeed()
    {
        await using var host = await TestHost.CreateAsync(Facilities.Numbered(1, 25));
        var runId = await ExportAsync(host);
        await host.State.ExecuteAsync($"UPDATE feed.chunk SET {Protocol.Writer}, is_reopened = true WHERE number = 2");
        await LoseAsync(host, runId, chunk: 2, "removed");
        host.StartWorkers();

        var run = await host.EndOfAsync(runId);

        Assert.That(run.State, Is.EqualTo(RunState.Failed));
        Assert.That(run.Reason, Does.Contain("chunk 2").And.Contains("missing or damaged"));
        Assert.That(File.Exists(Path.Combine(host.StorePath, "metadata.json")), Is.False);
    }

    [TestCase("redrive")]
    [TestCase("requeue")]
    public async Task AShardLostAfterTheRunHadBegunToPublish_IsNotMadeAgainUnderItsManifest(string how)
    {
        await using var host = await TestHost.CreateAsync(Facilities.Numbered(1, 25));
        var runId = await RunSteps.FailWhilePublishingAsync(host);
        await LoseAsync(host, runId, chunk: 2, "removed");
        if (how == "redrive")
        {
            await host.Get<RunControl>().RedriveAsync(runId, "test");
        }
        else
        {
            RunSteps.Requeue(host, (await RunSteps.FindAsync(host, runId)).ManifestJobId!);
        }

        host.StartWorkers();
        var run = await host.EndOfAsync(runId);

        Assert.That((run.State, run.ChunksDone), Is.EqualTo((RunState.Failed, 3L)));
        Assert.That(run.Reason, Does.StartWith($"Run {runId} chunk 2: ").And.Contains("its manifest may be visible").And.EndsWith("publish again"));
        Assert.That((await host.PublishAsync()).State, Is.EqualTo(RunState.Published));
        Assert.That((await RunSteps.FindAsync(host, runId)).State, Is.EqualTo(RunState.Superseded));
    }

    [Test]
    public async Task AChunkOfARunThatHadBegunToPublish_CannotBeReopened()
    {
        await using var host = await TestHost.CreateAsync(Facilities.Numbered(1, 25));
        var runId = await RunSteps.FailWhilePublishingAsync(host);
        await host.Get<RunControl>().RedriveAsync(runId, "test");
        var claim = await host.Get<PublishingLedger>().TryTakeAsync(runId, (await RunSteps.FindAsync(host, runId)).ManifestJobId!);

        Assert.That(await host.Chunks.ReopenAsync(claim!, [1], ["4711"]), Is.Empty);
    }

    [Test]
    public async Task AnOvertakenManifestAttemptThatFails_LeavesRunAndJobToTheLivingOne()
    {
        await using var host = await TestHost.CreateAsync(Facilities.Numbered(1, 25));
        var runId = await ExportAsync(host);
        var run = await host.Runs.FindAsync(runId, CancellationToken.None);
        var shard = (await host.Chunks.FindAsync(runId, 1, CancellationToken.None))!;
        var path = Path.Combine(host.StorePath, shard.ObjectName!);
        // Missing for the second time, so the attempt is rejected; a newer attempt is taken the moment this one is.
        await host.State.ExecuteAsync($"UPDATE feed.chunk SET {Protocol.Writer}, is_reopened = true WHERE number = 1");
        File.Delete(path);
        await host.State.ExecuteAsync($"CREATE FUNCTION overtake() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN UPDATE feed.run SET {Protocol.Writer}, manifest_attempt = manifest_attempt + 1 WHERE id = {runId} AND manifest_attempt = 1; RETURN NEW; END'; CREATE TRIGGER overtake AFTER UPDATE OF manifest_attempt ON feed.run FOR EACH ROW WHEN (NEW.manifest_attempt = 1) EXECUTE FUNCTION overtake()");

        await Assert.ThrowsAsync<Hangfire.Server.JobAbortedException>(() => host.Get<Scheduler.Publishing.ManifestPublisher>().PublishAsync(runId, run!.ManifestJobId!, CancellationToken.None));

        var after = await host.Runs.FindAsync(runId, CancellationToken.None);
        Assert.That((after!.State, after.Reason), Is.EqualTo((RunState.Running, (string?)null)));
    }

    [Test]
    public async Task AnOvertakenManifestAttempt_CannotReopenAChunk()
    {
        await using var host = await TestHost.CreateAsync(Facilities.Numbered(1, 25));
        var runId = await ExportAsync(host);
        var run = await host.Runs.FindAsync(runId, CancellationToken.None);
        var overtaken = await host.Get<PublishingLedger>().TryTakeAsync(runId, run!.ManifestJobId!);
        var current = await host.Get<PublishingLedger>().TryTakeAsync(runId, run.ManifestJobId!);

        Assert.That(await host.Chunks.ReopenAsync(overtaken!, [1], ["4711"]), Is.Empty);
        Assert.That(await host.Chunks.ReopenAsync(current!, [1], ["4711"]), Is.EqualTo(new[] { 1 }));
        Assert.That(await host.Get<PublishingLedger>().TryEnterAsync(current!), Is.False, "a chunk is open again");
    }

    [TestCase("{\"generation_timestamp\":1,\"name\":\"somebody.else\",\"data_file\":[\"x.json\"]}", "another installation publishes here", TestName = "AnAliasOfAnotherFeed_IsNeverReplaced")]
    [TestCase("{\"generation_timestamp\":99999999999,\"name\":\"reservewithgoogle.entity\",\"data_file\":[\"x.json\"]}", "is newer", TestName = "AnAliasFromTheFuture_IsNeverReplaced")]
    [TestCase("{\"generation_timestamp\":1,\"name\":\"some\\u0000body\\u001b[31m\",\"data_file\":[\"x.json\"]}", "name 'some\\u0000body\\u001B[31m' is no feed's name", TestName = "AnAliasWithControlCharactersInItsName_IsNeverReplaced")]
    [TestCase("{\"generation_timestamp\":tru\0}", "is no manifest", TestName = "AnAliasWithANulInIt_IsNeverReplaced")]
    [TestCase("{\"owner\":\"another tool\"}", "is no manifest", TestName = "AnAliasOfAnotherProgram_IsNeverReplaced")]
    public async Task AnAlias_IsNeverReplaced(string alias, string reason)
    {
        await using var host = await TestHost.CreateAsync(Facilities.Numbered(1, 5));
        await host.PublishAsync();
        await File.WriteAllTextAsync(Path.Combine(host.StorePath, "metadata.json"), alias);

        var run = await host.PublishAsync();

        Assert.That(run.State, Is.EqualTo(RunState.Failed));
        Assert.That(run.Reason, Does.Contain(reason));
        Assert.That(await File.ReadAllTextAsync(Path.Combine(host.StorePath, "metadata.json")), Is.EqualTo(alias));
        Assert.That(Directory.GetFiles(host.StorePath, "*.filesetdesc.json"), Has.Length.EqualTo(1), "a manifest that nobody reads was left");
    }

    [Test]
    public async Task AnAliasOfTheSameSecond_WithOtherShards_IsNeverReplaced()
    {
        using var folder = new TempFolder();
        var store = LocalFeedStoreTests.StoreAt(folder.Path);
        var claim = new ManifestClaim { RunId = 1, Attempt = 1, Name = "reservewithgoogle.entity", GenerationTimestamp = 7 };
        await store.ReplaceAsync(ObjectNames.Alias, ObjectContent.Of(new Manifest(7, claim.Name, ["theirs.json"]).ToBytes()), CancellationToken.None);

        var ours = ObjectContent.Of(new Manifest(7, claim.Name, ["ours.json"]).ToBytes());

        Assert.That(() => AliasWriter.WriteAsync(store, claim, ours, CancellationToken.None), Throws.InstanceOf<FeedRejectedException>().With.Message.Contains("another installation publishes here"));
    }

    [Test]
    public async Task PlainJson_IsWritten_WhenCompressionIsNone()
    {
        await using var host = await TestHost.CreateAsync(Facilities.Numbered(1, 5), settings: [("Feeds:facility:Compression", "none")]);

        var run = await host.PublishAsync();

        var shard = Directory.GetFiles(host.StorePath, "*_0001.json").Single();
        Assert.That(run.State, Is.EqualTo(RunState.Published), run.Reason);
        Assert.That(await File.ReadAllTextAsync(shard), Does.StartWith("{\"data\":[{\"entity_id\":\"1\",\"name\":\"Studio 1\""));
    }

    /// <summary>Plans a run and exports its chunks here, so that only the manifest job is left.</summary>
    private static async Task<long> ExportAsync(TestHost host)
    {
        var runId = await host.TriggerAsync();
        var run = await host.Runs.FindAsync(runId, CancellationToken.None);
        await host.Get<Scheduler.Planning.RunPlanner>().PlanAsync(runId, run!.PlanJobId!, CancellationToken.None);
        foreach (var chunk in await host.Chunks.ListAsync(runId, CancellationToken.None))
        {
            await host.Get<Scheduler.Exporting.ChunkRunner>().RunAsync(runId, chunk.Number, chunk.JobId, CancellationToken.None);
        }

        return runId;
    }

    private static async Task LoseAsync(TestHost host, long runId, int chunk, string fate)
    {
        var shard = (await host.Chunks.FindAsync(runId, chunk, CancellationToken.None))!;
        var path = Path.Combine(host.StorePath, shard.ObjectName!);
        if (fate == "removed")
        {
            File.Delete(path);
        }
        else
        {
            // The same length, one byte changed.
            var bytes = await File.ReadAllBytesAsync(path);
            bytes[^1] ^= 1;
            await File.WriteAllBytesAsync(path, bytes);
        }
    }

    private static Dictionary<string, string> Hashes(TestHost host) => Directory.GetFiles(host.StorePath)
        .ToDictionary(path => Path.GetFileName(path), path => Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(path))));
}
