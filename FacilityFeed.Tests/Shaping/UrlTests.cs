using FacilityFeed.Tests.Support;

namespace FacilityFeed.Tests.Shaping;

public sealed class UrlTests
{
    [TestCase("http://www.405brewing.com")]
    [TestCase("https://studio.example/?a=1&b=2")]
    [TestCase("https://www.facebook.com/pages/A-B/123?ref=hl#top")]
    [TestCase("http://www.ColfaxAleCellar.com/Beer")]
    [TestCase("https://shop.example:8443/x")]
    [TestCase("https://xn--bcher-kva.example/")]
    [TestCase("https://a.example/caf%C3%A9")]
    [TestCase("http://my_shop.example/")]
    [TestCase("http://192.0.2.7/")]
    [TestCase("https://a.example/@name")]
    public void TryShape_LeavesAnAddressAsItIs_WhenItIsAbsolute(string url) => Expect(url, url, "");

    [TestCase("www.example.com", "https://www.example.com")]
    [TestCase("example.com/path", "https://example.com/path")]
    [TestCase("example.com:8080/path", "https://example.com:8080/path")]
    [TestCase("//example.com/path", "https://example.com/path")]
    [TestCase("  www.example.com\r\n", "https://www.example.com")]
    [TestCase("example.com?x=http://y.example", "https://example.com?x=http://y.example")]
    public void TryShape_AddsTheScheme_WhenThereIsNone(string url, string expected) => Expect(url, expected, "");

    [TestCase("Http://www.ColfaxAleCellar.com", "http://www.ColfaxAleCellar.com")]
    [TestCase("HTTPS://a.example/X", "https://a.example/X")]
    [TestCase("https://bücher.example/", "https://xn--bcher-kva.example/")]
    [TestCase("https://BÜCHER.example/ä?q=ö#ü", "https://xn--bcher-kva.example/%C3%A4?q=%C3%B6#%C3%BC")]
    [TestCase("例え.jp/パス", "https://xn--r8jz45g.jp/%E3%83%91%E3%82%B9")]
    [TestCase("https://a.example/100%", "https://a.example/100%25")]
    [TestCase("https://a.example/a|b\"<c>", "https://a.example/a%7Cb%22%3Cc%3E")]
    [TestCase("https://a.example/a[1]", "https://a.example/a[1]")]
    [TestCase("https://a.example:/x", "https://a.example/x")]
    public void TryShape_WritesAnAddressInAscii(string url, string expected) => Expect(url, expected, "");

    [TestCase("\u200Ehttps://a.example/", "https://a.example/")]
    [TestCase("\uFEFFwww.example.com", "https://www.example.com")]
    public void TryShape_TakesCharactersOut_WithAWarning(string url, string expected) => Expect(url, expected, "url_characters_removed");

    [TestCase("http://")]
    [TestCase("https:///path")]
    [TestCase("n/a")]
    [TestCase("none")]
    [TestCase("-")]
    [TestCase("tbd")]
    [TestCase("http://tbd")]
    [TestCase("http://localhost/")]
    [TestCase("ftp://example.com/")]
    [TestCase("mailto:info@example.com")]
    [TestCase("javascript:alert(1)")]
    [TestCase("http:www.example.com")]
    [TestCase("http:/www.example.com")]
    [TestCase("http//www.example.com")]
    [TestCase("htp://www.example.com")]
    [TestCase("http://http://www.example.com")]
    [TestCase("http://user:secret@example.com/")]
    [TestCase("http://@example.com/")]
    [TestCase("info@example.com")]
    [TestCase("http://pizzaandbrew@aol.com")]
    [TestCase("http://www.example.com /x")]
    [TestCase("http://www.example.com/a b")]
    [TestCase("our site is www.example.com")]
    [TestCase("http://a.example\nhttp://b.example")]
    [TestCase("http://example..com/")]
    [TestCase("http://.example.com/")]
    [TestCase("http://example.com./")]
    [TestCase("http://-a.example/")]
    [TestCase("http://exam,ple.com/")]
    [TestCase("http:\\\\www.example.com")]
    [TestCase("http://a.example:99999/")]
    [TestCase("http://a.example:0/")]
    [TestCase("http://a.example:x/")]
    [TestCase("512.735.9343")]
    [TestCase("http://1.2.3/")]
    [TestCase("http://0x7f.1/")]
    [TestCase("http://300.1.1.1/")]
    [TestCase("http://[::1]/")]
    [TestCase("http://ｅxample.com/")]
    [TestCase("http://bu\u0308cher.example/")]
    [TestCase("http://☕.example/")]
    [TestCase("http://a。example/")]
    public void TryShape_LeavesAnAddressOut_WhenItIsNone(string url) => Expect(url, "", "url_unusable");

    [TestCase("")]
    [TestCase(" \t")]
    public void TryShape_SaysNothing_WhenThereIsNoAddress(string url) => Expect(url, "", "");

    private static void Expect(string written, string url, string reason)
    {
        var shaped = ShapedRow.Of(row => row.Url = Rows.Utf8(written));

        Assert.That((shaped.IsAccepted, shaped.Url, shaped.Reasons), Is.EqualTo((true, url, reason)));
    }
}
