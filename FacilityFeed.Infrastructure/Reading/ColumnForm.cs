namespace FacilityFeed.Infrastructure.Reading;

/// <summary>The form in which a column's values are asked for. Any of them may be NULL but the key.</summary>
internal enum ColumnForm
{
    /// <summary>A 64-bit integer: the key.</summary>
    Integer,

    /// <summary>A 64-bit float: a coordinate.</summary>
    Float,

    /// <summary>UTF-8 text, of a coordinate too.</summary>
    Text,

    /// <summary>UTF-8 JSON, of which a scalar is meant.</summary>
    Json,
}
