using System.Text;
using FacilityFeed.Domain.Reading;
using FacilityFeed.Domain.Shaping;
using FacilityFeed.Tests.Support;

namespace FacilityFeed.Tests.Shaping;

/// <summary>One row, strictly shaped, and what was said of it.</summary>
internal sealed record ShapedRow(bool IsAccepted, FacilityRow Row, ShapingTally Tally)
{
    public string Name => Text(Row.Name);

    public string Country => Text(Row.Country);

    public string Region => Text(Row.Region);

    public string PostalCode => Text(Row.PostalCode);

    public string StreetAddress => Text(Row.StreetAddress);

    public string Phone => Text(Row.Phone);

    public string Url => Text(Row.Url);

    /// <summary>Reason codes, those of the warnings or the one of the reject; not that a code of Cologne is none of another country's, when the test left it there.</summary>
    public string Reasons => string.Join(' ', Tally.Counts.Select(count => count.Reason).Where(reason => !HasFullRowsPostalCode || reason != "postal_code_unexpected"));

    private bool HasFullRowsPostalCode { get; init; }

    /// <summary>A complete row in which <paramref name="change"/> changed something.</summary>
    public static ShapedRow Of(Action<FacilityRow> change)
    {
        var row = Rows.Full(7);
        var postalCode = row.PostalCode;
        change(row);
        var isLeft = row.PostalCode.Equals(postalCode);
        return Of(row) with { HasFullRowsPostalCode = isLeft };
    }

    public static ShapedRow Of(FacilityRow row)
    {
        var tally = new ShapingTally();
        return new ShapedRow(new FacilityShaper(Validation.Strict).TryShape(row, tally), row, tally);
    }

    /// <summary>Asserts what becomes of a telephone number.</summary>
    public static void ExpectPhone(string written, string country, string phone, string reasons)
    {
        var shaped = Of(row => (row.Phone, row.Country) = (Rows.Utf8(written), Rows.Utf8(country)));

        Assert.That((shaped.IsAccepted, shaped.Phone, shaped.Reasons), Is.EqualTo((true, phone, reasons)));
    }

    public static string Text(ReadOnlyMemory<byte> utf8) => Encoding.UTF8.GetString(utf8.Span);
}
