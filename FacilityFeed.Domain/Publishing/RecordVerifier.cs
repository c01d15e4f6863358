using System.Text.Json;
using FacilityFeed.Domain.Writing;

namespace FacilityFeed.Domain.Publishing;

/// <summary>Looks at each record of a feed, from its first to its last: the partner's rules, and ids that rise.</summary>
/// <param name="feedName">The manifest's name: the partner's own name of a feed tells its format.</param>
/// <param name="verdict">Told what is wrong.</param>
internal sealed class RecordVerifier(string feedName, FeedVerdict verdict)
{
    private static readonly JsonDocumentOptions _strict = new() { AllowDuplicateProperties = false };

    private readonly KeyOrder _order = new();
    private RecordCheck? _check = FeedFormats.All.FirstOrDefault(format => format.PartnerName == feedName)?.Check;

    public void Verify(string file, ShardReader reader)
    {
        CheckRules(file, reader);
        if (reader.EntityId is { Length: > 0 } id)
        {
            CheckId(file, id, reader.Records);
        }
    }

    private void CheckRules(string file, ShardReader reader)
    {
        var (number, id) = (reader.Records, reader.EntityId);
        void Report(string code, string sentence) => Add(FindingSeverity.Problem, $"record_rule:{code}", file, $"{file} record {number}{Named(id)}: {sentence}", number, id);
        try
        {
            using var document = JsonDocument.Parse(reader.Record, _strict);
            _check ??= ChooseBy(document.RootElement);
            _check(document.RootElement, Report);
        }
        catch (JsonException)
        {
            // All else that JSON asks for was seen to by the reader.
            Report("member_twice", "one of its members is there twice");
        }
    }

    /// <summary>A feed with a name of its own is of the format whose rules its first record breaks least.</summary>
    private static RecordCheck ChooseBy(JsonElement record) => FeedFormats.All.MinBy(format => CountBroken(format.Check, record))!.Check;

    private static int CountBroken(RecordCheck check, JsonElement record)
    {
        var broken = 0;
        check(record, (_, _) => broken++);
        return broken;
    }

    private void CheckId(string file, string id, long number)
    {
        if (!id.All(character => char.IsAsciiLetterOrDigit(character) || character is '-' or '.' or '_' or '~'))
        {
            Add(FindingSeverity.Note, "entity_id_not_url_safe", file, $"{file} has entity_id '{ShownValue.Of(id)}' with characters that are not URL-safe, which the partner advises against", number, id);
        }

        var previous = _order.Last;
        var (code, what) = _order.Take(id, file) switch
        {
            KeyStep.NoKey => ("entity_id_no_key", "which is not a key"),
            KeyStep.OtherPrefix => ("entity_id_prefix_differs", $"which begins otherwise than those before it, as '{ShownValue.Of(previous.Id)}' (in {previous.File})"),
            KeyStep.Twice => ("entity_id_twice", $"which is in the feed already (in {_order.FindShard(id)})"),
            KeyStep.Late => ("entity_id_late", $"after '{ShownValue.Of(previous.Id)}' (in {previous.File}){Among(id)}: a record is there twice, or shards were swapped"),
            _ => ("", ""),
        };
        if (code.Length > 0)
        {
            Add(FindingSeverity.Problem, code, file, $"{file} has entity_id '{ShownValue.Of(id)}', {what}", number, id);
        }
    }

    private string Among(string id) => _order.FindShard(id) is { } shard ? $", with its place among those of {shard}" : "";

    private void Add(FindingSeverity severity, string code, string file, string message, long number, string? id) =>
        verdict.Add(new FeedFinding(severity, code, file, message) { Record = number, EntityId = id });

    private static string Named(string? id) => string.IsNullOrEmpty(id) ? "" : $" (entity_id '{ShownValue.Of(id)}')";
}
