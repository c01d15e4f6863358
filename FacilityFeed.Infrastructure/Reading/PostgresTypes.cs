using FacilityFeed.Domain.Reading;

namespace FacilityFeed.Infrastructure.Reading;

/// <summary>
/// Which column types of PostgreSQL can be read as what. A type is known by its kind, a domain by that of the type it is based on, at
/// any depth: a built-in type's kind is its name in <c>pg_catalog</c>, so that another schema's type of that name is something else.
/// </summary>
internal static class PostgresTypes
{
    /// <summary>The kind of every enumeration.</summary>
    public const string Enumeration = "enum";

    /// <summary>The kind of a type that its maker declared to be text, byte for byte, as <c>citext</c> is.</summary>
    public const string OtherText = "text by cast";

    private static readonly string[] _integers = ["int2", "int4", "int8"];

    private static readonly string[] _floats = [.. _integers, "float4", "float8"];

    private static readonly string[] _texts = ["text", "varchar", "bpchar", "name", Enumeration, OtherText];

    private static readonly string[] _json = ["json", "jsonb"];

    // A numeric goes as text, for the server fails a whole statement over one that a 64-bit float cannot hold.
    private const string Numeric = "numeric";

    /// <summary>Null for a type that cannot be read. Truth values and dates can not: no column of a feed is meant to be one.</summary>
    public static ColumnForm? FormOf(string column, string kind) =>
        column == FacilityColumns.Key ? (_integers.Contains(kind) ? ColumnForm.Integer : null)
        : _json.Contains(kind) ? ColumnForm.Json
        : _texts.Contains(kind) || kind == Numeric ? ColumnForm.Text
        : _floats.Contains(kind) ? (FacilityColumns.IsCoordinate(column) ? ColumnForm.Float : ColumnForm.Text)
        : kind == "uuid" && !FacilityColumns.IsCoordinate(column) ? ColumnForm.Text
        : null;
}
