using System.Text;
using CsCheck;
using FacilityFeed.Domain.Reading;
using FacilityFeed.Domain.Writing;
using FacilityFeed.Tests.Support;

namespace FacilityFeed.Tests.Writing;

/// <summary>Whatever bytes a text column holds, the shard is valid JSON and says the same.</summary>
public sealed class ShardTextTests
{
    [TestCase("\"quoted\" and \\ backslash / slash")]
    [TestCase("tab\t newline\n return\r bell\a escape\u001b delete\u007f null\0 unit\u001f", TestName = "Write_KeepsText_WhateverItIs, controls")]
    [TestCase("line\u2028 paragraph\u2029 next\u0085 mark\ufeff zero\u200b")]
    [TestCase("emoji 🏸 flag 🇩🇪 family 👩‍👩‍👧 old script 𐎀 private \U0010FFFD")]
    [TestCase("<script>alert('x')</script> & +")]
    [TestCase("مطعم النخيل")]
    [TestCase("a\u0301 against á, ﬁ, ①")]
    [TestCase(" ")]
    public void Write_KeepsText_WhateverItIs(string text) => Assert.That(NameBack(Encoding.UTF8.GetBytes(text)), Is.EqualTo(text));

    [Test]
    public void Write_KeepsText_WhenAnyCharacterStandsInIt() => Gen.String.Sample(text =>
    {
        // A lone surrogate cannot be UTF-8; a database never holds one.
        var utf8 = Encoding.UTF8.GetBytes("x" + text);

        Assert.That(NameBack(utf8), Is.EqualTo(Encoding.UTF8.GetString(utf8)));
    });

    [Test]
    public void Write_StaysValid_WhenBytesAreNotUtf8() => Gen.Byte.Array[1, 40].Sample(bytes =>
        Assert.That(NameBack(bytes), Is.Not.Empty));

    [TestCase(new byte[] { 0x41, 0xFF, 0x42 }, TestName = "Write_MarksUnreadableBytes_WhenOneIsWrong")]
    [TestCase(new byte[] { 0x41, 0xED, 0xA0, 0x80, 0x42 }, TestName = "Write_MarksUnreadableBytes_WhenASurrogateIsEncoded")]
    [TestCase(new byte[] { 0x41, 0xC0, 0x80, 0x42 }, TestName = "Write_MarksUnreadableBytes_WhenACharacterIsTooLong")]
    [TestCase(new byte[] { 0x41, 0x42, 0xF0, 0x9F }, TestName = "Write_MarksUnreadableBytes_WhenTheLastCharacterIsCut")]
    public void Write_MarksUnreadableBytes(byte[] bytes)
    {
        var name = NameBack(bytes);

        Assert.That(name, Does.StartWith("A").And.Contain("B").And.Contain("\uFFFD"));
    }

    [Test]
    public void Write_KeepsOneMegabyteOfName()
    {
        var text = string.Concat(Enumerable.Repeat("Ä\"ß\n🏸", 1024 * 1024 / 11));

        Assert.That(NameBack(Encoding.UTF8.GetBytes(text)), Is.EqualTo(text));
    }

    [Test]
    public void Write_KeepsEveryTextColumn()
    {
        var row = new FacilityRow
        {
            Id = 1,
            Name = Rows.Utf8("name\n"),
            Phone = Rows.Utf8("phone\n"),
            Url = Rows.Utf8("url\n"),
            Country = Rows.Utf8("country\n"),
            Locality = Rows.Utf8("locality\n"),
            Region = Rows.Utf8("region\n"),
            PostalCode = Rows.Utf8("postal_code\n"),
            StreetAddress = Rows.Utf8("street_address\n"),
        };

        using var document = ShardWriterTests.Unpack(Rows.Shard(Compression.Gzip, row));

        var record = document.RootElement.GetProperty("data")[0];
        Assert.That(record.GetProperty("name").GetString(), Is.EqualTo("name\n"));
        Assert.That(record.GetProperty("telephone").GetString(), Is.EqualTo("phone\n"));
        Assert.That(record.GetProperty("url").GetString(), Is.EqualTo("url\n"));
        var address = record.GetProperty("location").GetProperty("address");
        Assert.That(address.EnumerateObject().Select(member => member.Value.GetString()), Is.EqualTo(address.EnumerateObject().Select(member => member.Name + "\n")));
        Assert.That(address.EnumerateObject().Count(), Is.EqualTo(5));
    }

    [Test]
    public void Write_DoesNotEscapeLettersOutsideAscii() =>
        Assert.That(Encoding.UTF8.GetString(Rows.Shard(Compression.None, new FacilityRow { Id = 1, Name = Rows.Utf8("山吹 Müllner") })), Does.Contain("山吹 Müllner"));

    private static string NameBack(byte[] name)
    {
        using var document = ShardWriterTests.Unpack(Rows.Shard(Compression.Gzip, new FacilityRow { Id = 1, Name = name }, Rows.Full(2)));
        var data = document.RootElement.GetProperty("data");
        Assert.That(data[1].GetProperty("entity_id").GetString(), Is.EqualTo("2"), "the record after it");
        return data[0].GetProperty("name").GetString()!;
    }
}
