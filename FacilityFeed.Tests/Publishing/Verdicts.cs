using FacilityFeed.Domain.Publishing;

namespace FacilityFeed.Tests.Publishing;

/// <summary>What a verdict says, for assertions.</summary>
internal static class Verdicts
{
    /// <summary>The problems as a person reads them.</summary>
    public static List<string> Told(FeedVerdict verdict) => [.. verdict.Problems.Select(problem => problem.Message)];

    /// <summary>The notes as a person reads them.</summary>
    public static List<string> Notes(FeedVerdict verdict) => [.. verdict.Findings.Where(finding => finding.Severity == FindingSeverity.Note).Select(note => note.Message)];

    /// <summary>The problems as a program reads them.</summary>
    public static List<string> Codes(FeedVerdict verdict) => [.. verdict.Problems.Select(problem => problem.Code)];
}
