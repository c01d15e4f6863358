using System.Globalization;
using System.Text;
using FacilityFeed.Domain.Reading;
using MySqlConnector;

namespace FacilityFeed.Infrastructure.Reading;

/// <summary>Copies row after row into one buffer that grows only to the largest row. What it returns is valid until the next row.</summary>
/// <param name="refusal">Says what cannot be read.</param>
/// <param name="isDouble">Whether a coordinate comes as a number; it comes as text otherwise.</param>
internal sealed class MySqlRow(SourceRefusal refusal, Func<string, bool> isDouble)
{
    private const int FirstBufferBytes = 4 * 1024;

    private readonly bool[] _isBytes = [.. FacilityColumns.All.Select(column => column != FacilityColumns.Key && !isDouble(column))];
    private readonly int[] _lengths = new int[FacilityColumns.All.Count];
    private readonly ReadOnlyMemory<byte>[] _bytes = new ReadOnlyMemory<byte>[FacilityColumns.All.Count];
    private readonly FacilityRow _row = new();
    private byte[] _buffer = new byte[FirstBufferBytes];

    public FacilityRow Read(MySqlDataReader reader)
    {
        CopyBytes(reader);
        _row.Id = reader.GetInt64(0);
        _row.Name = _bytes[1];
        _row.Phone = _bytes[2];
        _row.Url = _bytes[3];
        _row.Latitude = Degrees(reader, 4);
        _row.Longitude = Degrees(reader, 5);
        _row.Country = _bytes[6];
        _row.Locality = _bytes[7];
        _row.Region = _bytes[8];
        _row.PostalCode = _bytes[9];
        _row.StreetAddress = _bytes[10];
        return _row;
    }

    private void CopyBytes(MySqlDataReader reader)
    {
        var total = 0;
        for (var column = 0; column < _lengths.Length; column++)
        {
            _lengths[column] = _isBytes[column] && !reader.IsDBNull(column) ? (int)reader.GetBytes(column, 0, null, 0, 0) : 0;
            total += _lengths[column];
        }

        if (total > _buffer.Length)
        {
            _buffer = new byte[Math.Max(total, _buffer.Length * 2)];
        }

        var at = 0;
        for (var column = 0; column < _lengths.Length; column++)
        {
            var length = _lengths[column];
            if (length > 0)
            {
                reader.GetBytes(column, 0, _buffer, at, length);
            }

            _bytes[column] = _buffer.AsMemory(at, length);
            at += length;
        }
    }

    private double? Degrees(MySqlDataReader reader, int column) =>
        reader.IsDBNull(column) ? null : _isBytes[column] ? Parse(column, _bytes[column].Span) : reader.GetDouble(column);

    /// <summary>Takes what PostgreSQL takes for a number, and refuses the same.</summary>
    private double Parse(int column, ReadOnlySpan<byte> text)
    {
        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var degrees) && (!double.IsInfinity(degrees) || text.IndexOfAnyInRange((byte)'0', (byte)'9') < 0))
        {
            return degrees;
        }

        var value = Encoding.UTF8.GetString(text);
        throw refusal.NoNumber(_row.Id, FacilityColumns.All[column], (value.Length > SourceRefusal.Shown ? value[..SourceRefusal.Shown] : value).ReplaceLineEndings(" "));
    }
}
