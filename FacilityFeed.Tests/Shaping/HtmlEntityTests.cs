using FacilityFeed.Domain.Shaping;
using FacilityFeed.Tests.Support;

namespace FacilityFeed.Tests.Shaping;

/// <summary>Entities of HTML are decoded where they are whole, with a warning; what may be something else stays.</summary>
public sealed class HtmlEntityTests
{
    [TestCase("Tom &amp; Jerry&#39;s", "Tom & Jerry's")]
    [TestCase("Rue de l&#039;Escarpe", "Rue de l'Escarpe")]
    [TestCase("Joe&#8217;s", "Joe’s")]
    [TestCase("Joe&rsquo;s &ndash; Grill", "Joe’s – Grill")]
    [TestCase("Joe&apos;s", "Joe's")]
    [TestCase("&quot;Zum L&ouml;wen&quot;", "\"Zum Löwen\"")]
    [TestCase("CAF&Eacute;", "CAFÉ")]
    [TestCase("Stra&szlig;e & Co", "Straße & Co")]
    [TestCase("Herr & Frau Stra&szlig;er", "Herr & Frau Straßer")]
    [TestCase("&#x1F600; Bar", "😀 Bar")]
    [TestCase("&#128512;", "😀")]
    [TestCase("&#X27;n&#x0027;", "'n'")]
    [TestCase("&#0000039;s Studio", "'s Studio")]
    [TestCase("a&nbsp;b", "a\u00A0b")]
    [TestCase("&nbsp;Studio&nbsp;", "Studio")]
    [TestCase("TOM &AMP; JERRY", "TOM & JERRY")]
    [TestCase("Tom &Amp; Jerry", "Tom & Jerry")]
    [TestCase("Mac &lt;3 Cheese", "Mac <3 Cheese")]
    [TestCase("&lt;b&gt;Joe&lt;/b&gt;", "<b>Joe</b>")]
    [TestCase("fish&#150;chips", "fish–chips")]
    [TestCase("Joe&#146;s", "Joe’s")]
    [TestCase("&#147;Joe&#148;", "“Joe”")]
    [TestCase("caf&#x80;", "caf€")]
    [TestCase("cano&#133;", "cano…")]
    [TestCase("a&#10;b", "a b")]
    [TestCase("a&#x0A;&#x0D;b", "a b")]
    [TestCase("Don&shy;au", "Don\u00ADau")]
    [TestCase("Yo&#8203;ga", "Yo\u200Bga")]
    [TestCase("&lang;x&rang;", "\u27E8x\u27E9")]
    [TestCase("Tom &amp;amp; Jerry", "Tom & Jerry")]
    [TestCase("Author Rights &amp;amp;amp; Repositories", "Author Rights & Repositories")]
    [TestCase("Joe&amp;#39;s", "Joe's")]
    [TestCase("you&amp;rsquo;re", "you’re")]
    [TestCase("Joe&#38;#39;s", "Joe's")]
    [TestCase("Joe&#x26;amp;#39;s", "Joe's")]
    [TestCase("&am&#112;; Co", "& Co")]
    [TestCase("A &amp; B &amp C &amp; D", "A & B &amp C & D")]
    [TestCase("a&&amp;&b", "a&&&b")]
    [TestCase("&Ccaron;e&scaron;k&yacute;", "Češký")]
    [TestCase("&Lstrok;&oacute;d&zacute;, &lstrok;", "Łódź, ł")]
    [TestCase("&ccaron;", "č")]
    [TestCase("a&comma; b", "a, b")]
    [TestCase("&num;1", "#1")]
    [TestCase("a&sol;b", "a/b")]
    [TestCase("A&ZeroWidthSpace;B", "A\u200BB")]
    [TestCase("Bo&gbreve;azi&ccedil;i &Idot;&inodot;", "Boğaziçi İı")]
    [TestCase("&aogon;&emacr;&odblac;&Gcedil;", "ąēőĢ")]
    [TestCase("&lpar;x&rpar;&period; &quest;&excl;&colon;&semi;&plus;", "(x). ?!:;+")]
    [TestCase("a&lowbar;b&commat;c&hyphen;d&ast;", "a_b@c\u2010d*")]
    [TestCase("a&NewLine;b&Tab;c", "a b c")]
    [TestCase("&grave;&dollar;&percnt;&bsol;&vert;&lsqb;&rsqb; x", "`$%\\|[] x")]
    [TestCase("&Mcy;&ocy;&scy;", "Мос")]
    [TestCase("&Afr;", "𝔄")]
    [TestCase("&#55357;&#56397;", "👍")]
    [TestCase("&#55357;&#56832; Bar", "😀 Bar")]
    [TestCase("&#xD83D;&#xDE00;", "😀")]
    [TestCase("&#xd83d;&#56832;", "😀")]
    [TestCase("&amp;#55357;&amp;#56397;", "👍")]
    [TestCase("&CounterClockwiseContourIntegral; x", "∳ x")]
    public void TryShape_DecodesEntities_WithAWarning(string written, string expected)
    {
        var shaped = ShapedRow.Of(row => row.Name = Rows.Utf8(written));

        Assert.That((shaped.Name, shaped.Reasons), Is.EqualTo((expected, "name_entities_decoded")));
        Assert.That(shaped.Tally.Noted.Single().Value, Is.EqualTo(written), "the value is shown as it came");
    }

