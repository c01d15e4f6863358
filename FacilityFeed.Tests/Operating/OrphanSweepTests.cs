using FacilityFeed.Domain.Ledger;
using FacilityFeed.Domain.Runs;
using FacilityFeed.Domain.Storing;
using FacilityFeed.Domain.Writing;
using FacilityFeed.Infrastructure.Feeds;
using FacilityFeed.Infrastructure.Ledger;
using FacilityFeed.Scheduler.Operating;
using FacilityFeed.Tests.Support;

namespace FacilityFeed.Tests.Operating;

public sealed class OrphanSweepTests
{
    private static readonly ObjectContent _something = ObjectContent.Of([1, 2, 3]);

    [Test]
    public async Task Sweep_RemovesWhatNoChunkNames_ADayAfterTheRun_InAFolder()
    {
        await using var host = await TestHost.CreateAsync(Facilities.Numbered(1, 25));
        await RemovesWhatNoChunkNamesAsync(host);
    }

    [Test]
    public async Task Sweep_RemovesWhatNoChunkNames_ADayAfterTheRun_InABucket()
    {
        await using var host = await OnCephAsync();
        var run = await RemovesWhatNoChunkNamesAsync(host);

        var (ours, theirs) = (ObjectNames.Claim(Start(run), host.Get<Infrastructure.Ledger.Installation>().Id), ObjectNames.Claim(Start(run), Guid.NewGuid()));
        await StoreOf(host).ReplaceAsync(ours, _something, CancellationToken.None);
        await StoreOf(host).ReplaceAsync(theirs, _something, CancellationToken.None);
        await host.State.ExecuteAsync($"UPDATE feed.run SET {Protocol.Writer}, swept_at = NULL");

        Assert.That(await SweepAsync(host), Is.EqualTo(new[] { ours }));
        Assert.That(await NamesAsync(host, run), Does.Contain(theirs));
    }

    [Test]
    public async Task Sweep_RemovesTheManifestBeforeTheShards_OfARunThatWasNeverPublished()
    {
        await using var host = await TestHost.CreateAsync(Facilities.Numbered(1, 25));
        var run = await host.PublishAsync();
        // As if the alias had not been written, the run had failed and another had been published after it.
        await host.State.ExecuteAsync($"UPDATE feed.run SET {Protocol.Writer}, state = 'failed', manifest = NULL");
        await StoreOf(host).DeleteAsync(ObjectNames.Alias, CancellationToken.None);
        await AgeAsync(host);
        var leftOver = ObjectNames.Shard(run.Name, run.GenerationTimestamp!.Value, 2, 1, Compression.None);
        await StoreOf(host).CreateAsync(leftOver, _something, CancellationToken.None);

        var whileFailed = await SweepAsync(host);
        await StoreOf(host).CreateAsync(leftOver, _something, CancellationToken.None);
        await host.State.ExecuteAsync($"UPDATE feed.run SET {Protocol.Writer}, state = 'superseded'");
        var afterwards = await SweepAsync(host);

        Assert.That(whileFailed, Is.EqualTo(new[] { leftOver }), "a redrive may still publish its manifest");
        Assert.That(afterwards, Is.EqualTo(new[] { run.Manifest, leftOver }));
        Assert.That(await NamesAsync(host, run), Has.Count.EqualTo(3), "the shards that chunks name");
    }

    [Test]
    public async Task Sweep_KeepsAManifest_ThatTheAliasNames()
    {
        await using var host = await TestHost.CreateAsync(Facilities.Numbered(1, 25));
        var run = await host.PublishAsync();
        // As if a person had ended it after the alias was written and before the ledger knew.
        await host.State.ExecuteAsync($"UPDATE feed.run SET {Protocol.Writer}, state = 'cancelled', manifest = NULL");
        await AgeAsync(host);

        Assert.That(await SweepAsync(host), Is.Empty);
        Assert.That(await NamesAsync(host, run), Does.Contain(run.Manifest));
    }

    [Test]
    public async Task Sweep_TouchesNothing_OfARunThatIsRedrivenMeanwhile()
    {
        await using var gateway = await FaultyGateway.StartAsync((await TestServers.CephAsync()).Endpoint);
        await using var host = await OnCephAsync(gateway.Address);
        var run = await host.PublishAsync();
        await host.State.ExecuteAsync($"UPDATE feed.run SET {Protocol.Writer}, state = 'failed', manifest = NULL; UPDATE feed.chunk SET {Protocol.Writer}, attempt = 2, state = 'failed', object_name = NULL WHERE number = 2");
        await AgeAsync(host);
        await StoreOf(host).DeleteAsync(run.Manifest!, CancellationToken.None);
        // The second attempt has stored its shard and not recorded it yet; the redrive began after the sweep had chosen the run.
        var shard = ObjectNames.Shard(run.Name, run.GenerationTimestamp!.Value, 2, 2, Compression.Gzip);
        await StoreOf(host).CreateAsync(shard, _something, CancellationToken.None);
        gateway.Faults = (_, method, _) =>
        {
            if (method == HttpMethod.Get)
            {
                host.State.ExecuteAsync($"UPDATE feed.run SET {Protocol.Writer}, state = 'running'").GetAwaiter().GetResult();
            }

            return GatewayFault.None;
        };

        Assert.That(await SweepAsync(host), Is.Empty);
        Assert.That(await NamesAsync(host, run), Does.Contain(shard));
    }

