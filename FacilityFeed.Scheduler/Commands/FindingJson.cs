using System.Text.Encodings.Web;
using System.Text.Json;
using FacilityFeed.Scheduler.Diagnosing;

namespace FacilityFeed.Scheduler.Commands;

/// <summary>What <c>doctor --json</c> answers: an object a line for each finding, and one for the whole. The member names are part of the command's contract.</summary>
internal static class FindingJson
{
    // Read on a terminal too: + and ' stay as they are. It never goes into a page.
    private static readonly JsonSerializerOptions _json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Of(Finding finding) => JsonSerializer.Serialize(new { Severity = Word(finding.Severity), finding.Subject, Message = finding.Text.ReplaceLineEndings(" ") }, _json);

    public static string Of(IReadOnlyList<Finding> all)
    {
        var (ok, warnings, errors) = (Count(all, Severity.Ok), Count(all, Severity.Warning), Count(all, Severity.Error));
        return JsonSerializer.Serialize(new { Result = errors == 0 ? "ok" : "not ok", Ok = ok, Warnings = warnings, Errors = errors }, _json);
    }

    private static int Count(IReadOnlyList<Finding> all, Severity severity) => all.Count(finding => finding.Severity == severity);

    private static string Word(Severity severity) => severity.ToString().ToLowerInvariant();
}