    [TestCase("&am&#0;p; Co", "& Co")]
    [TestCase("Yo&#0;ga", "Yoga")]
    [TestCase("&#8238;Yoga", "Yoga")]
    [TestCase("&rlm;Yoga&lrm;", "Yoga")]
    [TestCase("Yo&#xFEFF;ga", "Yoga")]
    [TestCase("Yo&#27;ga", "Yoga")]
    [TestCase("Yo&#129;ga", "Yoga")]
    [TestCase("Yo&#xFDD0;&#65534;ga", "Yoga")]
    [TestCase("&amp\u0000; Co", "& Co")]
    [TestCase("Yo&amp;#0;ga", "Yoga")]
    public void TryShape_LetsNoControlPast_ThatIsWrittenAsAnEntity(string written, string expected)
    {
        var shaped = ShapedRow.Of(row => row.Name = Rows.Utf8(written));

        Assert.That((shaped.Name, shaped.Reasons), Is.EqualTo((expected, "name_characters_removed name_entities_decoded")));
    }

    [TestCase("&#0;")]
    [TestCase("&nbsp;")]
    [TestCase("&#8203;&zwj;")]
    [TestCase("&#x3164;")]
    [TestCase("&nbsp;&#32;&amp;nbsp;")]
    public void TryShape_Rejects_WhenNothingIsSeenOfWhatWasEncoded(string written)
    {
        var shaped = ShapedRow.Of(row => row.Name = Rows.Utf8(written));

        Assert.That((shaped.IsAccepted, shaped.Reasons), Is.EqualTo((false, "name_missing")));
    }

    [TestCase("Grill & Bar")]
    [TestCase("Grill & Bar; Inn")]
    [TestCase("Grill &Bar;")]
    [TestCase("A&P; A&O; B&B;")]
    [TestCase("Tom &amp Jerry")]
    [TestCase("&amp")]
    [TestCase("&")]
    [TestCase("&;")]
    [TestCase("&#;")]
    [TestCase("&#x;")]
    [TestCase("&#39")]
    [TestCase("&# 39;")]
    [TestCase("&#+39;")]
    [TestCase("&#-39;")]
    [TestCase("&#3 9;")]
    [TestCase("&#,39;")]
    [TestCase("&#٣٩;")]
    [TestCase("& amp;")]
    [TestCase("&amp ;")]
    [TestCase("&#xD800;")]
    [TestCase("&#55357;")]
    [TestCase("&#56832;")]
    [TestCase("&#56832;&#55357;")]
    [TestCase("&#55357; &#56832;")]
    [TestCase("&#55357;&#39")]
    [TestCase("&#55357;x&#56832;")]
    [TestCase("&nang;")]
    [TestCase("&#1114112;")]
    [TestCase("&#x110000;")]
    [TestCase("&#xFFFFFFFF;")]
    [TestCase("&#99999999999999999999;")]
    [TestCase("&notit;")]
    [TestCase("&foobar;")]
    [TestCase("&copy=1;")]
    [TestCase("&EACUTE;")]
    [TestCase("&ö;")]
    [TestCase("R&amp.D")]
    public void TryShape_LeavesWhatIsNoWholeEntity(string written)
    {
        var shaped = ShapedRow.Of(row => row.Name = Rows.Utf8($"{written} x"));

        Assert.That((shaped.Name, shaped.Reasons), Is.EqualTo(($"{written} x", "")));
    }

    [TestCase("https://a.example/?a=1&amp;b=2", "https://a.example/?a=1&b=2")]
    [TestCase("https://a.example/?a=1&#x26;b=2", "https://a.example/?a=1&b=2")]
    [TestCase("https://a.example/?a=1&#38;b=2&amp;c=3", "https://a.example/?a=1&b=2&c=3")]
    [TestCase("https://a.example/?a=1&amp;amp;b=2", "https://a.example/?a=1&b=2")]
    [TestCase("https:&#x2F;&#x2F;a.example&#47;b", "https://a.example/b")]
    [TestCase("https://a.example/caf&eacute;", "https://a.example/caf%C3%A9")]
    [TestCase("a.example/?a=1&amp;copy=2", "https://a.example/?a=1&copy=2")]
    [TestCase("&nbsp;https://a.example/", "https://a.example/")]
    public void TryShape_DecodesEntities_InAnAddress(string written, string expected) => ExpectUrl(written, expected, "url_entities_decoded");

