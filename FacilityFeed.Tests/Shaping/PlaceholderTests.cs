using FacilityFeed.Domain;
using FacilityFeed.Domain.Reading;
using FacilityFeed.Domain.Shaping;
using FacilityFeed.Tests.Support;

namespace FacilityFeed.Tests.Shaping;

/// <summary>What stands for none is none, and said so.</summary>
public sealed class PlaceholderTests
{
    private static readonly (string Reason, Action<FacilityRow, string> Set)[] _required =
    [
        ("name_missing", (row, value) => row.Name = Rows.Utf8(value)),
        ("locality_missing", (row, value) => row.Locality = Rows.Utf8(value)),
        ("region_missing", (row, value) => (row.Country, row.Region) = (Rows.Utf8("US"), Rows.Utf8(value))),
        ("postal_code_missing", (row, value) => row.PostalCode = Rows.Utf8(value)),
        ("street_address_missing", (row, value) => row.StreetAddress = Rows.Utf8(value)),
    ];

    private static readonly (string Reason, Action<FacilityRow, string> Set)[] _optional =
    [
        ("region_placeholder", (row, value) => row.Region = Rows.Utf8(value)),
        ("postal_code_placeholder", (row, value) => (row.Country, row.PostalCode) = (Rows.Utf8("AE"), Rows.Utf8(value))),
        ("telephone_placeholder", (row, value) => row.Phone = Rows.Utf8(value)),
        ("url_placeholder", (row, value) => row.Url = Rows.Utf8(value)),
    ];

    [TestCase("N/A")]
    [TestCase("null")]
    [TestCase("-")]
    [TestCase(".")]
    [TestCase("#REF!")]
    [TestCase("TBD")]
    [TestCase("n/a")]
    [TestCase("N/a.")]
    [TestCase("n.a.")]
    [TestCase("N.A.")]
    [TestCase("N / A")]
    [TestCase("#N/A")]
    [TestCase("#n/a N/A")]
    [TestCase("(n/a)")]
    [TestCase("[N/A]")]
    [TestCase("\"N/A\"")]
    [TestCase(" N/A\t")]
    [TestCase("\u00A0N/A\u00A0")]
    [TestCase("N/\u0000A")]
    [TestCase("NULL")]
    [TestCase("Null")]
    [TestCase("(null)")]
    [TestCase("<null>")]
    [TestCase("{NULL}")]
    [TestCase("'null'")]
    [TestCase("`null`")]
    [TestCase("null null")]
    [TestCase("undefined")]
    [TestCase("undefined, undefined")]
    [TestCase("undefinednull")]
    [TestCase("[object Object]")]
    [TestCase("NaN")]
    [TestCase("\\N")]
    [TestCase("<NA>")]
    [TestCase("--None--")]
    [TestCase("-None-")]
    [TestCase("(blank)")]
    [TestCase("tbd")]
    [TestCase("TBD.")]
    [TestCase("- TBD -")]
    [TestCase("T.B.D.")]
    [TestCase("TBA")]
    [TestCase("tbc")]
    [TestCase("To Be Determined")]
    [TestCase("Unknown")]
    [TestCase("(unknown)")]
    [TestCase("Not applicable")]
    [TestCase("NOT AVAILABLE")]
    [TestCase("#VALUE!")]
    [TestCase("#name?")]
    [TestCase("#DIV/0!")]
    [TestCase("#NULL!")]
    [TestCase("#NUM!")]
    [TestCase("#SPILL!")]
    [TestCase("#BEZUG!")]
    [TestCase("#¿NOMBRE?")]
    [TestCase("#¡valor!")]
    [TestCase("#NÚM!")]
    [TestCase("#núm!")]
    [TestCase("--")]
    [TestCase("---")]
    [TestCase("----------------------------------------------------------------------")]
    [TestCase("..")]
    [TestCase("...")]
    [TestCase("…")]
    [TestCase("–")]
    [TestCase("—")]
    [TestCase("−")]
    [TestCase("－")]
    [TestCase("ー")]
    [TestCase("*")]
    [TestCase("***")]
    [TestCase("_")]
    [TestCase("/")]
    [TestCase("?")]
    [TestCase("???")]
    [TestCase("？")]
    [TestCase("!")]
    [TestCase(", ,")]
    [TestCase("\"\"")]
    [TestCase("()")]
    [TestCase("{}")]
    [TestCase("[]")]
    [TestCase("+")]
    [TestCase("=")]
    [TestCase("~")]
    [TestCase("$")]
    [TestCase("´")]
    [TestCase("×")]
    [TestCase("N&#47;A")]
    [TestCase("&#45;")]
    [TestCase("&lt;null&gt;")]
    [TestCase("-\u200B-")]
    [TestCase("Ｎ／Ａ")]
    [TestCase("N∕A")]
    [TestCase("N⁄A")]
    [TestCase("ＮＵＬＬ")]
    [TestCase("N\u200B/A")]
    [TestCase("ｎｕｌｌ")]
    [TestCase("（ＴＢＤ）")]
    [TestCase("N\u200BU\u200BL\u200BL")]
    [TestCase("＃ＲＥＦ！")]
    [TestCase("ＴＢＤ／ＴＢＤ")]
    [TestCase("null/null")]
    [TestCase("NULL,NULL")]
    [TestCase("null,null,null")]
    [TestCase("undefined null")]
    [TestCase("n.a./n.a.")]
    [TestCase("N/A, N/A")]
    [TestCase("N/A - N/A")]
    [TestCase("N/A N/A N/A")]
    [TestCase("TBD TBD")]
    [TestCase("undefined, undefined, undefined")]
    [TestCase("N/A; null")]
    [TestCase("N/A|N/A")]
    [TestCase("null & null")]
    [TestCase("TBD + TBA")]
    [TestCase("null - null - null")]
    [TestCase("(null) (null)")]
    [TestCase("(null/null)")]
    [TestCase("#REF! #REF!")]
    [TestCase("#N/A, #N/A")]
    [TestCase("not available, unknown")]
    [TestCase("To be determined / TBD")]
    [TestCase("NaN NaN")]
    [TestCase("\\N, \\N")]
    [TestCase("N/A–N/A")]
    [TestCase("N/A, -")]
    [TestCase("Err:502")]
    [TestCase("Err:508")]
    [TestCase("err:511")]
    [TestCase("#ССЫЛКА!")]
    [TestCase("#ЗНАЧ!")]
    [TestCase("#Н/Д")]
    [TestCase("#ИМЯ?")]
    [TestCase("#ДЕЛ/0!")]
    [TestCase("#ADR!")]
    [TestCase("#ARG!")]
    [TestCase("#NAZWA?")]
    [TestCase("#HODNOTA!")]
    [TestCase("#YOK")]
    [TestCase("#VÆRDI!")]
    [TestCase("#REFERENS!")]
    [TestCase("#BAŞV!")]
    [TestCase("#ΔΙΑΙΡ/0!")]
    [TestCase("#I/T")]
    [TestCase("#N/DISP")]
    [TestCase("#NENÍ_K_DISPOZICI")]
    [TestCase("#SPARKLINE!")]
    [TestCase("N&sol;A")]
    [TestCase("N&#x2215;A")]
    public void TryShape_TakesAPlaceholder_ForNone(string value)
    {
        foreach (var (reason, set) in _required)
        {
            var shaped = ShapedRow.Of(row => set(row, value));

            Assert.That((shaped.IsAccepted, shaped.Reasons), Is.EqualTo((false, reason)));
            Assert.That(shaped.Tally.Noted.Single().Value, Is.EqualTo(ShownValue.Of(value)), "the reject shows which it was");
        }

        foreach (var (reason, set) in _optional)
        {
            var shaped = ShapedRow.Of(row => set(row, value));

            Assert.That(shaped.IsAccepted);
            Assert.That(shaped.Reasons.Split(' '), Does.Contain(reason).And.None.EndsWith("unusable"));
        }
    }

