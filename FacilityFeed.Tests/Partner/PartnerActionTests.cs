using FacilityFeed.Domain.Publishing;
using FacilityFeed.Domain.Reading;
using FacilityFeed.Domain.Writing;
using FacilityFeed.Tests.Support;

namespace FacilityFeed.Tests.Partner;

/// <summary>The partner's parser reads each value of an action shard, and of a manifest.</summary>
public sealed class PartnerActionTests
{
    [Test]
    public void EachKind_IsRead([Values("appointment", "dining", "food-delivery", "food-takeout")] string kind)
    {
        var expected = kind switch
        {
            "appointment" => new Action { AppointmentInfo = new AppointmentInfo() },
            "dining" => new Action { DiningInfo = new DiningInfo { DiningType = DiningInfo.Types.DiningType.TableReservation } },
            "food-delivery" => new Action { FoodOrderingInfo = new FoodOrderingInfo { ServiceType = FoodOrderingInfo.Types.ServiceType.Delivery } },
            _ => new Action { FoodOrderingInfo = new FoodOrderingInfo { ServiceType = FoodOrderingInfo.Types.ServiceType.Takeout } },
        };

        var detail = Single(Rows.Action(kind), 17);

        Assert.That((detail.EntityId, detail.LinkId, detail.Url), Is.EqualTo(("17", $"17-{kind}", "https://example.com/book/17")));
        Assert.That(detail.Actions, Is.EqualTo(new[] { expected }));
    }

    [TestCase(long.MinValue)]
    [TestCase(long.MaxValue)]
    public void EveryKey_IsReadWithAllItsDigits(long key)
    {
        var detail = Single(Rows.Action("dining", "https://example.com/a+b/%22{id}'?x={entity_id}&y=(1)", "a.b~"), key);

        Assert.That((detail.EntityId, detail.LinkId, detail.Url), Is.EqualTo(($"a.b~{key}", $"a.b~{key}-dining", $"https://example.com/a+b/%22{key}'?x=a.b~{key}&y=(1)")));
    }

    [Test]
    public void EveryRecord_IsOfTheEntityInTheSamePlace()
    {
        var rows = Enumerable.Range(1, 20_000).Select(id => Rows.Full(id)).ToList();

        var entities = PartnerJson.ParseShard<EntityFeed>(Rows.ShardOf(Rows.EntityWith("p"), Compression.Gzip, rows));
        var actions = PartnerJson.ParseShard<ActionFeed>(Rows.ShardOf(Rows.Action(prefix: "p"), Compression.Gzip, rows));

        Assert.That(actions.Data.Select(detail => detail.EntityId), Is.EqualTo(entities.Data.Select(entity => entity.EntityId)));
        Assert.That(actions.Data.Select(detail => detail.LinkId), Is.Unique);
    }

    [Test]
    public void AManifest_IsRead()
    {
        var manifest = new Manifest(253402300799, "reservewithgoogle.action.v2", ["reservewithgoogle.action.v2-253402300799_0001.json.gz", "b/Ä\"\u2028🏸_0002-2.json.gz"]);

        var read = PartnerJson.Parse<FilesetDescriptor>(manifest.ToBytes());

        Assert.That(read, Is.EqualTo(new FilesetDescriptor { GenerationTimestamp = manifest.GenerationTimestamp, Name = manifest.Name, DataFile = { manifest.DataFiles } }));
    }

    private static ActionDetail Single(FeedFormat format, long key) =>
        PartnerJson.ParseShard<ActionFeed>(Rows.ShardOf(format, Compression.Gzip, new FacilityRow { Id = key })).Data.Single();
}
