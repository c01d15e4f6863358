using System.Text.Json;

namespace FacilityFeed.Domain.Publishing;

/// <summary>Makes records fit to be looked at by a person.</summary>
internal static class RecordSample
{
    /// <summary>Most members told of one record.</summary>
    public const int MostMembers = 10;

    public static SampleRecord Of(KeyedRecords records)
    {
        using var document = JsonDocument.Parse(records.Record);
        return new SampleRecord(ShownValue.Of(records.EntityId), Text(document.RootElement, "name") ?? Text(document.RootElement, "url") ?? "");
    }

    public static ChangedRecord Of(KeyedRecords earlier, KeyedRecords later)
    {
        using var old = JsonDocument.Parse(earlier.Record);
        using var @new = JsonDocument.Parse(later.Record);
        var (before, after) = (Flatten(old.RootElement), Flatten(@new.RootElement));
        var members = from member in after.Keys.Union(before.Keys)
                      let was = before.GetValueOrDefault(member)
                      let now = after.GetValueOrDefault(member)
                      where was != now
                      select new ChangedMember(ShownValue.Of(member), Shown(was), Shown(now));
        return new ChangedRecord(ShownValue.Of(later.EntityId), [.. members.Take(MostMembers)]);
    }

    private static string? Text(JsonElement record, string member) =>
        record.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.String ? ShownValue.Of(value.GetString()!) : null;

    private static string? Shown((JsonValueKind Kind, string Text) value) => value.Kind switch
    {
        JsonValueKind.Undefined => null,
        JsonValueKind.String => $"\"{ShownValue.Of(value.Text)}\"",
        _ => ShownValue.Of(value.Text),
    };

    /// <summary>All values in it by their path; two texts are the same whatever is escaped in them.</summary>
    private static Dictionary<string, (JsonValueKind Kind, string Text)> Flatten(JsonElement record)
    {
        var values = new Dictionary<string, (JsonValueKind, string)>(StringComparer.Ordinal);
        Flatten(record, "", values);
        return values;
    }

    private static void Flatten(JsonElement value, string path, Dictionary<string, (JsonValueKind, string)> values)
    {
        if (value.ValueKind == JsonValueKind.Object && value.GetPropertyCount() > 0)
        {
            foreach (var member in value.EnumerateObject())
            {
                Flatten(member.Value, path.Length == 0 ? member.Name : $"{path}.{member.Name}", values);
            }
        }
        else if (value.ValueKind == JsonValueKind.Array && value.GetArrayLength() > 0)
        {
            foreach (var (at, item) in value.EnumerateArray().Index())
            {
                Flatten(item, $"{path}[{at}]", values);
            }
        }
        else
        {
            values[path] = (value.ValueKind, value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText());
        }
    }
}
