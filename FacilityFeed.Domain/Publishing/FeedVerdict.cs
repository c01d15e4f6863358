namespace FacilityFeed.Domain.Publishing;

/// <summary>What a verification found.</summary>
public sealed class FeedVerdict
{
    private readonly List<string> _problems = [];
    private readonly List<string> _notes = [];

    /// <summary>Broken promises, each a line that names the object.</summary>
    public IReadOnlyList<string> Problems => _problems;

    /// <summary>What a person should know and that breaks no promise.</summary>
    public IReadOnlyList<string> Notes => _notes;

    /// <summary>Shards read.</summary>
    public int Shards { get; internal set; }

    /// <summary>Records in them.</summary>
    public long Records { get; internal set; }

    /// <summary>Their stored bytes.</summary>
    public long Bytes { get; internal set; }

    internal void Problem(string problem) => _problems.Add(problem);

    internal void Note(string note) => _notes.Add(note);
}
