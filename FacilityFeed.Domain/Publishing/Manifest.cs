using System.Text.Json;
using FacilityFeed.Domain.Storing;

namespace FacilityFeed.Domain.Publishing;

/// <summary>
/// The descriptor that names a run's shards (<c>FilesetDescriptor</c>):
/// https://developers.google.com/actions-center/verticals/reservations/redirect/reference/tutorials/generic-sftp
/// </summary>
/// <param name="GenerationTimestamp">Unix seconds, a JSON number.</param>
/// <param name="Name">The partner's name of the feed.</param>
/// <param name="DataFiles">Shard names in chunk order, relative to the manifest, at least one, none twice.</param>
public sealed record Manifest(long GenerationTimestamp, string Name, IReadOnlyList<string> DataFiles)
{
    /// <summary>What <see cref="Name"/> must be, in words.</summary>
    internal const string FeedNameRule = "it begins the names of the shards, so it is up to 100 letters, digits, '.', '-' and '_'";

    private static readonly JsonWriterOptions _indented = new() { Indented = true, NewLine = "\n" };

    /// <summary>The manifest as UTF-8 JSON with exactly its three members; the same manifest gives the same bytes.</summary>
    public byte[] ToBytes()
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes, _indented))
        {
            json.WriteStartObject();
            json.WriteNumber("generation_timestamp", GenerationTimestamp);
            json.WriteString("name", Name);
            json.WriteStartArray("data_file");
            foreach (var file in DataFiles)
            {
                json.WriteStringValue(file);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        bytes.WriteByte((byte)'\n');
        return bytes.ToArray();
    }

    /// <summary>Reads a manifest back.</summary>
    /// <exception cref="FormatException">It is not a manifest; the message says why.</exception>
    public static Manifest Parse(ReadOnlyMemory<byte> utf8)
    {
        try
        {
            using var document = JsonDocument.Parse(utf8);
            var root = document.RootElement;
            var members = root.EnumerateObject().Select(member => member.Name).Order(StringComparer.Ordinal);
            if (!members.SequenceEqual(["data_file", "generation_timestamp", "name"]))
            {
                throw new FormatException("it must have exactly the members generation_timestamp, name and data_file");
            }

            var files = root.GetProperty("data_file").EnumerateArray().Select(file => file.GetString() ?? throw new FormatException("a data_file is null"));
            var timestamp = root.GetProperty("generation_timestamp").TryGetInt64(out var seconds) ? seconds : throw new FormatException("generation_timestamp is not a whole number of seconds");
            return Checked(new Manifest(timestamp, root.GetProperty("name").GetString() ?? "", [.. files]));
        }
        catch (Exception wrong) when (wrong is JsonException or InvalidOperationException)
        {
            // Without its cause, which quotes the text as it is: a NUL in there is more than Hangfire can keep of a failed job.
            throw new FormatException($"it is not JSON of the right shape ({ShownValue.Of(wrong.Message)})");
        }
    }

    private static Manifest Checked(Manifest manifest)
    {
        if (manifest.Name.Length == 0)
        {
            throw new FormatException("name is empty");
        }

        if (!ObjectNames.IsFeedName(manifest.Name))
        {
            throw new FormatException($"name '{ShownValue.Of(manifest.Name)}' is no feed's name: {FeedNameRule}");
        }

        if (manifest.DataFiles.Count == 0)
        {
            throw new FormatException("data_file is empty");
        }

        var doubled = manifest.DataFiles.GroupBy(file => file, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1);
        if (doubled is not null)
        {
            throw new FormatException($"data_file names {ShownValue.Of(doubled.Key)} {Counted.Of(doubled.Count(), "time")}");
        }

        return manifest.DataFiles.FirstOrDefault(file => !ObjectNames.IsObjectName(file)) is { } bad
            ? throw new FormatException($"data_file '{ShownValue.Of(bad)}' is not a relative name of an object beside it")
            : manifest;
    }
}
