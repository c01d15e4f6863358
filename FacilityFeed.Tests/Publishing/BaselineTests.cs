using System.Globalization;
using FacilityFeed.Domain.Ledger;
using FacilityFeed.Domain.Runs;
using FacilityFeed.Infrastructure.Ledger;
using FacilityFeed.Scheduler.Hosting;
using FacilityFeed.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace FacilityFeed.Tests.Publishing;

/// <summary>What a run is compared with, and when it need not be published.</summary>
public sealed class BaselineTests
{
    [TestCase(80, RunState.Published)]
    [TestCase(79, RunState.Held)]
    public async Task ALostLedger_IsMadeUpForByTheFeedInTheStore(int rows, RunState expected)
    {
        await using var before = await TestHost.CreateAsync(Facilities.Numbered(1, 100), chunkSize: 40);
        var published = await before.PublishAsync();
        await using var host = await TestHost.CreateAsync(Facilities.Numbered(1, rows), settings: [("Stores:local:Path", before.StorePath)]);
        await BeginAfterAsync(host, published);

        var run = await host.PublishAsync();

        Assert.That(run.State, Is.EqualTo(expected), run.Reason);
        if (expected == RunState.Held)
        {
            Assert.That(run.Reason, Does.StartWith("79 records, 100 before, -21.0 %, limit 20 %"));
        }
    }

    [TestCase(80, RunState.Published)]
    [TestCase(79, RunState.Held)]
    public async Task ARestoredLedger_ThatKnowsAnOlderFeedThanTheStoreHolds_IsMadeUpFor(int rows, RunState expected)
    {
        await using var host = await TestHost.CreateAsync(Facilities.Numbered(1, 50));
        await host.PublishAsync();
        await host.Source.ExecuteAsync("INSERT INTO facility SELECT id + 50, name, phone, url, latitude, longitude, country, locality, region, postal_code, street_address FROM facility");
        var lost = await host.PublishAsync();
        // As a backup from before the second run has it; the row stays, for the clock alone does not give a later timestamp here.
        await host.State.ExecuteAsync($"UPDATE feed.run SET {Protocol.Writer}, state = 'cancelled', manifest = NULL, manifest_sha256 = NULL, published_at = NULL WHERE id = {lost.Id}");
        await host.Source.ExecuteAsync($"DELETE FROM facility WHERE id > {rows}");

        var run = await host.PublishAsync();

        Assert.That(run.State, Is.EqualTo(expected), run.Reason);
        if (expected == RunState.Held)
        {
            Assert.That(run.Reason, Does.StartWith("79 records, 100 before, -21.0 %, limit 20 %"));
        }
    }

    [TestCase("a shard is gone")]
    [TestCase("a shard is cut")]
    [TestCase("the alias is no manifest")]
    public async Task ALostLedger_AndAnUnreadableFeedInTheStore_HoldTheRun(string damage)
    {
        await using var before = await TestHost.CreateAsync(Facilities.Numbered(1, 100), chunkSize: 40);
        var published = await before.PublishAsync();
        var shard = Directory.GetFiles(before.StorePath, "*_0002.json.gz").Single();
        var alias = Path.Combine(before.StorePath, "metadata.json");
        switch (damage)
        {
            case "a shard is gone":
                File.Delete(shard);
                break;
            case "a shard is cut":
                await File.WriteAllBytesAsync(shard, (await File.ReadAllBytesAsync(shard))[..100]);
                break;
            default:
                await File.WriteAllTextAsync(alias, "{}");
                break;
        }

        var was = await File.ReadAllBytesAsync(alias);
        await using var host = await TestHost.CreateAsync(Facilities.Numbered(1, 100), settings: [("Stores:local:Path", before.StorePath)]);
        await BeginAfterAsync(host, published);

        var run = await host.PublishAsync();

        Assert.That(run.State, Is.EqualTo(RunState.Held), run.Reason);
        Assert.That(run.Reason, Does.Contain("cannot be read to compare with it"));
        Assert.That(await File.ReadAllBytesAsync(alias), Is.EqualTo(was));
    }

    [Test]
    public async Task AnUnchangedRun_PublishesNothing_WhenTheFeedSaysSo()
    {
        await using var host = await TestHost.CreateAsync(Facilities.Numbered(1, 25), settings: [("Feeds:facility:WhenUnchanged", "skip")]);
        var first = await host.PublishAsync();
        var alias = await File.ReadAllBytesAsync(Path.Combine(host.StorePath, "metadata.json"));

        var second = await host.PublishAsync();
        await host.Source.ExecuteAsync("UPDATE facility SET name = 'Renamed' WHERE id = 17");
        var third = await host.PublishAsync();

        Assert.That((first.State, second.State, third.State), Is.EqualTo((RunState.Published, RunState.Unchanged, RunState.Published)));
        Assert.That((second.Manifest, second.Reason), Is.EqualTo(((string?)null, $"every shard equals run {first.Id}'s; nothing was published")));
        Assert.That(Directory.GetFiles(host.StorePath, "*.filesetdesc.json"), Has.Length.EqualTo(2));
        Assert.That(await File.ReadAllBytesAsync(Path.Combine(host.StorePath, "metadata.json")), Is.Not.EqualTo(alias));
    }

