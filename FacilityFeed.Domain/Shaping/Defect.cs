using System.Text.Json;

namespace FacilityFeed.Domain.Shaping;

/// <summary>One thing that is wrong with one field of a record.</summary>
public readonly record struct Defect(FacilityField Field, Flaw Flaw)
{
    private static readonly string[] _fields = [.. Enum.GetNames<FacilityField>().Select(JsonNamingPolicy.SnakeCaseLower.ConvertName)];
    private static readonly string[] _flaws = [.. Enum.GetNames<Flaw>().Select(JsonNamingPolicy.SnakeCaseLower.ConvertName)];

    /// <summary>The field, as in <c>postal_code</c>.</summary>
    public string FieldName => _fields[(int)Field];

    /// <summary>The reason code, as in <c>postal_code_missing</c>.</summary>
    public string Code => $"{_fields[(int)Field]}_{_flaws[(int)Flaw]}";
}
