using FacilityFeed.Domain.Reading;

namespace FacilityFeed.Infrastructure.Reading;

/// <summary>Which column types of MySQL and MariaDB can be read as what.</summary>
internal static class MySqlTypes
{
    /// <summary>The type of a view's column that is NULL in every row.</summary>
    public const string Nothing = "null";

    /// <summary>The only key type with values that do not fit 64 bits with a sign.</summary>
    public const string LargestKey = "bigint unsigned";

    private const string Unsigned = " unsigned";

    private static readonly string[] _integers = ["tinyint", "smallint", "mediumint", "int", "bigint"];

    private static readonly string[] _numbers = [.. _integers, "decimal", "float", "double"];

    private static readonly string[] _texts = ["char", "varchar", "tinytext", "text", "mediumtext", "longtext", "enum"];

    /// <summary>Bytes in no character set; the driver and the server would both make something of them.</summary>
    private static readonly string[] _bytes =
    [
        "binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob", "bit", "vector",
        "geometry", "point", "linestring", "polygon", "multipoint", "multilinestring", "multipolygon", "geometrycollection", "geomcollection",
    ];

    public static IEnumerable<string> Keys => [.. _integers, .. _integers.Select(type => type + Unsigned)];

    /// <summary>Text is parsed here, for the server itself would silently make 0 of what is no number.</summary>
    public static bool IsParsed(string type) => _texts.Contains(type);

    public static bool IsReadable(string column, string type) => type == Nothing
        || (FacilityColumns.IsCoordinate(column) ? IsParsed(type) || _numbers.Contains(Bare(type)) : !_bytes.Contains(type));

    private static string Bare(string type) => type.Replace(Unsigned, "", StringComparison.Ordinal);
}
