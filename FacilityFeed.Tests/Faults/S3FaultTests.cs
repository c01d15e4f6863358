using FacilityFeed.Domain;
using FacilityFeed.Domain.Ledger;
using FacilityFeed.Domain.Publishing;
using FacilityFeed.Domain.Runs;
using FacilityFeed.Domain.Storing;
using FacilityFeed.Domain.Writing;
using FacilityFeed.Infrastructure.Ledger;
using FacilityFeed.Infrastructure.Storing;
using FacilityFeed.Scheduler.Exporting;
using FacilityFeed.Tests.Faults.Lab;
using FacilityFeed.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace FacilityFeed.Tests.Faults;

/// <summary>A whole run, on a real S3 server whose gateway misbehaves.</summary>
public sealed class S3FaultTests
{
    private FaultyGateway _gateway = null!;
    private S3StoreOptions _bucket = null!;
    private TempFolder _folder = null!;

    [SetUp]
    public async Task PrepareAsync()
    {
        _folder = new TempFolder();
        var server = await TestServers.CephAsync();
        _gateway = await FaultyGateway.StartAsync(server.Endpoint);
        _bucket = await server.NewBucketAsync();
    }

    [TearDown]
    public async Task CleanUpAsync()
    {
        await (_gateway?.DisposeAsync() ?? ValueTask.CompletedTask);
        _folder.Dispose();
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task ARunOfManyShards_IsPublished_WhenEveryThirdRequestIsAnsweredBy503(bool isRegular)
    {
        await using var host = await HostAsync(rows: 500);
        var random = new Random(7);
        bool Fails(int number)
        {
            lock (random)
            {
                return isRegular ? number % 3 == 0 : random.Next(3) == 0;
            }
        }

        _gateway.Faults = (number, _, _) => Fails(number) ? GatewayFault.Unavailable : GatewayFault.None;

        var run = await host.PublishAsync();

        Assert.That((run.State, run.Records), Is.EqualTo((RunState.Published, 500)), run.Reason);
        _gateway.Faults = (_, _, _) => GatewayFault.None;
        await AssertWholeAsync(host, run, chunks: 50, isMarkTakenBack: false);
        Assert.That((await host.Chunks.ListAsync(run.Id, CancellationToken.None)).Sum(chunk => chunk.StoreRetries), Is.Positive, "requests sent twice are counted");
    }

    [Test]
    public async Task AShardTooLargeForMemory_ArrivesWhole_AlsoWhenItIsSentAgain()
    {
        await using var host = await HostAsync(SourceChurn.Script(20, nameBytes: 960 * 1024));
        var puts = 0;
        _gateway.Faults = (_, method, path) => method == HttpMethod.Put && path.EndsWith(".json.gz", StringComparison.Ordinal) && Interlocked.Increment(ref puts) == 1 ? GatewayFault.Unavailable : GatewayFault.None;

        var run = await host.PublishAsync();

        Assert.That(run.State, Is.EqualTo(RunState.Published), run.Reason);
        var chunks = await host.Chunks.ListAsync(run.Id, CancellationToken.None);
        Assert.That(chunks.Select(chunk => chunk.Bytes), Has.All.GreaterThan(SpoolStream.DefaultMemoryBytes));
        Assert.That(chunks.Sum(chunk => chunk.StoreRetries), Is.EqualTo(1));
        await AssertWholeAsync(host, run, chunks: 2);
    }

    [Test]
    public async Task APutWhoseAnswerWasLost_IsRecognised()
    {
        await using var host = await HostAsync();
        _gateway.Faults = (_, method, path) => method == HttpMethod.Put && path.EndsWith(".json.gz", StringComparison.Ordinal) ? GatewayFault.CutAfterBody : GatewayFault.None;

        var run = await host.PublishAsync();

        Assert.That(run.State, Is.EqualTo(RunState.Published), run.Reason);
        Assert.That((await host.Chunks.ListAsync(run.Id, CancellationToken.None)).Select(chunk => (chunk.Attempt, chunk.StoreRetries)), Has.All.EqualTo((1, 1)));
        await AssertWholeAsync(host, run);
        Assert.That(await ListAsync("reservewithgoogle.entity-"), Has.Count.EqualTo(7), "six shards and a manifest, each once");
    }

    [Test]
    public async Task NothingIsLost_WhenTheAnswersOfAnUploadInPartsAre()
    {
        var lost = new HashSet<HttpMethod>();
        // The first answer to each kind of request; the SDK sends it again, and S3 says that the upload is gone.
        _gateway.Faults = (_, method, _) => method != HttpMethod.Put && method != HttpMethod.Head && lost.Add(method) ? GatewayFault.CutAfterBody : GatewayFault.None;
        using var connection = new S3Connection(_bucket with { Endpoint = _gateway.Address, MultipartAboveBytes = 5 * 1024 * 1024, PartBytes = 5 * 1024 * 1024 });
        var store = new S3FeedStore(connection, "", Guid.NewGuid(), _folder.Path);
        var content = ObjectContent.Of(new byte[6 * 1024 * 1024]);

        await store.CheckAsync(CancellationToken.None);
        lost.Remove(HttpMethod.Post);
        var stored = await store.CreateAsync("big.json", content, CancellationToken.None);

        Assert.That(lost, Is.EquivalentTo(new[] { HttpMethod.Post, HttpMethod.Delete, HttpMethod.Get }));
        Assert.That(await store.HoldsAsync(stored, CancellationToken.None), Is.True);
    }

    [Test]
    public async Task AnotherInstallationsObject_IsNotReplaced_ByAnUploadInParts()
    {
        var options = _bucket with { CreatesExclusively = true, MultipartAboveBytes = 5 * 1024 * 1024, PartBytes = 5 * 1024 * 1024 };
        using var connection = new S3Connection(options);
        await new S3FeedStore(connection, "", Guid.NewGuid(), _folder.Path).CreateAsync("big.json", ObjectContent.Of(new byte[6 * 1024 * 1024]), CancellationToken.None);

        Assert.That(() => new S3FeedStore(connection, "", Guid.NewGuid(), _folder.Path).CreateAsync("big.json", ObjectContent.Of(new byte[7 * 1024 * 1024]), CancellationToken.None),
            Throws.InstanceOf<FeedRejectedException>().With.Message.Contains("another installation publishes here"));
    }

    [Test]
    public async Task ARun_IsPublished_WhenTheGatewayWasAwayForAWhile_AndTheDashboardTellsWhy()
    {
        await using var host = await HostAsync();
        var isAway = false;
        var puts = 0;
        _gateway.Faults = (_, method, path) =>
        {
            // In mid-run: after the second shard.
            isAway |= method == HttpMethod.Put && path.EndsWith(".json.gz", StringComparison.Ordinal) && ++puts == 3;
            return isAway ? GatewayFault.Refused : GatewayFault.None;
        };
        host.StartWorkers();
        var runId = await host.TriggerAsync();
        await Until.TrueAsync(async () => await RetriesAsync(host) >= 2, TimeSpan.FromSeconds(60), "retries");

        _gateway.Faults = (_, _, _) => GatewayFault.None;
        var run = await host.EndOfAsync(runId);

        Assert.That(run.State, Is.EqualTo(RunState.Published), run.Reason);
        await AssertWholeAsync(host, run);
        Assert.That(await host.State.ScalarAsync<string>("SELECT string_agg(reason, E'\\n') FROM hangfire.state WHERE name = 'Scheduled'"), Does.Contain("Retry attempt 1 of 5"));
        Assert.That(await host.State.ScalarAsync<string>("SELECT string_agg(data::text, E'\\n') FROM hangfire.state WHERE name = 'Failed'"), Does.Contain("no answer ("));
    }

    [Test]
    public async Task AChunkThatIsTriedAgain_WaitsForItsStore_BeforeItReadsTheSourceOnceMore()
    {
        await using var host = await HostAsync(rows: 10);
        var runId = await RunSteps.PlanAsync(host);
        var chunk = (await host.Chunks.FindAsync(runId, 1, CancellationToken.None))!;
        await host.Chunks.TryTakeAsync(runId, 1, chunk.JobId);
        // Whoever reads now learns that there is no such table, which fails a chunk for good.
        await host.Source.ExecuteAsync("ALTER TABLE facility RENAME TO away");
        _gateway.Faults = (_, _, _) => GatewayFault.Refused;
        var before = _gateway.Requests;

        var second = host.Get<ChunkRunner>().RunAsync(runId, 1, chunk.JobId, CancellationToken.None);
        await Until.TrueAsync(() => Task.FromResult(second.IsCompleted || _gateway.Requests > before + 4), TimeSpan.FromSeconds(30), "requests");
        await host.Source.ExecuteAsync("ALTER TABLE away RENAME TO facility");
        _gateway.Faults = (_, _, _) => GatewayFault.None;

        Assert.That(await second, Does.StartWith("10 records"));
    }

    [Test]
    public async Task ARun_Fails_WhenTheGatewayNeverRecovers()
    {
        await using var host = await HostAsync();
        _gateway.Faults = (_, method, path) => method == HttpMethod.Put && path.Contains("_0004", StringComparison.Ordinal) ? GatewayFault.Unavailable : GatewayFault.None;

        var run = await host.PublishAsync();

        var chunk = (await host.Chunks.FindAsync(run.Id, 4, CancellationToken.None))!;
        Assert.That((run.State, run.ChunksDone, chunk.State, chunk.Attempt), Is.EqualTo((RunState.Failed, 5, ChunkState.Failed, 6)));
        Assert.That(run.Reason, Does.Contain("chunk 4 failed: SlowDown (503)").And.Contain(": s3://"));
        Assert.That(await ListAsync("metadata.json"), Is.Empty);
    }

    [Test]
    public async Task AShardRefusedForGood_FailsTheRun_AndLeavesTheLastFeedAlone()
    {
        await using var host = await HostAsync();
        var first = await host.PublishAsync();
        var before = await ReadAsync(ObjectNames.Alias);
        _gateway.Faults = (_, method, path) => method == HttpMethod.Put && path.Contains("_0003", StringComparison.Ordinal) ? GatewayFault.Denied : GatewayFault.None;

        var second = await host.PublishAsync();

        Assert.That((first.State, second.State), Is.EqualTo((RunState.Published, RunState.Failed)));
        Assert.That((await host.Chunks.FindAsync(second.Id, 3, CancellationToken.None))!.Attempt, Is.EqualTo(1), "what cannot work is not tried again");
        Assert.That(second.Reason, Does.StartWith("chunk 3 failed: AccessDenied (403)").And.Contain(": s3://").And.Contain("_0003.json.gz cannot be stored").And.Contain("s3:PutObject"));
        Assert.That(await ReadAsync(ObjectNames.Alias), Is.EqualTo(before));
        Assert.That((await ListAsync("")).Where(name => name.EndsWith(ObjectNames.ManifestEnding, StringComparison.Ordinal)), Is.EqualTo(new[] { first.Manifest }));
    }

    [Test]
    public async Task TwoInstallations_InOneBucketAndSecond_NeverMakeAFeedOfTwo()
    {
        await using var one = await HostAsync();
        await using var other = await HostAsync();
        one.StartWorkers();
        other.StartWorkers();
        await other.Source.ExecuteAsync("UPDATE facility SET name = 'Of the other ' || id");

        for (var round = 1; round <= 5; round++)
        {
            // The same second for both, whatever the clock says: the next one after all that was.
            await SetNextGenerationAsync(one, 2_000_000_000 + (round * 10));
            await SetNextGenerationAsync(other, 2_000_000_000 + (round * 10));
            var ids = await Task.WhenAll(one.TriggerAsync(), other.TriggerAsync());
            var runs = await Task.WhenAll(one.EndOfAsync(ids[0]), other.EndOfAsync(ids[1]));

            Assert.That(runs.Select(run => run.GenerationTimestamp).Distinct().Count(), Is.EqualTo(1), "the test must make them meet");
            Assert.That(runs.Count(run => run.State == RunState.Published), Is.LessThan(2));
            Assert.That(runs.Where(run => run.State != RunState.Published).Select(run => run.Reason), Has.All.Contains("another installation publishes here"));
            foreach (var (host, run) in new[] { (one, runs[0]), (other, runs[1]) }.Where(pair => pair.Item2.State == RunState.Published))
            {
                await AssertWholeAsync(host, run);
            }
        }
    }

    /// <summary>What is published is whole, and nothing else lies about.</summary>
    private async Task AssertWholeAsync(TestHost host, RunView run, int chunks = 6, bool isMarkTakenBack = true)
    {
        using var connection = new S3Connection(_bucket);
        var store = new S3FeedStore(connection, "", Guid.Empty, _folder.Path);
        var shards = (await host.Chunks.ListAsync(run.Id, CancellationToken.None)).Select(chunk => new RecordedShard(chunk.Shard!, chunk.Records!.Value)).ToList();
        var verifier = new FeedVerifier(store, (_, _) => Task.FromResult<RecordedFeed?>(new RecordedFeed(run.Id, Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(ReadAsync(run.Manifest!).GetAwaiter().GetResult())), shards)),
            new FakeTimeProvider(DateTimeOffset.FromUnixTimeSeconds(run.GenerationTimestamp!.Value)));

        var verdict = await verifier.VerifyAsync(run.Manifest!, CancellationToken.None);

        Assert.That(verdict.Problems, Is.Empty);
        Assert.That((verdict.Shards, verdict.Records), Is.EqualTo((chunks, chunks * 10L)));
        var installation = await host.State.ScalarAsync<Guid>("SELECT id FROM feed.installation");
        // Taken back just after the run is published; where the store fails at that very moment, the sweep of orphans does it a day later.
        if (isMarkTakenBack)
        {
            await Until.TrueAsync(async () => (await ListAsync($"{ObjectNames.Generation(run.Name, run.GenerationTimestamp!.Value)}.claim-{installation:N}")).Count == 0, TimeSpan.FromSeconds(20), "the mark to be taken back");
        }
    }

