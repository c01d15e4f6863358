using System.Globalization;
using System.Net;
using System.Net.Sockets;
using FacilityFeed.Domain.Feeds;
using FacilityFeed.Domain.Runs;
using FacilityFeed.Domain.Storing;
using FacilityFeed.Domain.Writing;
using FacilityFeed.Infrastructure.Feeds;
using FacilityFeed.Infrastructure.Settings;
using FacilityFeed.Scheduler.Operating;
using FacilityFeed.Tests.Support;

namespace FacilityFeed.Tests.Operating;

/// <summary>Where the sweep comes to: to every feed, whatever another's store does, and to an installation that knows no service.</summary>
public sealed class OrphanSweepReachTests
{
    private const long Generation = 1_700_000_000;

    [TestCase(false, TestName = "SweepAll_ComesToTheOtherFeeds_WhenAStoreIsBroken")]
    [TestCase(true, TestName = "SweepAll_ComesToTheOtherFeeds_WhenAStoreSaysNothing")]
    public async Task SweepAll_ComesToTheOtherFeeds(bool isSilent)
    {
        // Takes connections, and no more.
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        using var folder = new TempFolder();
        await File.WriteAllTextAsync(folder.File("no-folder"), "");
        await using var host = await TestHost.CreateAsync(Facilities.Numbered(1, 5), settings:
        [
            .. isSilent
                ? [
                    ("Stores:dead:Kind", "s3"), ("Stores:dead:Bucket", "feeds"), ("Stores:dead:Endpoint", string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{((IPEndPoint)silent.LocalEndpoint).Port}")),
                    ("Stores:dead:Provider", "s3-compatible"), ("Stores:dead:AccessKeyId", "id"), ("Stores:dead:SecretAccessKey", "secret"),
                ]
                : new[] { ("Stores:dead:Path", folder.File("no-folder")) },
            ("Feeds:facility:Store", "dead"), ("Feeds:studios:Store", "local"), ("Feeds:studios:Name", "studios"), ("Feeds:studios:ChunkSize", "10"),
        ]);
        var feeds = host.Get<FeedCatalog>();
        Assert.That(feeds.All.Select(feed => feed.Key), Is.EqualTo(new[] { "facility", "studios" }), "the dead one first");
        foreach (var feed in feeds.All)
        {
            await AddEndedAsync(host, feed);
        }

        var studios = host.Get<ServiceSettings>().Feeds["studios"];
        var orphan = ObjectNames.Shard(studios.Name, Generation, 1, 1, Compression.Gzip);
        await feeds.StoreOf(studios).CreateAsync(orphan, ObjectContent.Of([1]), CancellationToken.None);

        await host.Get<OrphanSweep>().SweepAllAsync(TimeSpan.FromSeconds(2), CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(30));

        Assert.That(await feeds.StoreOf(studios).OpenReadAsync(orphan, CancellationToken.None), Is.Null);
        Assert.That(await SweptAsync(host), Is.EqualTo("studios"));
    }

    [Test]
    public async Task Sweep_LeavesTheRunsForLater_WhenItsPlaceIsEmpty()
    {
        await using var host = await TestHost.CreateAsync(Facilities.Numbered(1, 5));
        var feeds = host.Get<FeedCatalog>();
        await AddEndedAsync(host, host.Feed);

        // As a folder is whose disk is not mounted.
        await host.Get<OrphanSweep>().SweepAllAsync(TimeSpan.FromSeconds(20), CancellationToken.None);
        Assert.That(await SweptAsync(host), Is.Empty);

        var orphan = ObjectNames.Shard(host.Feed.Name, Generation, 1, 1, Compression.Gzip);
        await feeds.StoreOf(host.Feed).CreateAsync(orphan, ObjectContent.Of([1]), CancellationToken.None);
        await host.Get<OrphanSweep>().SweepAllAsync(TimeSpan.FromSeconds(20), CancellationToken.None);
        Assert.That(await feeds.StoreOf(host.Feed).OpenReadAsync(orphan, CancellationToken.None), Is.Null);
        Assert.That(await SweptAsync(host), Is.EqualTo("facility"));
    }

    [Test]
    public async Task Publish_SweepsItsFeed_WhereNoServiceIs()
    {
        await using var installation = await Support.Installation.CreateAsync(Facilities.Numbered(1, 25));
        Assert.That((await installation.RunAsync("publish", "facility")).ExitCode, Is.Zero);
        // A chunk that was tried a second time, and whose second shard nobody recorded, a day ago.
        await installation.State.ExecuteAsync($"""
            UPDATE feed.run SET finished_at = now() - interval '25 hours', writer = {Protocol.Number};
            UPDATE feed.chunk SET attempt = 2, writer = {Protocol.Number};
            """);
        var shard = Directory.GetFiles(installation.StorePath, "*_0001.json.gz").Single();
        var orphan = shard.Replace("_0001.", "_0001-2.", StringComparison.Ordinal);
        File.Copy(shard, orphan);

        var second = await installation.RunAsync("publish", "facility", "--json");

        Assert.That(second.ExitCode, Is.Zero, second.Errors);
        Assert.That(second.Errors, Does.Not.Contain("warning"));
        Assert.That(orphan, Does.Not.Exist);
        Assert.That(shard, Does.Exist);
    }

    /// <summary>A run that ended a day ago, and has not been looked at.</summary>
    private static Task AddEndedAsync(TestHost host, FeedDefinition feed) => host.State.ExecuteAsync($"""
        WITH old AS (
            INSERT INTO feed.run (feed, name, recipe, run_key, origin, state, generation_timestamp, finished_at, writer)
            VALUES ('{feed.Key}', '{feed.Name}', 'facility into {host.Get<FeedCatalog>().PlaceOf(feed)}', 'key', 'test', 'superseded', {Generation}, now() - interval '25 hours', {Protocol.Number}) RETURNING id)
        INSERT INTO feed.chunk (run_id, number, first_id, last_id, planned_rows, state, job_id, attempt, writer) SELECT id, 1, 1, 5, 5, 'failed', '1', 1, {Protocol.Number} FROM old
        """);

    private static Task<string> SweptAsync(TestHost host) => host.State.ScalarAsync<string>("SELECT coalesce(string_agg(feed, ','), '') FROM feed.run WHERE swept_at IS NOT NULL");
}
