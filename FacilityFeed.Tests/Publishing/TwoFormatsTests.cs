using FacilityFeed.Domain.Ledger;
using FacilityFeed.Infrastructure.Feeds;
using FacilityFeed.Infrastructure.Settings;
using FacilityFeed.Scheduler.Scheduling;
using FacilityFeed.Tests.Support;

namespace FacilityFeed.Tests.Publishing;

/// <summary>The entity feed and the action feed of one table.</summary>
public sealed class TwoFormatsTests
{
    private static readonly (string Key, string Value)[] _feeds =
    [
        ("Feeds:facility:Prefix", "entity"), ("Feeds:facility:EntityIdPrefix", "studio-"), ("Feeds:facility:Placeholders", "leer"), ("Feeds:action:Placeholders", "Leer"),
        ("Feeds:action:Type", "action"), ("Feeds:action:Prefix", "action"), ("Feeds:action:EntityIdPrefix", "studio-"), ("Feeds:action:ChunkSize", "7"),
        ("Feeds:action:UrlTemplate", "https://example.com/book/{id}"), ("Feeds:action:ActionKind", "dining"),
    ];

    // Some rows lack what an entity needs. Left out or not: they are in both feeds or in neither. They are few, so that no guard holds the runs.
    [Test]
    public async Task BothFeeds_HoldTheSameEntities_WhenSomeRowsLackWhatIsRequired()
    {
        await using var host = await TestHost.CreateAsync(Facilities.Numbered(1, 120) + "UPDATE facility SET country = NULL WHERE id IN (4, 77); UPDATE facility SET name = 'TBD' WHERE id = 8; UPDATE facility SET locality = 'leer' WHERE id = 9;", settings: _feeds);
        host.StartWorkers();

        var entities = await PublishAsync(host, "facility");
        var actions = await PublishAsync(host, "action");

        Assert.That(entities, Is.Unique.And.Contain("studio-1").And.Contain("studio-120").And.None.AnyOf("studio-4", "studio-8", "studio-9"));
        Assert.That(actions, Is.EquivalentTo(entities));
    }

    [Test]
    public async Task RecipeOf_TellsFeedsApart_ThatWriteDifferentRecords()
    {
        await using var host = await TestHost.CreateAsync(Facilities.Numbered(1, 1), settings: _feeds);
        var catalog = host.Get<FeedCatalog>();

        Assert.That(catalog.RecipeOf(catalog.Get("action")), Does.Contain("dining").And.Contain("https://example.com/book/{id}").And.Contain("studio-"));
        Assert.That(catalog.RecipeOf(catalog.Get("facility")), Does.Contain("(gzip, ids studio-..., placeholders 'leer')"));
        Assert.That(catalog.RecipeOf(host.Feed with { Format = Rows.Entity, Placeholders = Domain.Shaping.Placeholders.Usual }), Does.Contain("(gzip)"), "as versions before the second format wrote it");
        Assert.That(catalog.RecipeOf(host.Feed with { Validation = Domain.Shaping.Validation.Off }), Is.Not.EqualTo(catalog.RecipeOf(host.Feed)));
    }

    private static async Task<IReadOnlyList<string>> PublishAsync(TestHost host, string key)
    {
        var feed = host.Get<ServiceSettings>().Feeds[key];
        var trigger = await host.Get<RunTrigger>().TriggerAsync(feed, $"test {Guid.NewGuid():N}", "test", joinsActive: false);
        var run = await host.EndOfAsync(trigger.RunId);
        Assert.That(run.State, Is.EqualTo(RunState.Published), run.Reason);
        return [.. PublishTests.ReadIds(Path.Combine(host.StorePath, feed.Prefix), "metadata.json")];
    }
}