    [TestCase("https://a.example/?a=1&b=2")]
    [TestCase("https://a.example/?a=1&copy=1")]
    [TestCase("https://a.example/?a=1&lt=5")]
    [TestCase("https://a.example/?a=1&reg=eu")]
    [TestCase("https://a.example/?a=1&amp=2")]
    [TestCase("https://a.example/?page=1&copy=2;mode=x")]
    [TestCase("https://a.example/?a=1&times=2&para=1&order=3;not=4")]
    [TestCase("https://a.example/a;b&c;d")]
    [TestCase("https://a.example/?a=1&currency=GBP")]
    public void TryShape_LeavesAnAddress_WithoutWholeEntities(string written) => ExpectUrl(written, written, "");

    [TestCase("https://a.example/?a=1&#10;b", "url_unusable url_entities_decoded")]
    [TestCase("https://a.example/?q=&quot;x&quot;", "url_unusable url_entities_decoded")]
    [TestCase("java&#115;cript:alert(1)", "url_unusable url_entities_decoded")]
    public void TryShape_LeavesAnAddressOut_WhenItIsNoneDecoded(string written, string reasons) => ExpectUrl(written, "", reasons);

    [Test]
    public void TryShape_DecodesEntities_InEveryPartOfTheAddress()
    {
        var shaped = ShapedRow.Of(row =>
        {
            row.Country = Rows.Utf8("C&ocirc;te d&#39;Ivoire");
            row.Locality = Rows.Utf8("Grand&#45;Bassam");
            row.Region = Rows.Utf8("Como&eacute;");
            row.PostalCode = Rows.Utf8("01&nbsp;BP");
            row.StreetAddress = Rows.Utf8("Rue &amp; Quai");
        });

        Assert.That((shaped.Country, ShapedRow.Text(shaped.Row.Locality), shaped.Region, shaped.PostalCode, shaped.StreetAddress), Is.EqualTo(("CI", "Grand-Bassam", "Comoé", "01\u00A0BP", "Rue & Quai")));
        Assert.That(shaped.Reasons.Split(' '), Is.EquivalentTo(new[] { "country", "locality", "region", "postal_code", "street_address" }.Select(field => $"{field}_entities_decoded")));
    }

    [TestCase("Trinidad &amp; Tobago", "TT")]
    [TestCase("U&#46;S&#46;", "US")]
    public void TryShape_ReadsACountry_WithEntities(string written, string code) => Assert.That(ShapedRow.Of(row => row.Country = Rows.Utf8(written)).Country, Is.EqualTo(code));

    [TestCase("eacute")]
    [TestCase("Ccaron")]
    [TestCase("sol")]
    public void Table_HasTheNamesOfHtml(string name)
    {
        using var table = new StreamReader(typeof(Countries).Assembly.GetManifestResourceStream("html-entities.csv")!);
        var lines = table.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1).ToList();

        Assert.That(lines, Has.Count.EqualTo(2032).And.All.Matches("^[A-Za-z0-9]{2,31};[0-9A-F]{1,5}$").And.Some.StartsWith($"{name};"));
        foreach (var cells in lines.Select(line => line.Split(';')))
        {
            Assert.That(int.Parse(cells[1], System.Globalization.NumberStyles.HexNumber) >= 0x10000 ? 4 : 3, Is.LessThanOrEqualTo(cells[0].Length + 2), "nothing grows");
        }
    }

    [Test]
    public void TryShape_Decodes_HoweverDeepItIsNested()
    {
        var shaped = ShapedRow.Of(row => row.Name = Rows.Utf8("A &" + string.Concat(Enumerable.Repeat("amp;", 500_000)) + " B"));

        Assert.That((shaped.Name, shaped.Reasons), Is.EqualTo(("A & B", "name_entities_decoded")));
    }

    [Test]
    public void TryShape_DecodesEveryNumber()
    {
        // Of controls and noncharacters nothing is left, of half a surrogate pair all.
        foreach (var number in Enumerable.Range(0, 0x3000).Append(0xD800).Append(0x10FFFF))
        {
            var shaped = ShapedRow.Of(row => row.Name = Rows.Utf8($"x&#{number};x"));
            Assert.That(shaped.Name, number == 0xD800 ? Is.EqualTo("x&#55296;x") : Has.Length.LessThanOrEqualTo(4).And.Not.Contains("#;"), $"{number}");
        }
    }

    private static void ExpectUrl(string written, string url, string reasons)
    {
        var shaped = ShapedRow.Of(row => row.Url = Rows.Utf8(written));

        Assert.That((shaped.IsAccepted, shaped.Url, shaped.Reasons), Is.EqualTo((true, url, reasons)));
    }
}