    [Test]
    public async Task Sweep_LeavesAnotherInstallationsObjectsAlone()
    {
        await using var host = await TestHost.CreateAsync(Facilities.Numbered(1, 25));
        var run = await host.PublishAsync();
        await host.State.ExecuteAsync($"UPDATE feed.run SET {Protocol.Writer}, state = 'superseded', manifest = NULL; UPDATE feed.chunk SET {Protocol.Writer}, state = 'failed', object_name = NULL WHERE number = 2");
        await AgeAsync(host);
        var unknown = ObjectNames.Shard(run.Name, run.GenerationTimestamp!.Value - 5, 1, 1, Compression.Gzip);
        await StoreOf(host).CreateAsync(unknown, _something, CancellationToken.None);
        var before = await NamesAsync(host, run);

        var removed = await SweepAsync(host);

        // The manifest there names a shard that this ledger does not know: it is not ours, and what it names is not either.
        Assert.That(removed, Is.Empty);
        Assert.That(await NamesAsync(host, run), Is.EquivalentTo(before));
        Assert.That(await StoreOf(host).OpenReadAsync(unknown, CancellationToken.None), Is.Not.Null);
    }

    [Test]
    public async Task Sweep_LeavesRunsAlone_ThatWroteElsewhere()
    {
        await using var host = await TestHost.CreateAsync(Facilities.Numbered(1, 5));
        await host.PublishAsync();
        await host.State.ExecuteAsync($"UPDATE feed.run SET {Protocol.Writer}, recipe = 'facility of somewhere into /somewhere/else', state = 'superseded'");
        await AgeAsync(host);

        Assert.That(await SweepAsync(host), Is.Empty);
        Assert.That(await host.State.ScalarAsync<long>("SELECT count(*) FROM feed.run WHERE swept_at IS NULL"), Is.EqualTo(1));
    }

    /// <summary>The objects of overtaken attempts go, once the run is over for a day; what is published stays.</summary>
    private static async Task<RunView> RemovesWhatNoChunkNamesAsync(TestHost host)
    {
        var run = await host.PublishAsync();
        Assert.That(run.State, Is.EqualTo(RunState.Published), run.Reason);
        // The first attempt's object, as if the process had died before it was recorded.
        await host.State.ExecuteAsync($"UPDATE feed.chunk SET {Protocol.Writer}, attempt = 3 WHERE number = 2");
        var published = await NamesAsync(host, run);
        var orphan = ObjectNames.Shard(run.Name, run.GenerationTimestamp!.Value, 2, 3, Compression.Gzip);
        var notOurs = ObjectNames.Shard(run.Name, run.GenerationTimestamp!.Value, 2, 4, Compression.Gzip);
        await StoreOf(host).CreateAsync(orphan, _something, CancellationToken.None);
        await StoreOf(host).CreateAsync(notOurs, _something, CancellationToken.None);

        var early = await SweepAsync(host);
        await AgeAsync(host);
        var removed = await SweepAsync(host);
        var again = await SweepAsync(host);

        Assert.That((early, again), Is.EqualTo((Array.Empty<string>(), Array.Empty<string>())));
        Assert.That(removed, Is.EqualTo(new[] { orphan }));
        Assert.That(await NamesAsync(host, run), Is.EquivalentTo(published.Append(notOurs)));
        Assert.That(await RunSteps.EventsAsync(host, run.Id), Does.Contain($"orphans removed: {orphan}"));
        return run;
    }

    private static async Task<TestHost> OnCephAsync(Uri? gateway = null)
    {
        var bucket = await (await TestServers.CephAsync()).NewBucketAsync();
        return await TestHost.CreateAsync(Facilities.Numbered(1, 25), settings:
        [
            ("Stores:s3:Bucket", bucket.Bucket), ("Stores:s3:Endpoint", (gateway ?? bucket.Endpoint!).GetLeftPart(UriPartial.Authority)), ("Stores:s3:Provider", "s3-compatible"),
            ("Stores:s3:AccessKeyId", bucket.AccessKeyId!), ("Stores:s3:SecretAccessKey", bucket.SecretAccessKey!),
        ]);
    }

    private static async Task<IReadOnlyList<string>> SweepAsync(TestHost host) => [.. await host.Get<OrphanSweep>().SweepAsync(host.Feed, CancellationToken.None)];

    private static Task AgeAsync(TestHost host) => host.State.ExecuteAsync($"UPDATE feed.run SET {Protocol.Writer}, finished_at = finished_at - interval '25 hours'");

    private static IFeedStore StoreOf(TestHost host) => host.Get<FeedCatalog>().StoreOf(host.Feed);

    private static string Start(RunView run) => ObjectNames.Generation(run.Name, run.GenerationTimestamp!.Value);

    private static async Task<List<string>> NamesAsync(TestHost host, RunView run)
    {
        var names = new List<string>();
        await foreach (var name in StoreOf(host).ListAsync(Start(run), CancellationToken.None))
        {
            names.Add(name);
        }

        return names;
    }
}
