using System.Text.Json;
using System.Text.Unicode;
using FacilityFeed.Domain.Storing;

namespace FacilityFeed.Domain.Publishing;

/// <summary>Reads a manifest and says all that is wrong with it at once, where <see cref="Manifest.Parse"/> stops at the first.</summary>
/// <param name="name">Its name in the store.</param>
/// <param name="now">The time, by which the future is told.</param>
/// <param name="verdict">Told what is wrong.</param>
internal sealed class ManifestExam(string name, DateTimeOffset now, FeedVerdict verdict)
{
    private const string Timestamp = "generation_timestamp";
    private const string Name = "name";
    private const string List = "data_file";

    private static readonly string[] _members = [Timestamp, Name, List];
    private static readonly DateTimeOffset _earliest = new(2001, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <returns>What can be used of it: null unless it has a name, a timestamp and a file.</returns>
    public Manifest? Read(byte[] utf8)
    {
        if (utf8 is [0xEF, 0xBB, 0xBF, ..])
        {
            return Refuse("manifest_byte_order_mark", "it begins with a byte order mark");
        }

        if (!Utf8.IsValid(utf8))
        {
            return Refuse("manifest_not_utf8", "it has text that is not UTF-8");
        }

        try
        {
            using var document = JsonDocument.Parse(utf8);
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? ReadMembers(document.RootElement)
                : Refuse("manifest_broken", "it is not a JSON object");
        }
        catch (Exception broken) when (broken is JsonException or InvalidOperationException)
        {
            return Refuse("manifest_broken", $"it is not JSON of the right shape ({ShownValue.Of(broken.Message)})");
        }
    }

    private Manifest? ReadMembers(JsonElement root)
    {
        var members = root.EnumerateObject().GroupBy(member => member.Name, member => member.Value, StringComparer.Ordinal).ToDictionary(group => group.Key, group => group.ToList());
        foreach (var unknown in members.Keys.Except(_members))
        {
            Complain("manifest_member_unknown", $"it has the unknown member '{ShownValue.Of(unknown)}'");
        }

        foreach (var missing in _members.Except(members.Keys))
        {
            Complain("manifest_member_missing", $"it has no member {missing}");
        }

        foreach (var twice in _members.Where(member => members.TryGetValue(member, out var values) && values.Count > 1))
        {
            Complain("manifest_member_twice", $"it has the member {twice} {Counted.Of(members[twice].Count, "time")}");
        }

        JsonElement? Value(string member) => members.TryGetValue(member, out var values) ? values[^1] : null;
        var generation = Value(Timestamp) is { } timestamp ? ReadTimestamp(timestamp) : null;
        var feed = Value(Name) is { } text ? ReadName(text) : null;
        var files = Value(List) is { } list ? ReadFiles(list) : [];
        return generation is { } seconds && feed is not null && files.Count > 0 ? new Manifest(seconds, feed, files) : null;
    }

    private long? ReadTimestamp(JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Number || !value.TryGetInt64(out var seconds))
        {
            Complain("manifest_member_type", $"{Timestamp} is {Shown(value)}, but must be a JSON number of whole Unix seconds");
            return null;
        }

        var latest = now.AddDays(1);
        if (seconds < _earliest.ToUnixTimeSeconds() || seconds > latest.ToUnixTimeSeconds())
        {
            var isMilliseconds = seconds / 1000 is var inSeconds && inSeconds >= _earliest.ToUnixTimeSeconds() && inSeconds <= latest.ToUnixTimeSeconds();
            Complain("manifest_timestamp_range", $"{Timestamp} is {seconds}, {(isMilliseconds ? "which looks like milliseconds: it must be Unix seconds" : $"but must be Unix seconds between {_earliest:yyyy-MM-dd} and {latest:yyyy-MM-dd}")}");
        }

        return seconds;
    }

    private string? ReadName(JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.String)
        {
            Complain("manifest_member_type", $"{Name} is {Shown(value)}, but must be a JSON string");
            return null;
        }

        if (value.GetString() is not { Length: > 0 } text)
        {
            Complain("manifest_name_empty", $"{Name} is empty");
            return null;
        }

        if (!ObjectNames.IsFeedName(text))
        {
            Complain("manifest_name_unfit", $"{Name} '{ShownValue.Of(text)}' is no feed's name: {Manifest.FeedNameRule}");
        }

        return text;
    }

    private List<string> ReadFiles(JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Array)
        {
            Complain("manifest_member_type", $"{List} is {Shown(value)}, but must be a JSON array of strings");
            return [];
        }

        if (value.GetArrayLength() == 0)
        {
            Complain("manifest_list_empty", $"{List} is empty");
        }

        var files = new List<string>();
        var known = new HashSet<string>(StringComparer.Ordinal);
        foreach (var entry in value.EnumerateArray())
        {
            if (entry.ValueKind != JsonValueKind.String)
            {
                Complain("manifest_member_type", $"{List} has the entry {Shown(entry)}, but must hold JSON strings");
            }
            else if (entry.GetString()! is var file && !ObjectNames.IsObjectName(file))
            {
                Complain("manifest_file_not_relative", $"{List} '{ShownValue.Of(file)}' is not a relative name of an object beside it");
            }
            else if (!known.Add(file))
            {
                Complain("manifest_file_twice", $"{List} names {file} more than once");
            }
            else
            {
                files.Add(file);
            }
        }

        return files;
    }

    private Manifest? Refuse(string code, string why)
    {
        Complain(code, why);
        return null;
    }

    private void Complain(string code, string why) => verdict.Problem(code, name, $"{name} is not a manifest: {why}");

    private static string Shown(JsonElement value) => ShownValue.Of(value.GetRawText());
}