    /// <summary>An earlier run of the feed, over and done with, whose generation comes just before.</summary>
    private static Task SetNextGenerationAsync(TestHost host, long generation) => host.State.ExecuteAsync(
        $"INSERT INTO feed.run (feed, name, recipe, run_key, origin, state, writer, generation_timestamp) VALUES ('facility', 'reservewithgoogle.entity', '', 'before {generation}', 'test', 'cancelled', {Protocol.Number}, {generation - 1})");

    private static Task<long> RetriesAsync(TestHost host) => host.State.ScalarAsync<long>("SELECT count(*) FROM hangfire.state WHERE name = 'Failed'");

    private Task<TestHost> HostAsync(int rows = 60) => HostAsync(Facilities.Numbered(1, rows));

    private Task<TestHost> HostAsync(string source) => TestHost.CreateAsync(source, settings:
    [
        ("Feeds:facility:Validation", "off"),
        ("Stores:s3:Bucket", _bucket.Bucket), ("Stores:s3:Endpoint", _gateway.Address.GetLeftPart(UriPartial.Authority)),
        ("Stores:s3:AccessKeyId", _bucket.AccessKeyId!), ("Stores:s3:SecretAccessKey", _bucket.SecretAccessKey!),
    ]);

    private async Task<List<string>> ListAsync(string start)
    {
        using var connection = new S3Connection(_bucket);
        var names = new List<string>();
        await foreach (var name in new S3FeedStore(connection, "", Guid.Empty, _folder.Path).ListAsync(start, CancellationToken.None))
        {
            names.Add(name);
        }

        return names;
    }

    private async Task<byte[]> ReadAsync(string name)
    {
        using var connection = new S3Connection(_bucket);
        await using var stored = (await new S3FeedStore(connection, "", Guid.Empty, _folder.Path).OpenReadAsync(name, CancellationToken.None))!;
        using var bytes = new MemoryStream();
        await stored.CopyToAsync(bytes);
        return bytes.ToArray();
    }
}
