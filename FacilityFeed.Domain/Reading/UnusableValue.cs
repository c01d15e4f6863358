namespace FacilityFeed.Domain.Reading;

/// <summary>A value that is not of its column's kind, so that its row has none there: JSON that is no scalar, or a coordinate that is no number.</summary>
/// <param name="Column">One of <see cref="FacilityColumns.All"/>.</param>
/// <param name="Value">What the source has, UTF-8; valid as long as its row.</param>
public readonly record struct UnusableValue(string Column, ReadOnlyMemory<byte> Value);
