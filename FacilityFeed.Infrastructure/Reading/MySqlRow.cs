using MySqlConnector;

namespace FacilityFeed.Infrastructure.Reading;

/// <summary>Copies row after row into one buffer that grows only to the largest row. What it returns is valid until the next row.</summary>
internal sealed class MySqlRow(MySqlDataReader reader, SourceTable table) : IColumnValues
{
    private const int FirstBufferBytes = 4 * 1024;

    private readonly bool[] _isBytes = [.. table.Columns.Select(column => column.Form is ColumnForm.Text or ColumnForm.Json)];
    private readonly int[] _lengths = new int[table.Columns.Count];
    private readonly ReadOnlyMemory<byte>[] _bytes = new ReadOnlyMemory<byte>[table.Columns.Count];
    private byte[] _buffer = new byte[FirstBufferBytes];

    public ReadOnlyMemory<byte> Bytes(int column) => _bytes[column];

    public long Int64(int column) => reader.GetInt64(column);

    public double? Double(int column) => reader.IsDBNull(column) ? null : reader.GetDouble(column);

    /// <summary>Takes the row that the reader stands at.</summary>
    public void Copy()
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
}