    [TestCase("NA")]
    [TestCase("na")]
    [TestCase("(NA)")]
    [TestCase("Nan")]
    [TestCase("NAN")]
    [TestCase("Nan Nan")]
    [TestCase("TBD & Friends")]
    [TestCase("Null/Void")]
    [TestCase("Unknown Pleasures, Null")]
    [TestCase("N/A Bar")]
    [TestCase("TBA-Haus")]
    [TestCase("The Unknown")]
    [TestCase("Err:50")]
    [TestCase("Error:502")]
    [TestCase("Err:402")]
    [TestCase("#yolo!")]
    [TestCase("#Foodie!")]
    [TestCase("#FOOD")]
    [TestCase("#1!")]
    [TestCase("#BBQ RIBS!")]
    [TestCase("#Ref!x")]
    [TestCase("Ｎｕｌｌ島")]
    [TestCase("Ａ／Ｂ")]
    [TestCase("Nil")]
    [TestCase("S/N")]
    [TestCase("s/n")]
    [TestCase("k.A.")]
    [TestCase("xxx")]
    [TestCase("Null Island")]
    [TestCase("Café Null")]
    [TestCase("Unknown Brewing Company")]
    [TestCase("Destination Unknown Beer Company")]
    [TestCase("TBD Tavern")]
    [TestCase("The N/A Bar")]
    [TestCase("nullo")]
    [TestCase("Ref")]
    [TestCase("#ref")]
    [TestCase("Value")]
    [TestCase("#Name")]
    [TestCase("Blank")]
    [TestCase("Empty")]
    [TestCase("0")]
    [TestCase("1")]
    [TestCase("Å")]
    [TestCase("Y")]
    [TestCase("い")]
    [TestCase("№ 1")]
    [TestCase("★")]
    [TestCase("☕")]
    [TestCase("♥♥♥")]
    [TestCase("1.")]
    [TestCase("½")]
    [TestCase("Ⅷ")]
    [TestCase("\uE000")]
    [TestCase("\U000323B0")]
    public void TryShape_LeavesWhatMayBeAName(string value)
    {
        var shaped = ShapedRow.Of(row => (row.Name, row.Locality, row.Region, row.StreetAddress) = (Rows.Utf8(value), Rows.Utf8(value), Rows.Utf8(value), Rows.Utf8(value)));

        Assert.That((shaped.IsAccepted, shaped.Name, shaped.Region, shaped.Reasons), Is.EqualTo((true, value, value, "")));
    }

