using System.Text.Json;
using System.Text.Json.Serialization;
using FacilityFeed.Domain;
using FacilityFeed.Domain.Publishing;
using FacilityFeed.Scheduler.Hosting;

namespace FacilityFeed.Scheduler.Commands;

/// <summary>What <c>verify</c> answers: a line for each finding and one for the whole. The member names are part of the command's contract.</summary>
internal static class VerdictText
{
    private static readonly JsonSerializerOptions _json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    public static async Task WriteAsync(string path, FeedVerdict verdict, bool isJson)
    {
        // What is broken comes last, where a person looks.
        foreach (var finding in verdict.Findings.OrderBy(finding => finding.Severity))
        {
            await Console.Out.WriteLineAsync(isJson ? ToJson(finding) : $"{NameOf(finding.Severity)}: {PrintedText.InOneLine(finding.Message)}");
        }

        await Console.Out.WriteLineAsync(isJson ? ToJson(verdict) : ToText(path, verdict));
    }

    private static string ToJson(FeedFinding finding) => JsonSerializer.Serialize(
        new { Severity = NameOf(finding.Severity), finding.Code, Object = finding.About, finding.Record, finding.EntityId, finding.Message }, _json);

    private static string ToJson(FeedVerdict verdict) => JsonSerializer.Serialize(
        new { Result = verdict.ProblemCount == 0 ? "ok" : "not ok", verdict.Shards, verdict.Records, verdict.Bytes, Problems = verdict.ProblemCount }, _json);

    private static string ToText(string path, FeedVerdict verdict)
    {
        var result = verdict.ProblemCount == 0 ? "ok" : $"NOT OK, {Counted.Of(verdict.ProblemCount, "problem")}";
        return $"{path}: {result}: {Counted.Of(verdict.Shards, "shard")}, {Counted.Of(verdict.Records, "record")}, {Counted.Of(verdict.Bytes, "byte")}";
    }

    private static string NameOf(FindingSeverity severity) => severity == FindingSeverity.Problem ? "problem" : "note";
}
