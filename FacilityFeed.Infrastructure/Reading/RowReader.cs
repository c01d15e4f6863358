using FacilityFeed.Domain.Reading;

namespace FacilityFeed.Infrastructure.Reading;

/// <summary>Fills one row again and again from the values that an engine's reader stands at.</summary>
internal sealed class RowReader(SourceTable table, IColumnValues values)
{
    private readonly ColumnForm?[] _forms = [.. table.Columns.Select(column => column.Form)];
    private readonly FacilityRow _row = new();

    public FacilityRow Read()
    {
        _row.Unusable.Clear();
        _row.Id = values.Int64(0);
        _row.Name = Text(1);
        _row.Phone = Text(2);
        _row.Url = Text(3);
        _row.Latitude = Degrees(4);
        _row.Longitude = Degrees(5);
        _row.Country = Text(6);
        _row.Locality = Text(7);
        _row.Region = Text(8);
        _row.PostalCode = Text(9);
        _row.StreetAddress = Text(10);
        return _row;
    }

    private ReadOnlyMemory<byte> Text(int column)
    {
        var value = values.Bytes(column);
        return _forms[column] == ColumnForm.Text || value.IsEmpty || JsonScalar.TryRead(value, out value) ? value : WithoutValue(column);
    }

    private double? Degrees(int column)
    {
        if (_forms[column] == ColumnForm.Float)
        {
            return values.Double(column);
        }

        var text = Text(column);
        if (Domain.Reading.Degrees.TryParse(text.Span, out var degrees))
        {
            return degrees;
        }

        _row.Unusable.Add(new UnusableValue(table.Columns[column].Name, text));
        return null;
    }

    private ReadOnlyMemory<byte> WithoutValue(int column)
    {
        _row.Unusable.Add(new UnusableValue(table.Columns[column].Name, values.Bytes(column)));
        return default;
    }
}
