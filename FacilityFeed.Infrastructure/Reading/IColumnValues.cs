namespace FacilityFeed.Infrastructure.Reading;

/// <summary>The values of the row that a reader stands at, by the column's place; valid until it goes on.</summary>
internal interface IColumnValues
{
    long Int64(int column);

    /// <summary>Null for NULL.</summary>
    double? Double(int column);

    /// <summary>UTF-8; empty for NULL.</summary>
    ReadOnlyMemory<byte> Bytes(int column);
}
