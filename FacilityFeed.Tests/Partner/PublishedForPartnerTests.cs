using FacilityFeed.Domain.Ledger;
using FacilityFeed.Domain.Storing;
using FacilityFeed.Infrastructure.Ledger;
using FacilityFeed.Infrastructure.Settings;
using FacilityFeed.Scheduler.Scheduling;
using FacilityFeed.Tests.Support;
using Google.Protobuf;

namespace FacilityFeed.Tests.Partner;

/// <summary>The sample data, published by the real host in both formats and read as the partner reads it.</summary>
public sealed class PublishedForPartnerTests
{
    private static readonly (string Key, string Value)[] _feeds =
    [
        ("Feeds:facility:Prefix", "entity"), ("Feeds:facility:EntityIdPrefix", "studio-"),
        ("Feeds:action:Type", "action"), ("Feeds:action:Prefix", "action"), ("Feeds:action:EntityIdPrefix", "studio-"), ("Feeds:action:ChunkSize", "300"),
        ("Feeds:action:UrlTemplate", "https://example.com/book/{id}"), ("Feeds:action:ActionKind", "appointment"),
    ];

    [Test]
    public async Task EveryShardAndBothManifests_AreRead()
    {
        using var script = new StreamReader(typeof(Databases).Assembly.GetManifestResourceStream("db-init.sql")!);
        await using var host = await TestHost.CreateAsync(await script.ReadToEndAsync(), chunkSize: 120, settings: _feeds);
        host.StartWorkers();

        var entities = (await PublishAsync<EntityFeed>(host, "facility", shards: 9)).SelectMany(feed => feed.Data).ToList();
        var actions = (await PublishAsync<ActionFeed>(host, "action", shards: 4)).SelectMany(feed => feed.Data).ToList();

        Assert.That(entities.Select(entity => PartnerJson.ToPlain(entity, "studio-")), Is.EqualTo(await PlainFacility.ReadTableAsync(host.Source)));
        Assert.That(actions.Select(detail => detail.EntityId), Is.EqualTo(entities.Select(entity => entity.EntityId)));
        Assert.That(actions.Select(detail => detail.Url), Is.EqualTo(entities.Select(entity => $"https://example.com/book/{entity.EntityId["studio-".Length..]}")));
        Assert.That(actions.Select(detail => detail.Actions.Single()), Is.All.EqualTo(new Action { AppointmentInfo = new AppointmentInfo() }));
    }

    private static async Task<IReadOnlyList<T>> PublishAsync<T>(TestHost host, string key, int shards) where T : IMessage, new()
    {
        var feed = host.Get<ServiceSettings>().Feeds[key];
        var trigger = await host.Get<RunTrigger>().TriggerAsync(feed, $"test {Guid.NewGuid():N}", "test", joinsActive: false);
        var run = await host.EndOfAsync(trigger.RunId);
        Assert.That(run.State, Is.EqualTo(RunState.Published), run.Reason);

        var folder = Path.Combine(host.StorePath, feed.Prefix);
        var names = Directory.GetFiles(folder).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal).ToList();
        var manifest = PartnerJson.Parse<FilesetDescriptor>(await File.ReadAllBytesAsync(Path.Combine(folder, names.Single(name => name.EndsWith(".filesetdesc.json", StringComparison.Ordinal)))));
        Assert.That(PartnerJson.Parse<FilesetDescriptor>(await File.ReadAllBytesAsync(Path.Combine(folder, ObjectNames.Alias))), Is.EqualTo(manifest));
        Assert.That(manifest.Name, Is.EqualTo(feed.Name));
        Assert.That(manifest.GenerationTimestamp, Is.EqualTo(TimeProvider.System.GetUtcNow().ToUnixTimeSeconds()).Within(600));
        Assert.That(manifest.DataFile, Is.EqualTo(names.Where(name => name.EndsWith(".json.gz", StringComparison.Ordinal))).And.Count.EqualTo(shards));
        return [.. manifest.DataFile.Select(file => PartnerJson.ParseShard<T>(File.ReadAllBytes(Path.Combine(folder, file))))];
    }
}
