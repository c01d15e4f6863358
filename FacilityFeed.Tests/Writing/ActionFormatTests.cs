using System.Text;
using FacilityFeed.Domain.Reading;
using FacilityFeed.Domain.Writing;
using FacilityFeed.Tests.Support;

namespace FacilityFeed.Tests.Writing;

public sealed class ActionFormatTests
{
    [TestCase("appointment", """{"appointment_info":{}}""")]
    [TestCase("dining", """{"dining_info":{"dining_type":"TABLE_RESERVATION"}}""")]
    [TestCase("food-delivery", """{"food_ordering_info":{"service_type":"DELIVERY"}}""")]
    [TestCase("food-takeout", """{"food_ordering_info":{"service_type":"TAKEOUT"}}""")]
    public void Write_GivesExactlyThisText_OfEachKind(string kind, string action)
    {
        var expected = """{"data":[{"entity_id":"17","link_id":"17-KIND","url":"https://example.com/book/17","actions":[ACTION]}]}"""
            .Replace("KIND", kind, StringComparison.Ordinal).Replace("ACTION", action, StringComparison.Ordinal);

        Assert.That(Text(Rows.Action(kind), Rows.Full(17)), Is.EqualTo(expected));
        Assert.That(Text(Rows.Action(kind.ToUpperInvariant()), Rows.Full(17)), Is.EqualTo(expected), "in capitals");
    }

    [TestCase("https://example.com/book/{id}", "https://example.com/book/17")]
    [TestCase("https://example.com/book/{entity_id}", "https://example.com/book/de.17")]
    [TestCase("https://example.com/{id}", "https://example.com/17")]
    [TestCase("HTTP://example.com:8080/{id}/book?again={entity_id}&plus=a+b#{id}", "HTTP://example.com:8080/17/book?again=de.17&plus=a+b#17")]
    [TestCase("https://{id}.example.com/", "https://17.example.com/")]
    [TestCase("https://example.com/?q={id}{id}", "https://example.com/?q=1717")]
    [TestCase("https://example.com/%C3%A4/{id}", "https://example.com/%C3%A4/17")]
    public void Write_FillsInEachPlace(string template, string url) =>
        Assert.That(Text(Rows.Action(template: template, prefix: "de."), Rows.Full(17)),
            Is.EqualTo("""{"data":[{"entity_id":"de.17","link_id":"de.17-appointment","url":"URL","actions":[{"appointment_info":{}}]}]}""".Replace("URL", url, StringComparison.Ordinal)));

    [TestCase(long.MinValue, "-9223372036854775808")]
    [TestCase(long.MaxValue, "9223372036854775807")]
    [TestCase(0, "0")]
    public void Write_HasRoom_ForTheLongestKeyPrefixAndKind(long key, string digits)
    {
        var prefix = new string('p', FormatOptions.LongestPrefix);

        Assert.That(Text(Rows.Action("food-delivery", "https://example.com/{entity_id}{id}", prefix), new FacilityRow { Id = key }), Is.EqualTo(
            """{"data":[{"entity_id":"PKEY","link_id":"PKEY-food-delivery","url":"https://example.com/PKEYKEY","actions":[{"food_ordering_info":{"service_type":"DELIVERY"}}]}]}"""
                .Replace("KEY", digits, StringComparison.Ordinal).Replace("P" + digits, prefix + digits, StringComparison.Ordinal)));
    }

    [Test]
    public void Write_FillsTheLongestUrl()
    {
        var start = "https://example.com/".PadRight(2048 - FormatOptions.LongestKey, 'x');

        Assert.That(Text(Rows.Action(template: start + "{id}"), new FacilityRow { Id = long.MinValue }), Does.Contain($"\"{start}-9223372036854775808\""));
    }

    [Test]
    public void Write_AllocatesNothing_PerRecord()
    {
        var format = Rows.Action(prefix: "de.");
        var row = Rows.Full(17);
        using var shard = new ShardWriter(Stream.Null, Compression.None, format);
        for (var warm = 0; warm < 1000; warm++)
        {
            shard.Write(row);
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var record = 0; record < 10_000; record++)
        {
            shard.Write(row);
        }

        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(10_000), "bytes, for ten thousand records");
    }

    [Test]
    public void Write_TakesNoTextOfTheRow() =>
        Assert.That(Text(Rows.Action(), new FacilityRow { Id = 17 }), Is.EqualTo(Text(Rows.Action(), Rows.Full(17))));

    [Test]
    public void Identity_TellsKindAndTemplate() =>
        Assert.That(Rows.Action("dining", "https://example.com/{id}").Identity, Does.Contain("dining").And.Contain("https://example.com/{id}"));

    [Test]
    public void Equals_IsTrue_OnlyWhenTheSameIsWritten()
    {
        var (action, entity) = (Rows.Action(), Rows.Entity);

        Assert.That(action, Is.EqualTo(Rows.Action("Appointment")).And.Not.EqualTo(entity));
        Assert.That(action, Is.Not.EqualTo(Rows.Action("dining")).And.Not.EqualTo(Rows.Action(template: "https://example.com/{id}")).And.Not.EqualTo(Rows.Action(prefix: "de.")));
        Assert.That(entity, Is.EqualTo(Rows.EntityWith("")).And.Not.EqualTo(Rows.EntityWith("de.")));
    }

    private static string Text(FeedFormat format, params FacilityRow[] rows) => Encoding.UTF8.GetString(Rows.ShardOf(format, Compression.None, rows));
}
