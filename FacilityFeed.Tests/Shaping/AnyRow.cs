using System.Text;
using CsCheck;
using FacilityFeed.Domain.Reading;

namespace FacilityFeed.Tests.Shaping;

/// <summary>Rows as sources have them: right, nearly right, and anything at all.</summary>
internal static class AnyRow
{
    private static readonly Gen<string> _pieces = Gen.OneOf(
        "a", "Bar", "ö", "é", "酒", "🧘", "’", "-", ".", "/", "@", ":", "%", "%2", "#", "?", "[", "&", "1", "0", "+", " ", "  ", "\t", "\r\n", "\u00A0", "\u3000", "\u2028", "\u0085",
        "\u0000", "\u001B", "\u007F", "\u0092", "\u061C", "\u200B", "\u200D", "\u200E", "\u202E", "\u2066", "\u2069", "\uFEFF", "\uFFFE", "\uFDD0", "\uFFFD", "\u0301", "www.", ".com", "amp;", "&amp;", "&#39;", "&#0;", "#8238;", ";", "n/a", "\u3164", "\u034F", "http://", "https://", "ｅ");

    private static readonly Gen<byte[]> _text = Gen.OneOf(
        _pieces.Array[0, 8].Select(pieces => Encoding.UTF8.GetBytes(string.Concat(pieces))),
        Gen.Byte.Array[0, 12],
        Gen.Const(Encoding.UTF8.GetBytes(new string('x', 1_001))));

    private static readonly Gen<byte[]> _phone = Gen.OneOf(
        Some("+15127359343", "5127359343", "1-512-735-9343", "(512) 735-9343 ext. 3", "020 7946 0958", "0049 30 12345678", "+49 (0)30 12345678", "+4930", "+7 800 555 35 35", "n/a"),
        Gen.Char["+0123456789 ()-x"].Array[0, 20].Select(characters => Encoding.UTF8.GetBytes(characters)),
        _text);

    private static readonly Gen<byte[]> _url = Gen.OneOf(
        Some("https://a.example/x?y=z", "http://a.example", "www.example.com", "Http://bücher.example/ä", "https://a.example/100%", "example.com:80", "ftp://a.example", "http://", "http://a.example/[1]|2"),
        _pieces.Array[0, 6].Select(pieces => Encoding.UTF8.GetBytes("https://a.example/" + string.Concat(pieces))),
        _pieces.Array[0, 4].Select(pieces => Encoding.UTF8.GetBytes("http://a" + string.Concat(pieces) + ".example/x")),
        _text);

    private static readonly Gen<double?> _degrees = Gen.OneOf(
        Gen.Double[-200, 200].Select(degrees => (double?)degrees),
        Gen.OneOf<double?>(null, 0, -0.0, 90, -90, 180, -180, double.NaN, double.PositiveInfinity, double.MaxValue));

    public static Gen<FacilityRow> Rows { get; } =
        from name in Mostly("Café Zürich", "(405) Brewing Co", " Joe's ")
        from country in Mostly("US", "DE", "United States", "u.k.", "the Netherlands", "AE", "Türkiye", "Korea, Republic of")
        from locality in Mostly("Norman", "Köln")
        from region in Mostly("Oklahoma", "")
        from postalCode in Mostly("73069-8224", "50667.0", "2139", "13164-", "D-10115", "")
        from streetAddress in Mostly("1716 Topeka St", "Torstraße 1")
        from phone in _phone
        from url in _url
        from latitude in _degrees
        from longitude in _degrees
        select new FacilityRow
        {
            Name = name,
            Country = country,
            Locality = locality,
            Region = region,
            PostalCode = postalCode,
            StreetAddress = streetAddress,
            Phone = phone,
            Url = url,
            Latitude = latitude,
            Longitude = longitude,
        };

    private static Gen<byte[]> Some(params string[] texts) => Gen.OneOf(texts).Select(Encoding.UTF8.GetBytes);

    private static Gen<byte[]> Mostly(params string[] texts) => Gen.Frequency((8, Some(texts)), (1, _text));
}