    [TestCase("nan")]
    [TestCase("None")]
    [TestCase("none")]
    [TestCase("NONE")]
    [TestCase("None.")]
    [TestCase("nan, nan")]
    [TestCase("None/None")]
    [TestCase("nan null")]
    public void TryShape_TakesWhatIsATownsName_ForNone_InANameAndAStreet(string value)
    {
        Assert.That(ShapedRow.Of(row => row.Name = Rows.Utf8(value)).Reasons, Is.EqualTo("name_missing"));
        Assert.That(ShapedRow.Of(row => row.StreetAddress = Rows.Utf8(value)).Reasons, Is.EqualTo("street_address_missing"));

        var town = ShapedRow.Of(row => (row.Locality, row.Region) = (Rows.Utf8(value), Rows.Utf8(value)));

        Assert.That((town.IsAccepted, ShapedRow.Text(town.Row.Locality), town.Region, town.Reasons), Is.EqualTo((true, value, value, "")));
    }

    [TestCase("!None", "None")]
    [TestCase("!nan", "nan")]
    public void TryShape_LeavesAName_ThatAFeedTookOffTheList(string off, string value)
    {
        var row = Rows.Full(1);
        row.Name = Rows.Utf8(value);

        Assert.That(new FacilityShaper(Validation.Strict, new Placeholders(off)).TryShape(row, new ShapingTally()));
    }

    [Test]
    public void TryShape_SaysNothing_OfABlankOptionalField()
    {
        var shaped = ShapedRow.Of(row => (row.Region, row.Phone, row.Url) = (Rows.Utf8("  "), Rows.Utf8("\u00A0"), Rows.Utf8("\t")));

        Assert.That((shaped.IsAccepted, shaped.Region, shaped.Phone, shaped.Url, shaped.Reasons), Is.EqualTo((true, "", "", "", "")));
    }

    [Test]
    public void TryShape_WarnsOfEachFieldOnce_WhenAllThatIsOptionalIsAPlaceholder()
    {
        var shaped = ShapedRow.Of(row => (row.Region, row.Phone, row.Url) = (Rows.Utf8("N/A"), Rows.Utf8("-"), Rows.Utf8("null")));

        Assert.That((shaped.IsAccepted, shaped.Region, shaped.Phone, shaped.Url), Is.EqualTo((true, "", "", "")));
        Assert.That(shaped.Reasons, Is.EqualTo("region_placeholder telephone_placeholder url_placeholder"));
    }

    [Test]
    public void TryShape_TakesAFeedsOwnPlaceholder_ForNoCountry()
    {
        var (shaper, tally) = (new FacilityShaper(Validation.Strict, new Placeholders("NA")), new ShapingTally());
        var row = Rows.Full(1);
        row.Country = Rows.Utf8("NA");

        Assert.That(shaper.TryShape(row, tally), Is.False);
        Assert.That(tally.Counts.Single().Reason, Is.EqualTo("country_unknown"));
    }

    [Test]
    public void TryShape_TakesAFeedsOwnPlaceholder_ForNone_WhereItWouldBeUsable()
    {
        var (shaper, tally) = (new FacilityShaper(Validation.Strict, new Placeholders("https://example.com/", "+49301000000")), new ShapingTally());
        var row = Rows.Full(1);
        row.Url = Rows.Utf8("https://EXAMPLE.com/");

        Assert.That(shaper.TryShape(row, tally));
        Assert.That((row.Phone.IsEmpty, row.Url.IsEmpty), Is.EqualTo((true, true)));
        Assert.That(tally.Counts.Select(count => count.Reason), Is.EqualTo(new[] { "telephone_placeholder", "url_placeholder" }));
    }

    [Test]
    public void TryShape_LeavesPlaceholders_WhenValidationIsOff()
    {
        var row = Rows.Full(1);
        (row.Name, row.Country, row.Locality) = (Rows.Utf8("TBD"), Rows.Utf8("N/A"), Rows.Utf8("&amp;\u3164"));

        Assert.That(new FacilityShaper(Validation.Off).TryShape(row, new ShapingTally()));
        Assert.That((ShapedRow.Text(row.Name), ShapedRow.Text(row.Country), ShapedRow.Text(row.Locality)), Is.EqualTo(("TBD", "N/A", "&amp;\u3164")));
    }
}
