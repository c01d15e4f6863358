using FacilityFeed.Domain.Reading;
using FacilityFeed.Domain.Shaping.Hosts;

namespace FacilityFeed.Domain.Shaping;

/// <summary>
/// Makes of a row what the feed may hold, or says why it cannot be in it. One instance shapes one row after the other:
/// the values it puts into a row are valid until the next one.
/// </summary>
/// <param name="validation">Whether anything is done at all.</param>
/// <param name="placeholders">Values that count as none; the usual ones when not given.</param>
public sealed class FacilityShaper(Validation validation, Placeholders? placeholders = null)
{
    /// <summary>Longest name, in characters (Unicode scalar values). A longer one rejects its record: a name that was cut is a wrong one.</summary>
    public const int LongestName = 1_000;

    /// <summary>Longest part of an address, in characters. A longer one rejects its record too, or is left out where it is not needed.</summary>
    public const int LongestAddressPart = 500;

    private readonly Placeholders _placeholders = placeholders ?? Placeholders.Usual;
    private readonly RowScratch _scratch = new();
    private readonly RowWarnings _warnings = new();
    private readonly CountryMemory _countries = new();
    private IList<UnusableValue> _unusable = [];
    private (Defect Defect, ReadOnlyMemory<byte> Value) _refusal;

    /// <summary>Shapes <paramref name="row"/> in place. A rejected row stays as it came.</summary>
    /// <returns>False when it is rejected, as <paramref name="tally"/> then says.</returns>
    public bool TryShape(FacilityRow row, ShapingTally tally)
    {
        if (validation == Validation.Off)
        {
            KeepFinite(row);
            return true;
        }

        _scratch.Reset();
        _warnings.Clear();
        _unusable = row.Unusable;
        if (!TryShapeWhatIsRequired(row))
        {
            tally.Reject(row.Id, _refusal.Defect, _refusal.Value.Span);
            return false;
        }

        _warnings.TellTo(tally, row.Id);
        return true;
    }

    // JSON has no number for the others.
    private static void KeepFinite(FacilityRow row)
    {
        row.Latitude = row.Latitude is { } latitude && double.IsFinite(latitude) ? latitude : null;
        row.Longitude = row.Longitude is { } longitude && double.IsFinite(longitude) ? longitude : null;
    }

    // In the order of FacilityField, for a record is rejected once, with the first reason.
    private bool TryShapeWhatIsRequired(FacilityRow row)
    {
        if (!TryText(FacilityField.Name, row.Name, LongestName, isRequired: true, out var name)
            || !TryCountry(row.Country, out var country)
            || !TryText(FacilityField.Locality, row.Locality, LongestAddressPart, isRequired: true, out var locality)
            || !TryText(FacilityField.Region, row.Region, LongestAddressPart, country.NeedsRegion, out var region)
            || !TryText(FacilityField.PostalCode, row.PostalCode, LongestAddressPart, country.HasPostalCodes, out var postalCode)
            || !TryText(FacilityField.StreetAddress, row.StreetAddress, LongestAddressPart, isRequired: true, out var streetAddress))
        {
            return false;
        }

        row.Name = name;
        row.Country = country.Utf8;
        row.Locality = locality;
        row.Region = region;
        row.PostalCode = PostalCode(row.PostalCode, postalCode, region, country);
        row.StreetAddress = streetAddress;
        row.Phone = Telephone(row.Phone, country);
        row.Url = Url(row.Url);
        ShapeCoordinates(row);
        UnusableValues.WarnOfTexts(_unusable, _warnings);
        return true;
    }

    private bool TryText(FacilityField field, ReadOnlyMemory<byte> value, int longest, bool isRequired, out ReadOnlyMemory<byte> text)
    {
        text = RowText.Clean(field, value, _scratch, _warnings);
        if (_placeholders.Contains(text.Span, field))
        {
            text = default;
            if (!isRequired)
            {
                _warnings.Add(field, Flaw.Placeholder, value);
            }
        }

        if (text.IsEmpty)
        {
            return !isRequired || Refuse(field, Flaw.Missing, value);
        }

        if (!TextRule.IsLongerThan(text.Span, longest))
        {
            return true;
        }

        if (isRequired)
        {
            return Refuse(field, Flaw.TooLong, value);
        }

        _warnings.Add(field, Flaw.TooLong, value);
        text = default;
        return true;
    }

    private bool TryCountry(ReadOnlyMemory<byte> value, out Country country)
    {
        country = null!;
        var written = RowText.Clean(FacilityField.Country, value, _scratch, _warnings);
        if (written.IsEmpty)
        {
            return Refuse(FacilityField.Country, Flaw.Missing, value);
        }

        // No country is on the usual list, but a feed may name "NA".
        if (_placeholders.Contains(written.Span) || _countries.Find(written.Span) is not { } found)
        {
            return Refuse(FacilityField.Country, Flaw.Unknown, value);
        }

        country = found;
        return true;
    }

    private ReadOnlyMemory<byte> PostalCode(ReadOnlyMemory<byte> value, ReadOnlyMemory<byte> written, ReadOnlyMemory<byte> region, Country country)
    {
        var code = PostalCodeRule.Shape(written, region, country, out var flaw);
        if (flaw is { } wrong)
        {
            _warnings.Add(FacilityField.PostalCode, wrong, value);
        }

        return code;
    }

    private ReadOnlyMemory<byte> Telephone(ReadOnlyMemory<byte> value, Country country)
    {
        var (written, seen) = (value, value);
        if (!TextRule.IsPlain(value.Span))
        {
            written = RowText.Decode(FacilityField.Telephone, value, _scratch, _warnings);
            seen = TextRule.Clean(written, _scratch, out _);
        }

        if (_placeholders.Contains(seen.Span))
        {
            _warnings.Add(FacilityField.Telephone, Flaw.Placeholder, value);
            return default;
        }

        var number = TelephoneRule.Shape(written, country, _scratch, out var flaw);
        if (flaw is { } wrong)
        {
            _warnings.Add(FacilityField.Telephone, wrong, value);
        }

        return number;
    }

    private ReadOnlyMemory<byte> Url(ReadOnlyMemory<byte> value)
    {
        if (value.IsEmpty || (UrlRule.IsPlain(value.Span) && !HtmlEntities.MayBeIn(value.Span) && !_placeholders.Contains(value.Span)))
        {
            return value;
        }

        var written = RowText.Clean(FacilityField.Url, value, _scratch, _warnings);
        if (_placeholders.Contains(written.Span))
        {
            _warnings.Add(FacilityField.Url, Flaw.Placeholder, value);
            return default;
        }

        if (written.Length > UrlRule.Longest)
        {
            _warnings.Add(FacilityField.Url, Flaw.TooLong, value);
            return default;
        }

        var url = written.IsEmpty ? default : UrlRule.Complete(written.Span, _scratch);
        if (url.IsEmpty && !written.IsEmpty)
        {
            _warnings.Add(FacilityField.Url, Flaw.Unusable, value);
        }

        return url;
    }

    private void ShapeCoordinates(FacilityRow row)
    {
        if (CoordinatesRule.Check(row) is { } flaw)
        {
            _warnings.Add(FacilityField.Coordinates, flaw, CoordinatesRule.Shown(row));
            row.Latitude = null;
            row.Longitude = null;
        }
    }

    private bool Refuse(FacilityField field, Flaw flaw, ReadOnlyMemory<byte> value)
    {
        // What is missing may be there, but as no text.
        _refusal = UnusableValues.Find(_unusable, field) is { } unusable ? (new Defect(field, Flaw.Unusable), unusable) : (new Defect(field, flaw), value);
        return false;
    }
}
