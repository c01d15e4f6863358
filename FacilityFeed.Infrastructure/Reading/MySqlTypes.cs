using FacilityFeed.Domain.Reading;

namespace FacilityFeed.Infrastructure.Reading;

/// <summary>Which column types of MySQL and MariaDB can be read as what: the kinds that <see cref="PostgresTypes"/> has, as far as they exist here.</summary>
internal static class MySqlTypes
{
    /// <summary>The type of a view's column that is NULL in every row.</summary>
    public const string Nothing = "null";

    /// <summary>MySQL's type, and text that MariaDB knows for JSON.</summary>
    public const string Json = "json";

    /// <summary>The only key type with values that do not fit 64 bits with a sign.</summary>
    public const string LargestKey = "bigint unsigned";

    private const string Unsigned = " unsigned";

    private static readonly string[] _integers = ["tinyint", "smallint", "mediumint", "int", "bigint"];

    private static readonly string[] _numbers = [.. _integers, "decimal", "float", "double"];

    private static readonly string[] _texts = ["char", "varchar", "tinytext", "text", "mediumtext", "longtext", "enum"];

    /// <summary>Null for a type that cannot be read.</summary>
    public static ColumnForm? FormOf(string column, string type) =>
        column == FacilityColumns.Key ? (_integers.Contains(Bare(type)) ? ColumnForm.Integer : null)
        : FacilityColumns.IsCoordinate(column) ? (type == Nothing || _numbers.Contains(Bare(type)) ? ColumnForm.Float : FormOfText(type))
        : type is Nothing or "uuid" || _numbers.Contains(Bare(type)) ? ColumnForm.Text
        : FormOfText(type);

    // Text in a coordinate is parsed here, for the server itself would silently make 0 of what is no number.
    private static ColumnForm? FormOfText(string type) => type == Json ? ColumnForm.Json : IsText(type) ? ColumnForm.Text : null;

    /// <summary>Whether values are text, which on MariaDB may be JSON.</summary>
    public static bool IsText(string type) => _texts.Contains(type);

    private static string Bare(string type) => type.Replace(Unsigned, "", StringComparison.Ordinal);
}