    [TestCase("metadata.json")]
    [TestCase("*.filesetdesc.json")]
    [TestCase("*_0002.json.gz")]
    public async Task AnUnchangedRun_IsPublished_WhenWhatWasPublishedIsNoLongerThere(string lost)
    {
        await using var host = await TestHost.CreateAsync(Facilities.Numbered(1, 25), settings: [("Feeds:facility:WhenUnchanged", "skip")]);
        await host.PublishAsync();
        File.Delete(Directory.GetFiles(host.StorePath, lost).Single());

        var again = await host.PublishAsync();
        var third = await host.PublishAsync();

        Assert.That(again.State, Is.EqualTo(RunState.Published), again.Reason);
        Assert.That((third.State, third.Reason), Is.EqualTo((RunState.Unchanged, $"every shard equals run {again.Id}'s; nothing was published")));
    }

    [TestCase("MaxRejectPercent", "3.9", "1 of 25 records rejected, 4.0 %, limit 3.9 %")]
    [TestCase("MaxDriftPercent", "10.6", "25 rows read, 28 planned, -10.7 %, limit 10.6 %")]
    [TestCase("MaxShardBytes", "100", "a shard of ")]
    [TestCase("MaxShardJsonBytes", "100", "a shard of ")]
    [TestCase("MinRecords", "25", "24 records, at least 25 are wanted")]
    public async Task TheGuard_JudgesTheRunsOwnFigures(string limit, string value, string reason)
    {
        await using var host = await TestHost.CreateAsync(Facilities.Numbered(1, 28), settings: [($"Feeds:facility:Guard:{limit}", value), .. limit == "MaxDriftPercent" ? [] : new[] { ("Feeds:facility:Guard:MaxDriftPercent", "off") }]);
        var runId = await RunSteps.PlanAsync(host);
        await host.Source.ExecuteAsync("DELETE FROM facility WHERE id IN (1, 11, 21); UPDATE facility SET country = 'Atlantis' WHERE id = 2");
        host.StartWorkers();

        var run = await host.EndOfAsync(runId);

        Assert.That(run.State, Is.EqualTo(RunState.Held), run.Reason);
        Assert.That(run.Reason, Does.StartWith(reason));
        Assert.That(run.Reason, limit == "MaxShardJsonBytes" ? Does.Contain("before compression") : Does.Not.Contain("before compression"));
    }

    [Test]
    public async Task AHeldRun_CannotBePublishedAnyway_AfterOneThatFoundNothingChanged()
    {
        await using var host = await TestHost.CreateAsync(Facilities.Numbered(1, 25) + "CREATE TABLE kept AS TABLE facility;", settings: [("Feeds:facility:WhenUnchanged", "skip")]);
        await host.PublishAsync();
        await host.Source.ExecuteAsync("DELETE FROM facility WHERE id > 10");
        var held = await host.PublishAsync();
        await host.Source.ExecuteAsync("INSERT INTO facility SELECT * FROM kept WHERE id > 10");
        var unchanged = await host.PublishAsync();

        var answer = await host.Get<Scheduler.Operating.RunControl>().PublishAnywayAsync(held.Id, "checked", "test");

        Assert.That((held.State, unchanged.State), Is.EqualTo((RunState.Held, RunState.Unchanged)), unchanged.Reason);
        Assert.That((answer.IsDone, answer.Message), Is.EqualTo((false, $"run {held.Id} cannot be published anyway: run {unchanged.Id} of the feed found the published one unchanged after it")));
    }

    [Test]
    public async Task AnUnchangedRun_IsPublished_UnlessTheFeedSaysOtherwise()
    {
        await using var host = await TestHost.CreateAsync(Facilities.Numbered(1, 25));

        await host.PublishAsync();

        Assert.That((await host.PublishAsync()).State, Is.EqualTo(RunState.Published), "partners want a fresh feed every day");
    }

    [Test]
    public async Task AnUnchangedRun_StillPassesTheGuardFirst()
    {
        await using var host = await TestHost.CreateAsync(Facilities.Numbered(1, 25), settings: [("Feeds:facility:WhenUnchanged", "skip")]);
        await host.PublishAsync();
        await using var stricter = await host.AnotherAsync(("Feeds:facility:WhenUnchanged", "skip"), ("Feeds:facility:Guard:MinRecords", "26"));
        stricter.Services.GetRequiredService<JobServers>().StartAll(JobClocks.RetriesOnly);
        await host.Get<JobServers>().DisposeAsync();

        var run = await host.EndOfAsync(await host.TriggerAsync());

        Assert.That((run.State, run.Reason?.Split('.')[0]), Is.EqualTo((RunState.Held, "25 records, at least 26 are wanted")));
    }

    [Test]
    public async Task ManyShards_AreWarnedOf_InTheAuditTrail()
    {
        await using var host = await TestHost.CreateAsync(Facilities.Numbered(1, 25), chunkSize: 1);

        var run = await host.PublishAsync();

        Assert.That(run.State, Is.EqualTo(RunState.Published), run.Reason);
        Assert.That(await RunSteps.EventsAsync(host, run.Id), Has.One.EqualTo("warning: 25 shards, and the partner recommends at most 20: raise ChunkSize"));
    }

    /// <summary>Lets the runs of a new ledger have later timestamps than what is in the store, whatever the clock says.</summary>
    private static Task BeginAfterAsync(TestHost host, RunView published) => host.State.ExecuteAsync(string.Create(CultureInfo.InvariantCulture, $"""
        INSERT INTO feed.run (feed, name, recipe, run_key, origin, state, writer, generation_timestamp)
        VALUES ('facility', 'reservewithgoogle.entity', '', 'earlier', 'test', 'cancelled', {Protocol.Number}, {published.GenerationTimestamp})
        """));
}
