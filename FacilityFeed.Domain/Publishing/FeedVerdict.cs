namespace FacilityFeed.Domain.Publishing;

/// <summary>What a verification found. A rule that millions of records break is told of a few times, and then how often more.</summary>
public sealed class FeedVerdict
{
    /// <summary>Most findings of one code about one object.</summary>
    public const int MostAlike = 10;

    private readonly List<FeedFinding> _findings = [];
    private readonly Dictionary<(string About, string Code), (FindingSeverity Severity, long Count)> _alike = [];

    /// <summary>Everything found, in the order of finding.</summary>
    public IReadOnlyList<FeedFinding> Findings => _findings;

    /// <summary>The broken promises among the findings.</summary>
    public IEnumerable<FeedFinding> Problems => _findings.Where(finding => finding.Severity == FindingSeverity.Problem);

    /// <summary>How often a promise is broken, those too many to be told singly among them.</summary>
    public long ProblemCount { get; private set; }

    /// <summary>Shards read.</summary>
    public int Shards { get; internal set; }

    /// <summary>Records in them.</summary>
    public long Records { get; internal set; }

    /// <summary>Their stored bytes.</summary>
    public long Bytes { get; internal set; }

    internal void Problem(string code, string about, string message) => Add(new FeedFinding(FindingSeverity.Problem, code, about, message));

    internal void Note(string code, string about, string message) => Add(new FeedFinding(FindingSeverity.Note, code, about, message));

    internal void Add(FeedFinding finding)
    {
        ProblemCount += finding.Severity == FindingSeverity.Problem ? 1 : 0;
        var count = _alike.GetValueOrDefault((finding.About, finding.Code)).Count + 1;
        _alike[(finding.About, finding.Code)] = (finding.Severity, count);
        if (count <= MostAlike)
        {
            _findings.Add(finding with { EntityId = finding.EntityId is { } id ? ShownValue.Of(id) : null });
        }
    }

    /// <summary>No more will be found of what has been looked at: says what was not told singly.</summary>
    internal void Close()
    {
        foreach (var ((about, code), (severity, count)) in _alike.Where(alike => alike.Value.Count > MostAlike))
        {
            _findings.Add(new FeedFinding(severity, code, about, $"{about} has {count - MostAlike:N0} more of these ({code})"));
        }

        _alike.Clear();
    }
}
