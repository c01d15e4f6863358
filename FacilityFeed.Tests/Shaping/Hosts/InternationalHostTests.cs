using FacilityFeed.Domain.Shaping.Hosts;

namespace FacilityFeed.Tests.Shaping.Hosts;

/// <summary>UTS #46, nontransitional. What is not from the standards' own examples was compared with ICU.</summary>
public sealed class InternationalHostTests
{
    [TestCase("Ünye.bel.tr", "xn--nye-goa.bel.tr")]
    [TestCase("МОСКВА.рф", "xn--80adxhks.xn--p1ai")]
    [TestCase("ΑΘΗΝΑ.gr", "xn--mxaard0a.gr")]
    [TestCase("faß.de", "xn--fa-hia.de")]
    [TestCase("FAẞ.de", "xn--fa-hia.de")]
    [TestCase("fass.de", "fass.de")]
    [TestCase("İstanbul.example", "xn--istanbul-o0e.example", Description = "a capital of two characters")]
    [TestCase("ısparta.example", "xn--sparta-o9a.example")]
    [TestCase("βόλος.com", "xn--nxasmm1c.com", Description = "a final sigma stays one")]
    [TestCase("ΒΌΛΟΣ.com", "xn--nxasmq6b.com")]
    [TestCase("poſtgres.example", "postgres.example")]
    [TestCase("ﬁsh.example", "fish.example")]
    [TestCase("①②.example", "12.example")]
    [TestCase("ｅｘａｍｐｌｅ．ＣＯＭ", "example.com")]
    [TestCase("a。b｡c．example", "a.b.c.example", Description = "the dots of Chinese and Japanese")]
    [TestCase("bu\u0308cher.example", "xn--bcher-kva.example", Description = "a letter and its mark")]
    [TestCase("vie\u0302\u0323t.example", "xn--vit-5kz.example", Description = "marks in another order")]
    [TestCase("\u1112\u1161\u11AB.kr", "xn--6q8b.kr", Description = "a syllable in its letters")]
    [TestCase("하.kr", "xn--2q8b.kr")]
    [TestCase("i❤️.ws", "xn--i-7iq.ws", Description = "an emoji with its selector")]
    [TestCase("☕.example", "xn--53h.example")]
    [TestCase("exam\u00ADple.com", "example.com", Description = "soft hyphen")]
    [TestCase("exam\u200Bple.com", "example.com", Description = "zero width space")]
    [TestCase("XN--BCHER-KVA.example", "xn--bcher-kva.example")]
    [TestCase("xn--A-1ga.example", "xn--a-1ga.example")]
    [TestCase("A_b.example", "a_b.example")]
    [TestCase("例え.jp.", "xn--r8jz45g.jp.")]
    [TestCase("r3---sn.example", "r3---sn.example")]
    public void ToAscii_WritesWhatBrowsersWrite(string host, string ascii) => Assert.That(InternationalHost.ToAscii(host), Is.EqualTo(ascii));

    [TestCase("כתובת1.co.il", "xn--1-1hclx9ec.co.il", Description = "digits at the end")]
    [TestCase("אבa.il", null, Description = "a Latin letter among Hebrew ones")]
    [TestCase("1כתובת.il", null, Description = "a digit first")]
    [TestCase("123.כתובת.il", null, Description = "and in another label")]
    [TestCase("a1.כתובת.il", "a1.xn--5dbhr4dc.il")]
    [TestCase("ا1٢.example", null, Description = "digits of two kinds")]
    [TestCase("אב-ג.il", "xn----zhcdf.il")]
    public void ToAscii_KeepsTheOrderOfABidirectionalName(string host, string? ascii) => Assert.That(InternationalHost.ToAscii(host), Is.EqualTo(ascii));

    [TestCase("نامه\u200Cای.com", "xn--mgba3gch31f060k.com", Description = "RFC 5895's example of a non-joiner")]
    [TestCase("ශ්\u200Dරී.com", "xn--10cl1a0b660p.com", Description = "a joiner after a virama")]
    [TestCase("a\u200Cb.example", null)]
    [TestCase("a\u200Db.example", null)]
    [TestCase("ا\u200Cب.example", null, Description = "after a letter that joins none behind it")]
    public void ToAscii_TakesJoiners_WhereTheyJoin(string host, string? ascii) => Assert.That(InternationalHost.ToAscii(host), Is.EqualTo(ascii));

    [TestCase("\u0308a.example", Description = "a mark first")]
    [TestCase("-ü.example")]
    [TestCase("ü-.example")]
    [TestCase("ab--ü.example")]
    [TestCase("a b.example")]
    [TestCase("a\u00A0b.example")]
    [TestCase("a,b.example")]
    [TestCase("≠.example", Description = "an equals sign and a mark")]
    [TestCase("℀.example", Description = "becomes a/c")]
    [TestCase("⒈.example", Description = "becomes 1 and a dot")]
    [TestCase("\uE000.example", Description = "private use")]
    [TestCase("a\uFFFDb.example")]
    [TestCase("a\u202Eb.example")]
    [TestCase("Ⴀ.example", Description = "disallowed in this version")]
    [TestCase("xn--.example")]
    [TestCase("xn--a.example", Description = "no whole number")]
    [TestCase("xn--abc-.example", Description = "ASCII in punycode")]
    [TestCase("xn--ü.example")]
    [TestCase("xn--fa-hi.example")]
    [TestCase("xn--bcher-kva8445foa.example\uD800")]
    [TestCase("xn--nye-ska.bel.tr", Description = "punycode of a capital")]
    [TestCase("xn--u-ccb.example", Description = "punycode of a letter and its mark")]
    [TestCase("xn--0ug.example", Description = "punycode of a joiner alone")]
    [TestCase("xn--99999999.example")]
    [TestCase("xn--99999999999999999999999999999999.example")]
    public void ToAscii_HasNone_WhereTheStandardHasNone(string host) => Assert.That(InternationalHost.ToAscii(host), Is.Null);

    // RFC 3492, section 7.1; the names of its examples that are valid here.
    [TestCase("他们为什么不说中文", "xn--ihqwcrb4cv8a8dqg056pqjye")]
    [TestCase("למההםפשוטלאמדבריםעברית", "xn--4dbcagdahymbxekheh6e0a7fei0b")]
    [TestCase("почемужеонинеговорятпорусски", "xn--b1abfaaepdrnnbgefbadotcwatmq2g4l")]
    [TestCase("PorquénopuedensimplementehablarenEspañol", "xn--porqunopuedensimplementehablarenespaol-fmd56a")]
    [TestCase("3年B組金八先生", "xn--3b-ww4c5e180e575a65lsy2b")]
    [TestCase("MajiでKoiする5秒前", "xn--majikoi5-783gue6qz075azm5e")]
    public void ToAscii_WritesPunycode_AsItsStandard(string label, string ascii) => Assert.That(InternationalHost.ToAscii(label), Is.EqualTo(ascii));

    [Test]
    public void ToAscii_ReadsWhatItWrote_OfEveryValidCharacter()
    {
        for (var point = 0x80; point < 0x110000; point++)
        {
            if (HostCharacters.Find(point) is { Mapping: null } && InternationalHost.ToAscii(char.ConvertFromUtf32(point)) is { } ascii && InternationalHost.ToAscii(ascii) != ascii)
            {
                Assert.Fail($"U+{point:X4}: {ascii}");
            }
        }
    }
}
