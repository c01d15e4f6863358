using System.Text;
using System.Text.Json;
using CsCheck;
using FacilityFeed.Domain.Reading;
using FacilityFeed.Domain.Shaping;
using FacilityFeed.Domain.Writing;
using FacilityFeed.Tests.Support;

namespace FacilityFeed.Tests.Writing;

/// <summary>Two pieces of code know the partner's rules, one that makes records and one that verifies them: they must agree.</summary>
public sealed class ShapedRecordsTests
{
    private static readonly Gen<string> _piece = Gen.OneOf(
        Gen.String,
        OneOf("", " ", "\t", "\r\n", "\u00A0", "\u200B", "\u202E", "\u2028", "\uFEFF", "\u0007", "\u007F", "Studio", "ü", "👩‍🍳", "1"));

    private static readonly Gen<string> _text = _piece.Array[0, 3].Select(pieces => string.Concat(pieces));

    private static readonly Gen<string> _phone = Gen.OneOf(_text, OneOf("+49 30 1000000", "030 1000000", "(212) 555-0123", "0049301000000", "212-555-0123 ext. 5", "+", "00"));

    private static readonly Gen<string> _url = Gen.Select(
        OneOf("", "http://", "HTTPS://", "//", "ftp://", "https:", "mailto:"),
        OneOf("a.example", "www.a.example", "bücher.example", "a", "a..example", "1.2.3.4", "999.1.1.1", "a.example:80", "a.example:99999", "u@a.example", "a_b.example", "-a.example", "a.example.",
            "a.example.:80", "Ünye.bel.tr", "כתובת1.co.il", "☕.example", "xn--a.example", "r3---sn.example", "b%C3%BCcher.example", "a。example", "ａ.example", "نامه\u200Cای.com"),
        Gen.OneOf(_text, OneOf("", "/", "/%", "/%41", "/a b", "/ü?x=ü#ü#", "/#a#b", "/a|b[1]{2}", "/,https://b.example", "?q", "\\")),
        (scheme, host, rest) => scheme + host + rest);

    private static readonly Gen<double?> _degrees = Gen.OneOf(Gen.Double, Gen.Double[-200, 200], OneOf(0d, -0d, 90, -180, double.NaN)).Select(Gen.Bool, (degrees, isThere) => isThere ? degrees : (double?)null);

    private static readonly Gen<FacilityRow> _row = Gen.Select(
        Gen.Select(Gen.Long, OneOf("DE", "US", "AE", "HK", "us ", "Germany", "USA", "England", "XX"), _text),
        Gen.Select(_phone, _url),
        Gen.Select(_degrees, _degrees),
        Gen.Select(_text, _text, _text, _text),
        (head, contact, place, address) => new FacilityRow
        {
            Id = head.Item1,
            Country = Rows.Utf8(head.Item2),
            Name = Rows.Utf8(head.Item3),
            Phone = Rows.Utf8(contact.Item1),
            Url = Rows.Utf8(contact.Item2),
            Latitude = place.Item1,
            Longitude = place.Item2,
            Locality = Rows.Utf8(address.Item1),
            Region = Rows.Utf8(address.Item2),
            PostalCode = Rows.Utf8(address.Item3),
            StreetAddress = Rows.Utf8(address.Item4),
        });

    [Test]
    public void Check_FindsNothing_InWhatStrictShapingLetsThrough()
    {
        var (shaper, tally, written) = (new FacilityShaper(Validation.Strict), new ShapingTally(), 0);
        _row.Sample(row =>
        {
            if (shaper.TryShape(row, tally))
            {
                written++;
                Assert.That(Broken(Rows.Entity, EntityFormat.Check, row), Is.Empty);
                Assert.That(Broken(Rows.Action("dining", "https://example.com/{entity_id}", "f-"), ActionFormat.Check, row), Is.Empty);
            }
        }, iter: 20_000, threads: 1);

        Assert.That(written, Is.GreaterThan(1000), "many of them must be good enough");
    }

    private static List<string> Broken(FeedFormat format, RecordCheck check, FacilityRow row)
    {
        var broken = new List<string>();
        using var document = JsonDocument.Parse(Rows.ShardOf(format, Compression.None, row));
        check(document.RootElement.GetProperty("data")[0], (code, sentence) => broken.Add($"{code}: {sentence}: {Encoding.UTF8.GetString(row.Url.Span)}"));
        return broken;
    }

    private static Gen<T> OneOf<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(at => values[at]);
}
